"""A run that is taken up again is the same run; what is no whole run is refused as a whole."""

import copy
import itertools
from dataclasses import replace

import pytest
import torch
from runs import SETTINGS, TEXT, advance, new_run, save

from charrnn_helpers.longtext import checkpoints
from charrnn_helpers.longtext.settings import Settings


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("stop", [0, 1, 20, 43])  # 43 updates an epoch: also between two epochs
def test_a_run_taken_up_again_is_the_same_run_to_the_bit(tmp_path, cell, stop):
    whole = new_run(cell)
    losses = list(whole)
    first = new_run(cell)
    begun = advance(first, stop) if stop else []
    save(first, tmp_path / "run")
    second = new_run(cell)
    second.load(tmp_path / "run")
    assert begun + list(second) == losses
    assert [tuple(pair) for pair in second.progress.losses] == whole.progress.losses
    for own, theirs in zip(second.model.parameters(), whole.model.parameters(), strict=True):
        assert torch.equal(own, theirs)
    assert all(torch.equal(second.best[name], w) for name, w in whole.best.items())


def test_with_layers_and_dropout_too_it_is_the_same_run_to_the_bit(tmp_path):
    network = {"layers": 2, "dropout": 0.3}
    losses = list(new_run("gru", **network))
    assert losses != list(new_run("gru", layers=2))
    first = new_run("gru", **network)
    begun = advance(first, 20)
    save(first, tmp_path / "run")
    torch.manual_seed(99)  # whatever else was drawn in the meantime
    before = torch.get_rng_state()
    second = new_run("gru", **network)
    torch.set_rng_state(before)
    second.load(tmp_path / "run")
    assert begun + list(second) == losses
    assert torch.equal(torch.get_rng_state(), before)
    other = new_run("gru", layers=2)
    with pytest.raises(checkpoints.CheckpointError, match=r"its dropout is 0.3, not 0.0"):
        other.load(tmp_path / "run")


@pytest.mark.parametrize(("cell", "names"), [("rnn", "0"), ("gru", "0"), ("lstm", "01")])
def test_a_file_has_each_part_of_the_state(tmp_path, cell, names):
    run = new_run(cell)
    advance(run, 2)
    save(run, tmp_path / "run")
    held, _ = checkpoints.read(tmp_path / "run")
    assert [n for n in sorted(held) if n.startswith("state")] == [f"state.{i}" for i in names]
    other = new_run(cell)
    other.load(tmp_path / "run")
    assert isinstance(other.state, tuple)
    for i, (part, same) in enumerate(zip(other.state, run.state, strict=True)):
        assert torch.equal(part, same)
        assert torch.equal(part, held[f"state.{i}"])


def test_stopping_to_save_changes_nothing(tmp_path):
    run, losses = new_run(), []
    while not run.finished:
        losses += advance(run, 7)
        save(run, tmp_path / "run")
    assert losses == list(new_run())


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"text": TEXT[:-1] + "t"}, "was trained on another text"),
        ({"settings": replace(SETTINGS, lr=0.5)}, r"was trained with other settings: .*'lr': 0.01"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused_and_the_run_is_as_before(tmp_path, other, words):
    save(new_run(), tmp_path / "run")
    run = new_run(**other)
    before = [p.clone() for p in run.model.parameters()]
    with pytest.raises(checkpoints.CheckpointError, match=words):
        run.load(tmp_path / "run")
    assert all(map(torch.equal, run.model.parameters(), before))


def test_a_setting_that_is_newer_than_a_file_is_as_if_not_given(tmp_path):
    run = new_run(settings=replace(SETTINGS, patience=Settings.patience))
    tensors, facts = run.snapshot()
    del facts["settings"]["patience"]
    checkpoints.write(tmp_path / "run", tensors, facts)
    new_run(settings=replace(SETTINGS, patience=Settings.patience)).load(tmp_path / "run")
    facts["settings"]["dropout"] = 0.5
    checkpoints.write(tmp_path / "run", tensors, facts)
    with pytest.raises(checkpoints.CheckpointError, match="settings of a newer version: dropout"):
        run.load(tmp_path / "run")


def test_a_run_of_before_there_were_layers_and_decay_goes_on_to_the_bit(tmp_path):
    losses, run = list(new_run()), new_run()
    begun = advance(run, 20)
    tensors, facts = run.snapshot()
    del facts["settings"]["weight_decay"], facts["layers"], facts["dropout"]
    checkpoints.write(tmp_path / "run", tensors, facts)
    again = new_run()
    again.load(tmp_path / "run")
    assert begun + list(again) == losses


def test_a_run_may_have_more_epochs_than_its_checkpoint_and_not_fewer(tmp_path):
    run = new_run()
    advance(run, 5)
    save(run, tmp_path / "run")
    longer = new_run(settings=replace(SETTINGS, epochs=SETTINGS.epochs + 2))
    longer.load(tmp_path / "run")
    assert longer.learning_rate(60) > run.learning_rate(60)
    losses = list(longer)
    assert len(losses) + 5 > len(list(run)) + 5
    assert longer.progress.epoch == SETTINGS.epochs + 2
    save(longer, tmp_path / "run")
    with pytest.raises(checkpoints.CheckpointError, match="was trained with other settings"):
        new_run().load(tmp_path / "run")


@pytest.mark.parametrize(
    "nonsense", [{"chunk": 10**6, "count": 0}, {"chunk": 3, "count": 1}, {"count": 7}]
)
def test_progress_that_cannot_be_is_refused(tmp_path, nonsense):
    run = new_run()
    advance(run, 5)
    tensors, facts = run.snapshot()
    facts["progress"] |= nonsense
    checkpoints.write(tmp_path / "run", tensors, facts)
    with pytest.raises(checkpoints.CheckpointError, match="does not fit together"):
        new_run().load(tmp_path / "run")


@pytest.mark.parametrize("lost", ["generator", "state.0", "optimizer.exp_avg.head.bias"])
def test_a_checkpoint_that_lacks_something(tmp_path, lost):
    run = new_run()
    advance(run, 1)
    tensors, facts = run.snapshot()
    checkpoints.write(tmp_path / "run", {k: v for k, v in tensors.items() if k != lost}, facts)
    with pytest.raises(checkpoints.CheckpointError, match=f"does not fit together: '{lost}'"):
        new_run().load(tmp_path / "run")


NONSENSE = [None, -1, 1.5, "x", [], {}, [["a", "b"]], {"a": 1}, float("nan"), float("inf"), 10**30]


def test_made_up_facts_are_refused_and_the_run_is_as_before(tmp_path):
    run = new_run()
    advance(run, 50)  # in the second epoch, so that there is something of everything
    tensors, facts = run.snapshot()
    places = [("progress",), ("offset",), *(("progress", name) for name in facts["progress"])]
    other = new_run()
    for place, nonsense in itertools.product(places, NONSENSE):
        if place == ("progress", "total") and isinstance(nonsense, int | float):
            continue  # a sum of losses can be any number
        made_up = copy.deepcopy(facts)
        inner = made_up["progress"] if len(place) == 2 else made_up
        inner[place[-1]] = nonsense
        checkpoints.write(tmp_path / "run", tensors, made_up)
        with pytest.raises(checkpoints.CheckpointError, match="does not fit together"):
            other.load(tmp_path / "run")
    assert other.progress.step == 0
    before, _ = new_run().snapshot()
    assert all(torch.equal(w, before[n]) for n, w in other.snapshot()[0].items())


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
@pytest.mark.parametrize(
    "change",
    [lambda t: torch.zeros(3, 3), lambda t: t.int(), lambda t: t.half(), lambda t: t[..., None]],
    ids=["shape", "integers", "half", "one axis more"],
)
def test_made_up_tensors_are_refused_and_the_run_is_as_before(tmp_path, cell, change):
    run = new_run(cell)
    advance(run, 50)
    tensors, facts = run.snapshot()
    other = new_run(cell)
    for name in tensors:
        made_up = {n: change(t) if n == name else t for n, t in tensors.items()}
        checkpoints.write(tmp_path / "run", made_up, facts)
        with pytest.raises(checkpoints.CheckpointError, match="does not fit together"):
            other.load(tmp_path / "run")
    before, _ = new_run(cell).snapshot()  # a twin's: the run's own would change with it
    assert all(torch.equal(w, before[n]) for n, w in other.snapshot()[0].items())
