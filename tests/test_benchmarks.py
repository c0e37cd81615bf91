"""What `make bench` compares does the same work. How fast it is, no test says."""

import os
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
import torch

from benchmarks import peers, reading, timing, training, writing
from charrnn_helpers import CharRNN, sample
from charrnn_helpers.cells import weights_of_layer
from charrnn_helpers.longtext.text_files import read_text
from charrnn_helpers.training import sequence_loss


def test_all_ways_of_writing_give_the_same_text():
    torch.manual_seed(0)
    model = CharRNN(len(writing.CHARACTERS), 20).double()
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(3)  # else it soon writes one letter for ever
    text = sample(model, writing.CHARACTERS, "A", 60)
    for way in (writing.reading_again, writing.stepping):
        assert writing.CHARACTERS.decode(way(model, "A", 60)) == text
    assert len(set(text)) > 3


def test_all_updates_start_from_the_same_loss():
    inputs, targets = torch.randint(training.V, (2, 3, 7))
    losses = []
    for update in (
        lambda: training.source_update(9, inputs, targets),
        lambda: training.package_update(9, inputs, targets, "torch"),
        lambda: training.package_update(9, inputs, targets, "bptt"),
    ):
        torch.manual_seed(1)
        losses.append(update()())
    assert losses == pytest.approx([losses[0]] * 3, abs=1e-6)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("size", [5, 300])
def test_for_every_cell_and_alphabet_both_make_the_same_update(cell, size):
    inputs, targets = torch.randint(size, (2, 3, 9))
    losses = []
    for update in (
        lambda: training.source_update(9, inputs, targets, size, cell),
        lambda: training.package_update(9, inputs, targets, "auto", size, cell),
    ):
        torch.manual_seed(1)
        losses.append(update()())
    assert losses == pytest.approx([losses[0]] * 2, abs=1e-6)


def test_gates_and_seeds_have_their_tables(monkeypatch):
    monkeypatch.setattr(timing, "TURN", 0)
    for name, value in [
        ("GATES", (9, 2, 9, 1)),
        ("ALPHABETS", (5, 7)),
        ("SEEDS", 3),
        ("EPOCHS", 2),
    ]:
        monkeypatch.setattr(training, name, value)
    gates, seeds = training.gates_table().splitlines(), training.seeds_table().splitlines()
    assert (
        gates[0]
        == "| an update against `torch.nn`, one-hot; H 9, B 2, T 9 | 5 characters | 7 characters |"
    )
    assert re.fullmatch(r"\| `CharRNN`, LSTM \| \d+\.\d\d × \| \d+\.\d\d × \|", gates[3])
    assert re.fullmatch(r"\| 2 epochs \| \d+\.\d s \| \d+\.\d\d s, \d+ × \|", seeds[2])


def work(H):
    """A network, and what a peer needs to train the same one."""
    torch.manual_seed(0)
    model = CharRNN(training.V, H)
    batch = tuple(torch.randint(training.V, (2, 3, 9)))
    return model, (weights_of_layer(model.recurrent, model.head), *batch)


def peer(tmp_path, code):
    script = tmp_path / "peer.py"
    script.write_text(f"import os, sys\n{code}")
    return peers.jax_update(*work(4)[1], Path(sys.executable), script)


def test_a_peer_answers_each_update_and_ends(tmp_path):
    code = (
        "print('JAX', os.path.basename(sys.argv[1]), flush=True)\n"
        "for i, _ in enumerate(sys.stdin): print(i / 2, flush=True)\n"
    )
    with peer(tmp_path, code) as (name, update):
        assert name == "JAX work.npz"
        assert [update() for _ in range(3)] == [0, 0.5, 1]


@pytest.mark.parametrize("before", ["", "print('JAX', flush=True)\ninput()\n"])
def test_a_peer_that_fails_says_why(tmp_path, capfd, before):
    with (
        pytest.raises(RuntimeError, match=r"peer\.py has ended; what it says of it stands above"),
        peer(tmp_path, f"{before}import no_such_library") as (_, update),
    ):
        update()
    assert "no_such_library" in capfd.readouterr().err


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="no cores to choose from here")
def test_a_peer_shares_our_only_core_and_then_we_have_all_again(tmp_path):
    before = os.sched_getaffinity(0)
    code = "print(*os.sched_getaffinity(0), flush=True)\nfor _ in sys.stdin: print(0, flush=True)\n"
    with peer(tmp_path, code) as (core, _):
        assert os.sched_getaffinity(0) == {int(core)}
    assert os.sched_getaffinity(0) == before


def test_jax_makes_the_same_updates():
    """Where it is: nobody needs it."""
    python = peers.python()
    asked = python and subprocess.run([python, "-c", "import jax, optax"], capture_output=True)
    if not asked or asked.returncode:
        pytest.skip("no JAX here: `make bench PEERS=1` fetches it")
    model, (weights, *batch) = work(8)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    with peers.jax_update(weights, *batch, python) as (_, update):
        for _ in range(4):
            optimizer.zero_grad()
            loss = sequence_loss(model(batch[0])[0], batch[1])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            assert update() == pytest.approx(loss.item(), abs=1e-5)


def test_a_peer_has_a_row_where_it_is_and_none_where_not(monkeypatch):
    monkeypatch.setattr(timing, "TURN", 0)
    monkeypatch.setattr(training, "SIZES", [(9, 3, 7, 1)])
    monkeypatch.setattr(peers, "python", lambda: Path(sys.executable))
    monkeypatch.setattr(peers, "jax_update", lambda *_: nullcontext(("JAX 9", lambda: 1.0)))
    assert "JAX 9: jit, scan, optax" in training.plain_tables()
    monkeypatch.setattr(peers, "python", lambda: None)
    assert "JAX" not in training.plain_tables()


def test_the_tables_of_training_tell_where_the_time_goes(monkeypatch):
    monkeypatch.setattr(timing, "TURN", 0)
    monkeypatch.setattr(peers, "python", lambda: None)
    monkeypatch.setattr(training, "SIZES", [(9, 3, 7, 1)])
    speeds, shares = (text.splitlines() for text in training.plain_tables().split("\n\n"))
    assert speeds[0] == "| training | H 9, B 3, T 7 |"
    assert "1.00 ×" in speeds[2]
    assert "100% of the limit" in speeds[-1]
    assert sum(int(line.split("| ")[-1][:-3]) for line in shares[2:]) == pytest.approx(100, abs=2)


@pytest.mark.parametrize("name", list(reading.TEXTS)[:2])
def test_a_long_text_has_its_size_and_all_its_characters(tmp_path, monkeypatch, name):
    monkeypatch.setattr(reading, "BLOCK", 30_000)
    characters = reading.write_text(tmp_path / "text", reading.TEXTS[name], 10**6)
    text = read_text(tmp_path / "text")
    assert len(text) == characters
    assert (tmp_path / "text").stat().st_size == pytest.approx(10**6, rel=0.1)
    assert set(text) == set(reading.TEXTS[name])


def test_the_table_of_long_texts_tells_memory_and_time(monkeypatch):
    monkeypatch.setattr(reading, "SIZE", 10**6)
    monkeypatch.setattr(reading, "TEXTS", {"two letters": ["a", "e\u0301"]})
    _, _, row = reading.report().splitlines()
    assert re.fullmatch(
        r"\| two letters \| 0\.\d M \| \d+\.\d bytes a character \| \d+ MB \| \d+\.\d s \|", row
    )


def test_candidates_take_turns(monkeypatch):
    calls = []
    names = ["a", "b"]
    monkeypatch.setattr(timing, "TURN", 0)  # else as often as a turn has room for
    seconds = timing.seconds_of({n: (lambda n=n: calls.append(n)) for n in names}, rounds=2)
    assert calls == ["a", "b"] * 3  # once before the clock starts
    assert seconds.keys() == set(names)
    assert all(s >= 0 for s in seconds.values())


def test_a_quick_candidate_runs_many_times_in_a_turn(monkeypatch):
    calls = []
    clock = iter(range(1000))  # each look at it is a second later
    monkeypatch.setattr(timing.time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(timing, "TURN", 4)
    assert timing.seconds_of({"a": lambda: calls.append(1)}, rounds=3) == {"a": 1 / 5}
    assert len(calls) == 1 + 3 * 5


def test_a_table_is_markdown():
    assert timing.table(["x", "y"], [["1", "2"]]).splitlines() == [
        "| x | y |",
        "| --- | --- |",
        "| 1 | 2 |",
    ]
