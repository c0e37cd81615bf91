"""The command line as a user meets it; what ends a process happens in a process of its own."""

import csv
import io
import json
import math
import multiprocessing
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from itertools import islice

import pytest
import torch
from networks import make_model
from tqdm.auto import tqdm

from charrnn_helpers import Vocabulary
from charrnn_helpers.cells import CELLS, Cell
from charrnn_helpers.longtext import checkpoints, losses
from charrnn_helpers.longtext import run as run_training
from charrnn_helpers.longtext.command_line import main
from charrnn_helpers.longtext.losses import draw_curve
from charrnn_helpers.longtext.run import Outcome, in_words, train_text
from charrnn_helpers.longtext.settings import Settings
from charrnn_helpers.longtext.streams import split
from charrnn_helpers.longtext.training import StreamTraining, new_model
from charrnn_helpers.steps import rnn_step

TEXT = "the quick brown fox jumps over the lazy dog, and the dog does not mind at all.\n" * 40
KILLS = 40
SMALL = ["--hidden-size", "16", "--steps", "16", "--streams", "4", "--device", "cpu"]


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "fox.txt"
    path.write_text(TEXT)
    return path


def train(text, *options):
    return main(["train", str(text), *SMALL, *map(str, options)])


def start(*arguments, **options):
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "charrnn_helpers", *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, **pipes, **options)


def weights(path):
    tensors, _ = checkpoints.read(path)
    return {name: tensor for name, tensor in tensors.items() if name.startswith("model.")}


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_train_then_sample(text, capsys):
    assert train(text, "--epochs", 2) == 0
    out = capsys.readouterr().out
    assert "3,160 characters, 30 different ones" in out
    assert "epoch   2 of 2: " in out
    assert "bpc (bits per character) on held-out text" in out
    assert out.count(" s left") == 1  # after the first epoch, and not after the last
    network = text.with_suffix(".safetensors")
    assert main(["sample", str(network), "--length", "50", "--seed", "4", "--prompt", "the "]) == 0
    written = capsys.readouterr().out
    assert written.startswith("the ")
    assert len(written) == 4 + 50 + 1
    main(["sample", str(network), "--length", "50", "--seed", "4", "--prompt", "the "])
    assert capsys.readouterr().out == written


def test_it_takes_as_many_cores_as_it_is_told_to_and_gives_them_back(text, monkeypatch):
    taken = []

    def go(training, output, save_every):
        taken.append(torch.get_num_threads())
        return Outcome(training, output, interrupted=False)

    monkeypatch.setattr(run_training, "_go", go)
    before = torch.get_num_threads()
    for options in ([], ["--threads", "2", "--overwrite"]):
        assert train(text, *options) == 0
    assert taken == [1, 2]
    assert torch.get_num_threads() == before


def without_times(words):
    """What was said, but for how long something will take."""
    return re.sub(r"at most \d+ s left", "", words)


def test_python_has_the_same_entry(text, capsys):
    options = {"hidden_size": 16, "epochs": 2, "streams": None, "steps": 16}
    outcome = train_text(str(text), device="cpu", **options)
    assert outcome.training.finished
    assert outcome.checkpoint == text.with_suffix(".safetensors")
    assert not outcome.interrupted
    said = without_times(capsys.readouterr().out)
    python = checkpoints.read(outcome.checkpoint)
    words = ["--hidden-size", "16", "--epochs", "2", "--steps", "16", "--device", "cpu"]
    assert main(["train", str(text), "--overwrite", *words]) == 0
    assert without_times(capsys.readouterr().out) == said
    shell = checkpoints.read(outcome.checkpoint)
    assert shell[1] == python[1]
    assert all(torch.equal(shell[0][name], tensor) for name, tensor in python[0].items())


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"epoch": 3}, TypeError, "epoch"),
        ({"epochs": 0}, ValueError, "epochs must be a whole number of 1 or more, not 0"),
        ({"steps": "many"}, ValueError, "steps must be a whole number of 1 or more, not 'many'"),
        ({"cell": "lstn"}, ValueError, "lstn"),
        ({"resume": True}, checkpoints.CheckpointError, "safetensors"),
    ],
)
def test_what_python_may_not_ask_for_writes_nothing(text, given, error, words):
    with pytest.raises(error, match=words):
        train_text(text, device="cpu", **given)
    assert not text.with_suffix(".safetensors").exists()


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_every_cell_trains_and_goes_on(text, cell, capsys):
    assert train(text, "--cell", cell, "--epochs", 1) == 0
    assert f"{cell.upper()} with 16 hidden units" in capsys.readouterr().out
    assert train(text, "--resume") == 0


def test_a_cell_that_is_new_in_the_table_trains_goes_on_and_writes(text, capsys, monkeypatch):
    toy = Cell(lambda weights, x, state: (rnn_step(weights, x, state)[0] * 0.9,))
    monkeypatch.setitem(CELLS, "toy", toy)
    options = ["--cell", "toy", "--layers", 2, "--dropout", 0.1, "--weight-decay", 0.01]
    assert train(text, *options, "--epochs", 1) == 0
    assert "TOY with 2 layers of 16 hidden units" in capsys.readouterr().out
    assert train(text, "--resume", "--epochs", 2) == 0
    network = str(text.with_suffix(".safetensors"))
    capsys.readouterr()
    assert main(["sample", network, "--length", "5", "--prompt", "the", "--top-p", "0.9"]) == 0
    assert capsys.readouterr().out.startswith("the")
    assert train(text, "--cell", "elman", "--output", text.with_name("new")) == 1
    assert "must be one of 'rnn', 'gru', 'lstm', 'toy', not 'elman'" in capsys.readouterr().err


def test_many_texts_and_the_likeliest_one(text, capsys):
    train(text, "--epochs", 1)
    network = str(text.with_suffix(".safetensors"))
    capsys.readouterr()
    assert main(["sample", network, "--count", "3", "--length", "20", "--top-k", "5"]) == 0
    assert capsys.readouterr().out.count("\n---\n") == 2
    main(["sample", network, "--greedy", "--length", "20"])
    likeliest = capsys.readouterr().out
    main(["sample", network, "--greedy", "--length", "20"])
    assert capsys.readouterr().out == likeliest


def test_going_on_takes_no_other_settings(text, capsys):
    assert train(text, "--epochs", 1, "--lr", 0.01) == 0
    network = text.with_suffix(".safetensors")
    before = network.read_bytes()
    for option, there, given in [
        ("--lr", "0.01", "0.1"), ("--hidden-size", "16", "17"), ("--cell", "gru", "rnn"),
        ("--steps", "16", "8"), ("--streams", "4", "2"), ("--seed", "0", "1"),
        ("--layers", "1", "2"), ("--dropout", "0.0", "0.5"), ("--weight-decay", "0.0", "0.1"),
    ]:  # fmt: skip
        assert main(["train", str(text), "--resume", "--device", "cpu", option, given]) == 1
        err = capsys.readouterr().err
        assert f"{network} was trained with {option} {there}, and not {given}: leave it out" in err
    assert network.read_bytes() == before
    assert main(["train", str(text), "--resume", "--device", "cpu", "--lr", "0.01"]) == 0


def test_going_on_may_take_more_patience(text, capsys):
    noise = "".join(random.Random(0).choices("abcdefgh", k=2000))
    text.write_text(noise)
    assert train(text, "--epochs", 60, "--patience", 1, "--lr", 0.05) == 0
    assert "has not fallen for 1 epochs" in capsys.readouterr().out
    network = text.with_suffix(".safetensors")
    stopped = progress(network)["epoch"]
    command = ["train", str(text), "--resume", "--device", "cpu", "--patience"]
    assert main([*command, "3"]) == 0
    assert progress(network)["epoch"] > stopped
    assert main([*command, "2"]) == 1
    assert "was trained with --patience 3, and not 2" in capsys.readouterr().err


def test_layers_dropout_and_decay_are_the_same_when_taken_up_again(text, capsys):
    network = ["--layers", 2, "--dropout", 0.2, "--weight-decay", 0.01, "--cell", "lstm"]
    whole, broken = text.parent / "whole", text.parent / "broken"
    assert train(text, *network, "--epochs", 4, "--output", whole) == 0
    assert "LSTM with 2 layers of 16 hidden units" in capsys.readouterr().out
    end = StreamTraining._end_epoch

    def stop(training):
        end(training)
        if training.progress.epoch == 2:
            signal.raise_signal(signal.SIGINT)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StreamTraining, "_end_epoch", stop)
        assert train(text, *network, "--epochs", 4, "--output", broken) == 130
    assert train(text, "--resume", "--output", broken) == 0
    assert same(weights(broken), weights(whole))
    model, _ = checkpoints.load_model(broken)
    assert (model.layers, model.dropout, model.training) == (2, 0.2, False)
    capsys.readouterr()
    assert main(["sample", str(broken), "--prompt", "the", "--length", "9", "--top-p", "0.9"]) == 0
    assert capsys.readouterr().out.startswith("the")


def test_going_on_may_take_more_epochs(text, capsys):
    assert train(text, "--epochs", 1, "--patience", 99) == 0
    command = ["train", str(text), "--resume", "--device", "cpu", "--epochs"]
    assert main([*command, "3"]) == 0
    out = capsys.readouterr().out
    assert "to 3 epochs; the learning rate is 0.00" in out
    assert "epoch   3 of 3" in out
    assert main([*command, "2"]) == 1
    assert "was trained with --epochs 3, and not 2" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["fox.txt", "link.txt", "hard.txt"])
def test_a_text_is_never_replaced_by_a_checkpoint(text, name, capsys):
    (text.parent / "link.txt").symlink_to(text)
    os.link(text, text.parent / "hard.txt")
    for output in (
        ["--output", text.parent / name, "--overwrite"],
        ["--output", text.parent / name],
    ):
        assert train(text, *output) == 1
        assert "is the text itself: --output must name another file" in capsys.readouterr().err
    assert text.read_text(encoding="utf-8") == TEXT
    named = text.rename(text.with_suffix(".safetensors"))
    assert train(named, "--overwrite") == 1
    assert named.read_text(encoding="utf-8") == TEXT


def test_several_texts_and_standard_input(text, capsys, monkeypatch):
    more = text.with_name("more.txt")
    more.write_text("And again: " + TEXT)
    assert main(["train", str(text), str(more), *SMALL, "--epochs", "1"]) == 0
    assert f"{text} and 1 more: 6,331 characters, 32 different ones" in capsys.readouterr().out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode()), encoding="utf-8"))
    assert train("-", "--epochs", 1) == 1
    assert "name the checkpoint with --output" in capsys.readouterr().err
    assert train("-", "--epochs", 1, "--output", text.with_name("from-input")) == 0
    assert "standard input: 3,160 characters" in capsys.readouterr().out
    assert same(weights(text.with_name("from-input")), weights_after(text, 1))


def weights_after(text, epochs):
    output = text.with_name("alone")
    assert train(text, "--epochs", epochs, "--output", output) == 0
    return weights(output)


@pytest.mark.parametrize("when", ["first", "later"])
def test_too_little_memory_is_said_and_what_was_saved_is_whole(text, when, capsys, monkeypatch):
    message = "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 B"
    update, calls = StreamTraining._update, []

    def fail(training, *parts):
        calls.append(1)
        if when == "first" or len(calls) > 12:
            raise RuntimeError(message)
        return update(training, *parts)

    monkeypatch.setattr(StreamTraining, "_update", fail)
    assert train(text, "--epochs", 3, "--save-every", 0) == 1
    err = capsys.readouterr().err
    network = text.with_suffix(".safetensors")
    assert "not enough memory: fewer streams" in err
    assert f"{network} holds what was saved last." in err
    assert progress(network)["step"] == (0 if when == "first" else 12)
    checkpoints.load_model(network)


def test_a_network_that_no_memory_holds(text, capsys):
    assert train(text, "--hidden-size", 3_000_000) == 1
    err = capsys.readouterr().err
    assert "there is not enough memory" in err
    assert "holds what was saved" not in err


def test_other_errors_are_not_called_a_lack_of_memory(text, monkeypatch):
    def fail(*_):
        raise RuntimeError("something else")

    monkeypatch.setattr(StreamTraining, "_update", fail)
    with pytest.raises(RuntimeError, match="something else"):
        train(text)


def test_a_folder_that_vanishes_is_told_as_it_is(text, capsys, monkeypatch):
    spare, output = text.parent / "spare", text.parent / "folder" / "network"
    spare.mkdir()
    output.parent.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spare))
    end = StreamTraining._end_epoch

    def vanish(training):
        shutil.rmtree(output.parent, ignore_errors=True)
        end(training)

    monkeypatch.setattr(StreamTraining, "_end_epoch", vanish)
    assert train(text, "--epochs", 1, "--output", output) == 1
    out = capsys.readouterr().out
    assert (
        f"{output} could not be written: No such file or directory. The one before is gone." in out
    )
    (kept,) = spare.rglob("*.safetensors")
    assert progress(kept)["epoch"] == 1


def test_a_stream_of_an_old_encoding_takes_every_character(text):
    train(text, "--epochs", 1)
    vocabulary = Vocabulary("a🙂")
    network = text.with_name("emoji")
    checkpoints.save_model(network, make_model(vocabulary, 0), vocabulary)
    command = ["sample", network, "--prompt", "🙂", "--length", "40", "--seed", "1"]
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "LC_", "LANG"))}
    for extra, expected in [({"LC_ALL": "C"}, "🙂"), ({"PYTHONIOENCODING": "cp1252"}, "?")]:
        process = start(*command, env=plain | extra, encoding="utf-8")
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        assert out.startswith(expected)
    code = (
        "import sys; sys.stdout.reconfigure(encoding='cp1252'); sys.argv[0] = '';"
        "from charrnn_helpers.longtext.command_line import main; sys.exit(main(sys.argv[1:]))"
    )  # as Windows has it for a pipe
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, command)], capture_output=True, env=plain
    )
    assert done.stdout.decode("utf-8").startswith("🙂")
    assert done.returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is a text")
def test_a_file_whose_name_is_no_text_can_be_trained_on(text):
    odd = text.rename(text.with_name(os.fsdecode(b"caf\xe9.txt")))
    process = start("train", odd, *SMALL, "--epochs", 1)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "caf\\udce9.safetensors holds the network" in out
    assert odd.with_suffix(".safetensors").exists()


def test_a_prompt_is_read_as_texts_are(text, capsys):
    text.write_text("un cafe\u0301 au lait, s'il vous plai\u0302t.\n" * 40, encoding="utf-8")
    assert train(text, "--epochs", 1) == 0
    capsys.readouterr()
    network = str(text.with_suffix(".safetensors"))
    assert main(["sample", network, "--length", "5", "--prompt", "cafe\u0301"]) == 0
    assert capsys.readouterr().out.startswith("café")


def test_a_checkpoint_is_not_overwritten_by_accident(text, capsys):
    train(text, "--epochs", 1)
    network = text.with_suffix(".safetensors")
    before = network.read_bytes()
    assert train(text, "--epochs", 1) == 1
    assert "exists already: --resume goes on from it" in capsys.readouterr().err
    assert network.read_bytes() == before
    assert train(text, "--epochs", 1, "--overwrite") == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--lr", "0"], "lr must be a positive number, not 0.0"),
        (["--seed", "-1"], "seed must be a whole number from 0 to 9223372036854775807, not -1"),
        (["--epochs", "0"], "epochs must be a whole number of 1 or more, not 0"),
        (["--hidden-size", "0"], "hidden_size must be 1 or more, not 0"),
        (["--threads", "0"], "threads must be a whole number of 1 or more, not 0"),
        (["--held-out", "1"], "must lie between 0 and 1, not 1.0"),
        (["--streams", "9999"], "characters are too few for 9999 streams"),
        (["--device", "tpu9"], "there is no device 'tpu9'"),
        (["--output", "no/such/folder/x"], "no/such/folder/x: No such file or directory"),
        (["--layers", "0"], "layers must be 1 or more, not 0"),
        (["--dropout", "1"], "dropout must be a share from 0 to below 1, not 1.0"),
        (["--cell", "lst"], "cell must be one of 'rnn', 'gru', 'lstm', not 'lst'"),
        (["--weight-decay", "-1"], "weight_decay must be a number of 0 or more, not -1.0"),
        (["--weight-decay", "nan"], "weight_decay must be a number of 0 or more, not nan"),
        (["--plot", "curve.gif"], "--plot must end in .svg, .png, .pdf, not '.gif'"),
        (["--plot", "no/such/folder/x.svg"], "there is no folder no/such/folder for the curve"),
        (["--resume", "--output", "nothing"], "there is no checkpoint nothing"),
    ],
    ids=lambda options: options[0] if isinstance(options, list) else "",
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(text, options, words, capsys):
    assert train(text, *options) == 1
    assert words in capsys.readouterr().err
    assert list(text.parent.iterdir()) == [text]


def test_a_text_that_cannot_be_used(tmp_path, capsys):
    assert train(tmp_path / "nothing.txt") == 1
    assert "charrnn_helpers: there is no file" in capsys.readouterr().err


def test_a_network_without_a_run_cannot_be_resumed(text, capsys):
    output = text.parent / "network"
    vocabulary = Vocabulary.from_texts([TEXT])
    checkpoints.save_model(output, make_model(vocabulary, seed=0), vocabulary)
    before = output.read_bytes()
    assert train(text, "--resume", "--output", output) == 1
    assert "network holds a network, but no run of training" in capsys.readouterr().err
    assert output.read_bytes() == before


@pytest.mark.parametrize("settings", [None, 7, [], {"a": 1}, {"seed": "x"}, {"lr": -1}])
def test_a_checkpoint_with_made_up_settings_cannot_be_resumed(text, settings, capsys):
    train(text, "--epochs", 1)
    output = text.with_suffix(".safetensors")
    tensors, facts = checkpoints.read(output)
    checkpoints.write(output, tensors, facts | {"settings": settings})
    before = output.read_bytes()
    capsys.readouterr()
    assert train(text, "--resume") == 1
    assert "fox.safetensors does not fit together" in capsys.readouterr().err
    assert output.read_bytes() == before


def test_a_run_that_diverges_says_so_and_keeps_what_was_saved(text, capsys):
    output = text.with_suffix(".safetensors")
    assert train(text, "--lr", "1e38") == 1
    assert "training diverged, so begin anew with a learning rate below" in capsys.readouterr().err
    checkpoints.load_model(output)  # finite


def test_sampling_that_cannot_be_done(text, tmp_path, capsys):
    train(text, "--epochs", 1)
    network = str(text.with_suffix(".safetensors"))
    for arguments, words in [
        ([network, "--prompt", "the €"], "character '€' at position 4 is not in the vocabulary"),
        ([network, "--temperature", "0"], "temperature must be a number above 0"),
        ([network, "--length", "0"], "length must be a whole number of 1 or more"),
        ([network, "--seed", "-1"], "seed must be a whole number from 0 to"),
        ([str(tmp_path / "nothing")], "there is no checkpoint"),
        ([str(text)], "fox.txt is damaged, or no checkpoint"),
    ]:
        assert main(["sample", *arguments]) == 1
        assert words in capsys.readouterr().err


def test_the_help_names_commands_and_defaults(capsys):
    for arguments, words in [
        (["--help"], ["train mytext.txt", "sample mytext.safetensors", "--resume", "torchrun"]),
        (["train", "--help"], ["default: 128", "--save-every SECONDS"]),
        (["sample", "--help"], ["default: 0.8", "--top-k K"]),
    ]:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
        out = " ".join(capsys.readouterr().out.split())  # however the lines are broken
        assert [w for w in words if w not in out] == []


def test_wrong_usage_has_its_own_exit_code(capsys):
    for arguments in ([], ["dance"], ["train"], ["train", "x", "--epochs", "many"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2


def test_ctrl_c_saves_says_how_to_go_on_and_the_end_is_the_same(text):
    whole = text.parent / "whole"
    assert train(text, "--epochs", 8, "--output", whole, "--patience", 99) == 0
    broken = text.parent / "broken"
    arguments = ["train", text, *SMALL, "--patience", 99, "--epochs", 8, "--output", broken]
    process = start(*arguments, "--save-every", 0)
    while not (broken.exists() and checkpoints.read(broken)[1]["progress"]["step"] > 3):
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    if process.returncode == 0:
        pytest.fail("it was over before it could be stopped")
    assert process.returncode == 130, err
    assert "Stopped after update" in out
    assert "--resume" in out
    assert train(text, "--resume", "--output", broken) == 0
    assert same(weights(broken), weights(whole))


def test_killed_at_any_moment_it_goes_on_as_if_nothing_had_happened(text):
    output = text.parent / "killed"
    words = ["train", text, *SMALL, "--epochs", 3000, "--patience", 9999, "--save-every", 0]
    words += ["--layers", 2, "--dropout", 0.2, "--weight-decay", 0.01, "--output", output]
    words = list(map(str, words))
    # Processes of their own, forked from one that has loaded already what takes long to load
    quick = multiprocessing.get_context("forkserver")
    quick.set_forkserver_preload(["charrnn_helpers.longtext.run", "torch._dynamo"])
    moments, steps = random.Random(0), []
    for kill in range(KILLS):
        process = quick.Process(target=main, args=[words + ["--resume"] * (kill > 0)])
        process.start()
        before = steps[-1] if steps else -1
        try:
            while not output.exists() or (progress(output)["step"] <= before and kill):
                assert process.is_alive()
                time.sleep(0.005)
            time.sleep(moments.uniform(0, 0.15))
        finally:  # also if it fails: nobody else would stop such a run
            process.kill()
            process.join()
        assert process.exitcode == -signal.SIGKILL
        checkpoints.load_model(output)  # whole, and finite
        steps.append(progress(output)["step"])
    assert steps == sorted(set(steps))
    left = {p.name for p in text.parent.iterdir()}
    files = {"killed", "killed.losses.csv"}
    assert left <= {"fox.txt", *files, *(f".{name}.partial" for name in files)}
    found, facts = checkpoints.read(output)
    expected, its_facts = never_killed(facts["settings"], steps[-1]).snapshot()
    assert same(found, expected)
    assert facts == json.loads(json.dumps(its_facts))
    assert main(["sample", str(output), "--prompt", "the", "--length", "5"]) == 0


def never_killed(settings, steps):
    """A run with these settings, in one go, after so many updates."""
    settings = Settings(**settings)
    vocabulary = Vocabulary.from_texts([TEXT])
    parts = [vocabulary.encode(part) for part in split(TEXT, settings.held_out)]
    model = new_model(vocabulary, 16, "gru", 0, layers=2, dropout=0.2)
    run = StreamTraining(model, vocabulary, *parts, settings)
    for _ in islice(run, steps):
        pass
    return run


def progress(path):
    return checkpoints.read(path)[1]["progress"]


def test_a_disk_that_is_full_costs_nothing_that_was_saved(text):
    """The size that a file may have stands in for a disk: it makes the same write fail."""
    output = text.parent / "network"
    assert train(text, "--epochs", 1, "--output", output) == 0
    before = weights(output)

    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    environment = os.environ | {"TMPDIR": str(text.parent)}
    process = start(
        "train", text, *SMALL, "--output", output, "--overwrite",
        preexec_fn=small_files, env=environment,
    )  # fmt: skip
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"{output}: File too large" in err
    assert same(weights(output), before)
    assert {p.name for p in text.parent.iterdir()} == {"fox.txt", "network", "network.losses.csv"}


def test_a_disk_that_fills_up_on_the_way_saves_elsewhere(text, capsys, monkeypatch):
    output, write, calls = text.parent / "network", checkpoints.write, []

    def filling(path, tensors, facts):
        calls.append(path)
        if path == output and len(calls) > 1:
            raise OSError(28, "No space left on device", str(path))
        write(path, tensors, facts)

    monkeypatch.setattr(checkpoints, "write", filling)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(text.parent / "spare"))
    (text.parent / "spare").mkdir()
    assert train(text, "--epochs", 2, "--output", output) == 1
    out = capsys.readouterr().out
    assert "could not be written: No space left on device. The one before is as it was." in out
    (spare,) = (text.parent / "spare").rglob("*.safetensors")
    assert f"{spare} holds the network" in out
    assert progress(spare)["epoch"] == 2


def test_a_reader_that_leaves_early_is_no_error(text):
    train(text, "--epochs", 1)
    network = text.with_suffix(".safetensors")
    process = start("sample", network, "--length", 100000)
    process.stdout.read(100)
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert process.stderr.read() == ""
    process.stderr.close()


def test_two_processes_follow_the_losses_of_one(text):
    alone, both = text.parent / "alone", text.parent / "both"
    options = [*SMALL, "--epochs", "3", "--cell", "rnn"]
    assert main(["train", str(text), *options, "--output", str(alone)]) == 0
    command = [
        sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
        "-m", "charrnn_helpers", "train", str(text), *options, "--output", str(both),
    ]  # fmt: skip
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=240)
    assert done.returncode == 0, done.stderr
    assert "2 processes" in done.stdout
    assert done.stdout.count("epoch   3 of 3") == 1
    one, two = (torch.tensor(progress(path)["losses"]) for path in (alone, both))
    torch.testing.assert_close(two, one, rtol=0, atol=1e-4)
    for name, weight in weights(both).items():
        torch.testing.assert_close(weight, weights(alone)[name], rtol=0, atol=1e-3)
    assert main(["train", str(text), *options, "--output", str(both), "--resume"]) == 0


# --- what lies beside the checkpoint -------------------------------------------------------------


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_table_of_the_losses_lies_beside_the_checkpoint(text):
    assert train(text, "--epochs", 2, "--patience", 99) == 0
    table = text.with_name("fox.losses.csv")
    before = table.read_text(encoding="utf-8")
    assert train(text, "--resume", "--epochs", 3) == 0
    assert table.read_text(encoding="utf-8").startswith(before)
    losses = progress(text.with_suffix(".safetensors"))["losses"]
    assert [int(row["epoch"]) for row in rows(table)] == [1, 2, 3]
    for row, (training, held_out) in zip(rows(table), losses, strict=True):
        assert float(row["training_nats"]) == pytest.approx(training, abs=1e-6)
        assert float(row["held_out_bpc"]) == pytest.approx(held_out / math.log(2), abs=1e-6)


def test_a_table_of_somebody_elses_stays(text, capsys):
    table = text.with_name("fox.losses.csv")
    table.write_text("mine,1\n", encoding="utf-8")
    for options in ([], ["--overwrite"]):
        assert train(text, "--epochs", 1, *options) == 1
        assert f"{table} is no table of losses" in capsys.readouterr().err
    assert table.read_text(encoding="utf-8") == "mine,1\n"
    assert not text.with_suffix(".safetensors").exists()


@pytest.mark.parametrize("kind", ["folder", "other", "full"])
def test_a_table_that_cannot_be_written_costs_no_checkpoint(text, kind, capsys, monkeypatch):
    table, write, end = text.with_name("fox.losses.csv"), losses.write_table, []

    def failing(path, pairs):
        if kind == "full":
            raise OSError(28, "No space left on device", str(path))
        write(path, pairs)

    def spoil(training):
        end_epoch(training)
        if not end and kind != "full":
            table.unlink()
            table.mkdir() if kind == "folder" else table.write_text("mine", encoding="utf-8")
        end.append(1)

    end_epoch = StreamTraining._end_epoch
    monkeypatch.setattr(StreamTraining, "_end_epoch", spoil)
    monkeypatch.setattr(losses, "write_table", failing)
    assert train(text, "--epochs", 2) == 0
    out = capsys.readouterr().out
    assert f"{table} could not be written: " in out
    assert "fox.safetensors could not be written" not in out
    assert progress(text.with_suffix(".safetensors"))["epoch"] == 2
    if kind == "other":
        assert table.read_text(encoding="utf-8") == "mine"


def test_a_table_of_an_earlier_run_does_not_outlive_it(text):
    assert train(text, "--epochs", 2) == 0
    table = text.with_name("fox.losses.csv")
    assert len(rows(table)) == 2
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StreamTraining, "_update", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            train(text, "--epochs", 2, "--overwrite")
    assert rows(table) == []


def test_a_checkpoint_that_becomes_a_folder_is_saved_elsewhere(text, capsys, monkeypatch):
    output, spare, end = text.with_suffix(".safetensors"), text.with_name("spare"), []
    spare.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spare))

    def spoil(training):
        end_epoch(training)
        if not end:
            output.unlink()
            output.mkdir()
        end.append(1)

    end_epoch = StreamTraining._end_epoch
    monkeypatch.setattr(StreamTraining, "_end_epoch", spoil)
    assert train(text, "--epochs", 2) == 1
    assert f"{output} could not be written: {output} is a folder" in capsys.readouterr().out
    (kept,) = spare.rglob("*.safetensors")
    assert progress(kept)["epoch"] == 2


@pytest.mark.parametrize(
    ("name", "beginning"), [("c.svg", b"<?xml"), ("c.PNG", b"\x89PNG"), ("c.pdf", b"%PDF")]
)
def test_the_losses_are_drawn(text, name, beginning, capsys):
    curve = text.with_name(name)
    assert train(text, "--epochs", 2, "--plot", curve) == 0
    assert f"{curve} shows the losses." in capsys.readouterr().out
    assert curve.read_bytes().startswith(beginning)
    assert train(text, "--epochs", 2, "--plot", curve, "--output", text.with_name("new")) == 1
    assert f"{curve} exists already" in capsys.readouterr().err
    before = curve.read_bytes()
    assert train(text, "--resume", "--epochs", 3, "--plot", curve) == 0
    assert curve.read_bytes() != before
    assert curve.read_bytes().startswith(beginning)


@pytest.mark.parametrize("lacking", ["folder", "matplotlib"])
def test_a_curve_that_cannot_be_drawn_is_known_before_training(text, lacking, capsys, monkeypatch):
    curve = text.with_name("c.svg")
    if lacking == "folder":  # a link into a folder where nobody may write, root neither
        curve.symlink_to("/proc/c.svg")
        words = f"{curve}: No such file or directory"
    else:
        monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
        words = "--plot needs matplotlib, which cannot be loaded: "
    assert train(text, "--epochs", 1, "--plot", curve) == 1
    assert words in capsys.readouterr().err
    assert {p.name for p in text.parent.iterdir()} - {"c.svg"} == {"fox.txt"}


def test_a_curve_needs_no_display_and_is_drawn_after_ctrl_c_too(text):
    curve = text.with_name("c.svg")
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    arguments = [*SMALL, "--epochs", 3000, "--patience", 9999, "--save-every", 0, "--plot", curve]
    process = start("train", text, *arguments, env=bare | {"MPLBACKEND": "QtAgg"})
    output = text.with_suffix(".safetensors")
    while not (output.exists() and progress(output)["epoch"] > 1):
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")
    assert f"{curve} shows the losses." in out
    assert curve.read_bytes().startswith(b"<?xml")


def test_nothing_is_drawn_with_unless_it_is_asked_for(text):
    words = "import sys; from charrnn_helpers.longtext.command_line import main"
    code = f"{words}; main(sys.argv[1:]); print('matplotlib' in sys.modules)"
    command = [sys.executable, "-c", code, "train", text, *SMALL, "--epochs", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("False\n")


def test_a_curve_shows_both_losses_in_bpc(tmp_path):
    pairs = [(math.log(2) * a, math.log(2) * b) for a, b in [(5, 6), (3, 4), (2, 3.5)]]
    draw_curve(tmp_path / "c.svg", pairs, "fox")
    svg = (tmp_path / "c.svg").read_text(encoding="utf-8")
    for words in ("bits per character (bpc)", "held out", "training", "fox"):
        assert f"<!-- {words} -->" in svg
    draw_curve(tmp_path / "none.svg", [], "stopped before the first epoch")
    assert (tmp_path / "none.svg").stat().st_size > 1000


def test_a_picture_of_somebody_elses_stays(text, capsys):
    picture = text.with_name("photo.png")
    picture.write_bytes(b"photo")
    assert train(text, "--epochs", 1) == 0
    command = ["--resume", "--epochs", 2, "--plot", picture]
    assert train(text, *command) == 1
    assert f"{picture} exists already: name another file, or" in capsys.readouterr().err
    assert picture.read_bytes() == b"photo"
    assert train(text, *command, "--overwrite") == 0  # it is asked for, and the run goes on
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert progress(text.with_suffix(".safetensors"))["epoch"] == 2


@pytest.mark.parametrize("title", ["a$_$b", "$\\frac", "红楼梦", "caf\udce9", "a\nb", ""])
@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_a_curve_has_any_name(tmp_path, title, ending):
    draw_curve(tmp_path / f"c.{ending}", [(1.0, 2.0), (0.5, 1.0)], title)
    if ending == "svg" and title.startswith("a$"):
        assert f"<!-- {title} -->" in (tmp_path / "c.svg").read_text(encoding="utf-8")


def test_a_curve_never_becomes_the_text(text, capsys):
    picture = text.rename(text.with_suffix(".svg"))
    before = picture.read_bytes()
    output = ["--output", text.with_name("n")]
    assert train(picture, "--epochs", 1, *output, "--plot", picture, "--overwrite") == 1
    assert "is the text itself: --plot must name another file" in capsys.readouterr().err
    assert picture.read_bytes() == before


@pytest.mark.parametrize("name", ["fox.svg", "./fox.svg", "link.svg"])
def test_a_curve_never_becomes_the_checkpoint(text, name, capsys):
    output = text.with_suffix(".svg")
    (text.parent / "link.svg").symlink_to(output)
    options = ["--epochs", 1, "--output", output, "--plot", f"{text.parent}/{name}"]
    assert train(text, *options) == 1
    assert "is the checkpoint or its table: --plot must name another" in capsys.readouterr().err
    assert not output.exists()


# --- prompts -------------------------------------------------------------------------------------


@pytest.fixture
def network(text):
    assert train(text, "--epochs", 1) == 0
    return str(text.with_suffix(".safetensors"))


def test_a_prompt_may_lie_in_a_file(text, network, capsys, monkeypatch):
    prompt = text.with_name("prompt.txt")
    prompt.write_bytes("the lazy\r\n".encode("utf-16"))
    capsys.readouterr()
    command = ["sample", network, "--length", "5", "--seed", "1"]
    assert main([*command, "--prompt-file", str(prompt)]) == 0
    written = capsys.readouterr().out
    assert main([*command, "--prompt", "the lazy"]) == 0
    assert capsys.readouterr().out == written
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"the lazy")))
    assert main([*command, "--prompt-file", "-"]) == 0
    assert capsys.readouterr().out == written


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (b"the", ["--prompt", "the"], "give --prompt or --prompt-file, not both"),
        (b"", [], "prompt.txt is empty: give a file that holds a text\n"),
        (b"\n", [], "holds no prompt: give at least one character"),
        (b"the Z", [], "character 'Z' at position 4 is not in the vocabulary"),
        (b"\xff\xfe", [], "holds no prompt"),
        (b"\xe9", [], "is not UTF-8"),
        (None, [], "there is no file"),
    ],
)
def test_a_prompt_that_cannot_be_used(text, network, content, options, words, capsys):
    prompt = text.with_name("prompt.txt")
    if content is not None:
        prompt.write_bytes(content)
    assert main(["sample", network, "--prompt-file", str(prompt), *options]) == 1
    assert words in capsys.readouterr().err


def test_the_bar_says_how_long_the_whole_run_takes_at_most(text, monkeypatch):
    shown = []
    set_words = tqdm.set_postfix_str

    def noted(bar, *words, **options):
        set_words(bar, *words, **options)
        shown.append(str(bar))

    monkeypatch.delenv("COLUMNS", raising=False)  # a narrow bar loses its end
    monkeypatch.setattr(tqdm, "set_postfix_str", noted)
    monkeypatch.setattr("charrnn_helpers.progress._somebody_watches", lambda: True)
    assert train(text, "--epochs", 2, "--patience", 99) == 0
    words = re.compile(r", at most ([\d.]+ \w+) left, loss .* characters/s\]$")
    ends = list(map(words.search, shown))
    assert all(ends)
    assert ends[-1].group(1) == "0 s"
    assert not any("update/s" in line for line in shown)


def test_a_span_of_time_is_said_as_one_says_it():
    spans = {4.4: "4 s", 99: "99 s", 100: "2 min", 3600: "60 min", 9000: "2.5 h"}
    assert {seconds: in_words(seconds) for seconds in spans} == spans
