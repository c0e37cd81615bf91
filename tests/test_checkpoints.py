"""One file, written whole or not at all, that runs nothing when it is read."""

import json
import os
import pickle
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from networks import make_model
from safetensors.torch import save_file

from charrnn_helpers import Vocabulary, sample
from charrnn_helpers.longtext import checkpoints
from charrnn_helpers.longtext.checkpoints import CheckpointError, load_model, save_model
from charrnn_helpers.longtext.settings import Settings
from charrnn_helpers.longtext.training import StreamTraining, fingerprint, new_model


@pytest.fixture
def path(tmp_path):
    return tmp_path / "network.safetensors"


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_network_comes_back_as_it_was(vocabulary, path, cell, dtype):
    model = make_model(vocabulary, seed=1, cell=cell).to(dtype)
    save_model(path, model, vocabulary)
    loaded, its_vocabulary = load_model(path)
    assert its_vocabulary == vocabulary
    assert (loaded.cell, loaded.engine, loaded.hidden_size) == (cell, "auto", 12)
    for name, weight in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], weight)
    assert sample(loaded, vocabulary, "hey", 40) == sample(model, vocabulary, "hey", 40)


def test_a_loaded_network_can_be_trained(vocabulary, path, pairs):
    save_model(path, make_model(vocabulary, seed=1), vocabulary)
    loaded, _ = load_model(path)
    loaded(pairs[0])[0].sum().backward()
    assert all(p.grad is not None for p in loaded.parameters())


def test_what_becomes_of_the_file_later_changes_nothing(vocabulary, path):
    save_model(path, make_model(vocabulary, seed=1), vocabulary)
    loaded, _ = load_model(path)
    before = {name: weight.clone() for name, weight in loaded.state_dict().items()}
    path.write_bytes(bytes(path.stat().st_size))  # in place, as `cp` does
    with path.open("r+b") as file:
        file.truncate(0)
    assert all(torch.equal(before[name], w) for name, w in loaded.state_dict().items())


def test_a_file_that_is_replaced_while_it_is_read_is_one_of_both(path):
    versions = []
    for number in (0, 7, 12345):  # of different length, and two of the same
        versions.append(path.with_name(str(number)))
        weights = {name: torch.full((50,), float(number)) for name in "abc"}
        checkpoints.write(versions[-1], weights, {"number": number})
    os.link(versions[-1], path)  # a link does not replace one to the same file
    code = (
        "import os, sys; path, *versions = sys.argv[1:]\n"
        "while True:\n"
        "    for version in versions: os.link(version, path + '~'); os.replace(path + '~', path)"
    )
    other = subprocess.Popen([sys.executable, "-S", "-c", code, path, *versions])
    seen = set()
    try:
        while other.poll() is None and len(seen) < 3:
            seen.add(checkpoints.read(path)[1]["number"])
        for _ in range(1000):
            tensors, facts = checkpoints.read(path)
            assert {tensors[name].unique().item() for name in "abc"} == {facts["number"]}
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_link_is_followed_and_stays_a_link(vocabulary, path, tmp_path):
    target = tmp_path / "elsewhere" / "real.safetensors"
    target.parent.mkdir()
    path.symlink_to(target)
    for seed in (1, 2):
        save_model(path, make_model(vocabulary, seed), vocabulary)
        assert path.is_symlink()
        assert target.is_file()
        assert load_model(path)[1] == vocabulary
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith("partial")] == []


@pytest.mark.parametrize("kind", ["device", "pipe", "folder"])
def test_what_is_no_file_is_not_replaced_by_one(vocabulary, path, kind):
    if kind == "device":
        path = Path("/dev/null")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(ValueError, match=r"is a .*, and a file is to be written: give another"):
        save_model(path, make_model(vocabulary, seed=1), vocabulary)
    assert path.exists()
    assert not path.is_file()


@pytest.mark.parametrize(
    ("version", "words"),
    [("2", "of format 2, and this version of the package reads 1"), ("x", "is no checkpoint of a")],
)
def test_the_version_of_the_format_is_read(vocabulary, path, version, words):
    save_file({"a": torch.zeros(1)}, path, {"format": f"{checkpoints.FORMAT}{version}"})
    with pytest.raises(CheckpointError, match=words):
        load_model(path)


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.complex64, torch.int32])
def test_weights_that_no_network_computes_with(vocabulary, path, dtype):
    model = make_model(vocabulary, seed=1)
    tensors = {f"model.{n}": w.detach().to(dtype) for n, w in model.state_dict().items()}
    checkpoints.write(path, tensors, checkpoints.facts_of(model, vocabulary))
    with pytest.raises(CheckpointError, match="does not fit together"):
        load_model(path)


def test_every_character_comes_back(path):
    vocabulary = Vocabulary('\n\t "\\{}é日🙂\u2028\x07')
    save_model(path, make_model(vocabulary, 0), vocabulary)
    assert load_model(path)[1] == vocabulary


@pytest.mark.parametrize("share", [0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_named(vocabulary, path, share):
    save_model(path, make_model(vocabulary, 0), vocabulary)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(CheckpointError, match=r"network\.safetensors is damaged, or no checkpoint"):
        load_model(path)


def test_a_file_with_a_flipped_bit_never_does_worse_than_an_error(vocabulary, path):
    save_model(path, make_model(vocabulary, 0), vocabulary)
    content = path.read_bytes()
    for position in range(0, 1200, 7):  # the header; a flipped bit in a weight is another weight
        changed = bytearray(content)
        changed[position] ^= 1 << (position % 8)
        path.write_bytes(changed)
        try:
            model, its_vocabulary = load_model(path)
        except CheckpointError:
            continue
        assert model.head.weight.shape == (len(its_vocabulary), model.hidden_size)


class Bomb:
    def __reduce__(self):
        return os._exit, (3,)


@pytest.mark.parametrize("make", [lambda: pickle.dumps(Bomb()), lambda: b"PK\x03\x04" + b"x" * 99])
def test_a_pickle_is_not_run(path, make):
    path.write_bytes(make())
    with pytest.raises(CheckpointError, match="is damaged, or no checkpoint"):
        load_model(path)


def test_a_torch_file_is_not_run(path, vocabulary):
    torch.save(make_model(vocabulary, 0), path)
    with pytest.raises(CheckpointError):
        load_model(path)


def test_somebody_elses_safetensors(path):
    save_file({"weight": torch.zeros(3)}, path)
    with pytest.raises(CheckpointError, match="is no checkpoint of a character model"):
        load_model(path)


def rewritten(path, network, tensors=lambda t: t, **changes):
    save_model(path, *network)
    held, facts = checkpoints.read(path)
    facts |= changes
    checkpoints.write(path, tensors(held), {k: v for k, v in facts.items() if v is not None})


@pytest.mark.parametrize(
    "changes",
    [
        {"hidden_size": 10**9},  # would need more memory than there is
        {"hidden_size": -1},
        {"hidden_size": "12"},
        {"hidden_size": None},
        {"vocabulary": "ab"},
        {"vocabulary": "aa"},
        {"vocabulary": 7},
        {"cell": "transformer"},
        {"cell": "lstm"},
        {"cell": ["rnn"]},
        {"tensors": lambda t: {k: v for k, v in t.items() if "head.bias" not in k}},
        {"tensors": lambda t: t | {"model.extra": torch.zeros(2)}},
        {"tensors": lambda t: t | {"model.head.bias": torch.zeros(17)}},
        {"tensors": lambda t: t | {"model.head.weight": torch.zeros(1, 1)}},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_what_does_not_fit_together_is_said(path, vocabulary, changes):
    rewritten(path, (make_model(vocabulary, 0), vocabulary), **changes)
    with pytest.raises(CheckpointError, match="the checkpoint does not fit together"):
        load_model(path)


def test_weights_that_are_not_finite(path, vocabulary):
    broken = {"model.head.bias": torch.full((17,), torch.nan).double()}
    rewritten(path, (make_model(vocabulary, 0), vocabulary), lambda held: held | broken)
    with pytest.raises(CheckpointError, match="not finite"):
        load_model(path)


def test_facts_that_are_no_facts(path, vocabulary):
    save_model(path, make_model(vocabulary, 0), vocabulary)
    tensors, _ = checkpoints.read(path)
    for facts in ("[1]", "{", "[" * 100_000):
        metadata = {"format": f"{checkpoints.FORMAT}{checkpoints.VERSION}", "facts": facts}
        save_file(tensors, path, metadata)
        with pytest.raises(CheckpointError, match="is damaged"):
            load_model(path)


def test_no_file_and_no_folder(tmp_path, vocabulary):
    with pytest.raises(CheckpointError, match=r"there is no checkpoint .*nothing"):
        load_model(tmp_path / "nothing")
    with pytest.raises(CheckpointError, match="there is no checkpoint"):
        load_model(tmp_path)
    with pytest.raises(OSError, match=r"No such file or directory: '.*nowhere/x'"):
        save_model(tmp_path / "nowhere" / "x", make_model(vocabulary, 0), vocabulary)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(path, vocabulary, monkeypatch):
    save_model(path, make_model(vocabulary, seed=1), vocabulary)
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device: '.*network\.safetensors'"):
        save_model(path, make_model(vocabulary, seed=2), vocabulary)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_the_file_holds_plain_json(path, vocabulary):
    save_model(path, make_model(vocabulary, seed=1), vocabulary)
    content = path.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    assert json.loads(header["__metadata__"]["facts"])["vocabulary"] == vocabulary.characters


def test_a_network_is_handed_on_without_its_run_but_with_where_it_comes_from(path, tmp_path):
    text = "the quick brown fox jumps over the lazy dog. " * 40
    vocabulary = Vocabulary.from_texts([text])
    parts = [vocabulary.encode(part) for part in (text[:-200], text[-200:])]
    settings = Settings(epochs=2, streams=2, steps=16, seed=3)
    run = StreamTraining(new_model(vocabulary, 8, "gru", 3), vocabulary, *parts, settings)
    list(run)
    checkpoints.write(tmp_path / "run", *run.snapshot())
    checkpoints.keep_network(tmp_path / "run", path)
    assert path.stat().st_size < (tmp_path / "run").stat().st_size / 3
    kept, its_vocabulary = load_model(path)
    assert its_vocabulary == vocabulary
    assert all(torch.equal(kept.state_dict()[name], w) for name, w in run.best.items())
    assert checkpoints.origin(path) == {
        "settings": asdict(settings),
        "texts": fingerprint(*parts),
        "losses": [list(pair) for pair in run.progress.losses],
    }


def test_a_network_that_does_not_tell_where_it_comes_from(vocabulary, path, tmp_path):
    save_model(path, make_model(vocabulary, 0), vocabulary)
    with pytest.raises(CheckpointError, match="does not tell how its network was trained"):
        checkpoints.origin(path)
    with pytest.raises(CheckpointError, match="holds a network, but no run"):
        checkpoints.keep_network(path, tmp_path / "other")
    assert not (tmp_path / "other").exists()
