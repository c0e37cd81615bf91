"""A run on a long text: taken up again it is the same run; stopped, it keeps the best."""

import hashlib
from dataclasses import replace

import pytest
import torch
from runs import SETTINGS, VOCABULARY, advance, new_run, save

from charrnn_helpers.longtext import checkpoints
from charrnn_helpers.longtext.settings import Settings
from charrnn_helpers.longtext.streams import evaluate
from charrnn_helpers.longtext.training import StreamTraining, fingerprint


def test_it_learns_and_foretells_text_that_it_has_not_seen():
    run = new_run(settings=replace(SETTINGS, epochs=12))
    list(run)
    trained, held_out = zip(*run.progress.losses, strict=True)
    assert held_out[-1] < 0.5 * held_out[0]
    assert held_out[-1] == pytest.approx(evaluate(run.model, run.held_out, B=4), rel=0.2)
    assert trained[-1] < trained[0]


def test_the_state_is_carried_from_chunk_to_chunk_and_the_gradient_is_not():
    run = new_run()
    advance(run, 1)
    (h,) = run.state
    assert not h.requires_grad
    assert h.abs().sum() > 0
    inputs, _ = next(run._chunks_ahead())
    (expected,) = run.model(inputs, (h.clone(),))[1]
    carried = []
    run.runner.register_forward_hook(lambda _, a, out: carried.append(out[1]))
    advance(run, 1)
    assert torch.equal(*carried[0], expected)


def test_each_epoch_begins_elsewhere():
    run = new_run()
    offsets = set()
    while not run.finished:
        offsets.add(run.offset)
        advance(run, 1)
    assert len(offsets) == 3
    assert all(0 <= offset < 16 for offset in offsets)


def test_it_stops_when_the_held_out_loss_no_longer_falls_and_keeps_the_best():
    noise = "".join(VOCABULARY.decode(torch.randint(28, (900,), generator=torch.Generator())))
    run = new_run(settings=replace(SETTINGS, epochs=200, patience=2, lr=0.03), text=noise)
    list(run)
    held_out = [loss for _, loss in run.progress.losses]
    assert 3 <= len(held_out) < 200
    assert held_out.index(min(held_out)) == len(held_out) - 3
    run.use_best()
    assert evaluate(run.model, run.held_out, B=4, T=16) == pytest.approx(min(held_out), rel=1e-6)


def test_the_checkpoint_of_a_run_gives_its_best_weights(tmp_path):
    run = new_run()
    list(run)
    save(run, tmp_path / "run")
    model, _ = checkpoints.load_model(tmp_path / "run")
    assert all(torch.equal(w, run.best[n]) for n, w in model.state_dict().items())


def test_the_learning_rate_rises_and_falls():
    run = new_run(settings=replace(SETTINGS, epochs=10))
    rates = [run.learning_rate(step) for step in range(10 * run.length)]
    top = rates.index(max(rates))
    assert max(rates) == pytest.approx(0.01)
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[-1] < 0.0002


def test_every_update_is_made_at_the_learning_rate_of_its_step():
    run, taken = new_run(), []
    run.optimizer.register_step_pre_hook(
        lambda optimizer, *_: taken.append([group["lr"] for group in optimizer.param_groups])
    )
    list(run)
    assert taken == [[run.learning_rate(step)] for step in range(run.progress.step)]
    assert len({rate for (rate,) in taken}) > 100


def test_the_loss_of_an_epoch_is_the_mean_over_characters():
    """So the last chunk, which is a short one, counts for less."""
    run, lengths = new_run(settings=replace(SETTINGS, epochs=1)), []
    run.runner.register_forward_pre_hook(lambda _, given: lengths.append(given[0].shape[1]))
    losses = torch.tensor(advance(run, run.length), dtype=torch.float64)
    lengths = torch.tensor(lengths[: len(losses)])
    list(run)
    ((trained, _),) = run.progress.losses
    assert lengths[-1] < lengths[0] == 16
    assert trained == pytest.approx(float(losses @ lengths.double() / lengths.sum()), abs=1e-9)
    assert trained != pytest.approx(float(losses.mean()), abs=1e-4)


def test_dropout_is_at_work_in_updates_and_only_there():
    run, modes = new_run(), []
    run.model.register_forward_pre_hook(lambda model, _: modes.append(model.training))
    run.model.eval()
    updates = len(list(run))
    assert modes.count(True) == updates
    assert modes.count(False) >= 3  # the held-out text, once an epoch


def test_dropout_on_the_processor_asks_no_gpu(monkeypatch):
    def refuse(*_):
        raise AssertionError("a GPU was asked for its random numbers")

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_rng_state", refuse)
    assert len(advance(new_run(dropout=0.5), 2)) == 2


def test_clipping_bounds_the_step(monkeypatch):
    norms = []
    clip = torch.nn.utils.clip_grad_norm_

    def noted(parameters, limit):
        parameters = list(parameters)
        whole = clip(parameters, limit)
        norms.append(torch.cat([p.grad.flatten() for p in parameters]).norm().item())
        return whole

    monkeypatch.setattr("charrnn_helpers.training.nn.utils.clip_grad_norm_", noted)
    advance(new_run(settings=replace(SETTINGS, clip=0.05)), 5)
    assert max(norms) <= 0.05 * 1.001


def test_a_run_that_diverges_says_so_and_keeps_its_last_finite_weights():
    run = new_run()
    advance(run, 3)
    before = [p.clone() for p in run.model.parameters()]
    run.optimizer.zero_grad()
    run.model.head.register_forward_hook(lambda _, __, logits: logits * torch.inf)
    with pytest.raises(ValueError, match=r"nan after update 3: .* diverged.* rate below 0\.01"):
        advance(run, 1)
    assert all(map(torch.equal, run.model.parameters(), before))
    assert run.progress.step == 3


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_in_smaller_integers_it_is_the_same_run_to_the_bit(cell):
    expected = list(new_run(cell))
    for dtype in (torch.uint8, torch.int16, torch.int32):
        run = new_run(cell)
        small = [text.to(dtype) for text in (run.training, run.held_out)]
        again = StreamTraining(run.model, VOCABULARY, *small, SETTINGS)
        assert list(again) == expected
        assert again.texts == run.texts


def test_a_fingerprint_is_that_of_64_bits_whatever_the_type():
    texts = [torch.arange(length) % 100 for length in (200_000, 3)]
    expected = hashlib.sha256(b"|".join(text.numpy().tobytes() for text in texts)).hexdigest()
    for dtype in (torch.int64, torch.int32, torch.int16, torch.uint8):
        assert fingerprint(*(text.to(dtype) for text in texts)) == expected
    assert fingerprint(*reversed(texts)) != expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"seed": -1}, {"seed": 2**63}, {"seed": "0"}, {"epochs": 0}, {"lr": 0},
        {"lr": float("nan")}, {"clip": -1}, {"steps": 1.5}, {"streams": 0},
    ],
    ids=lambda wrong: next(iter(wrong)),
)  # fmt: skip
def test_settings_out_of_range_are_named(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be a "):
        Settings(**wrong)


def test_a_gradient_that_is_not_finite_changes_no_weight():
    run = new_run()
    advance(run, 3)
    assert not run.model.training  # between two updates it can be used
    before = [p.clone() for p in run.model.parameters()]
    run.model.head.weight.register_hook(lambda gradient: gradient * torch.inf)
    with pytest.raises(ValueError, match=r"gradient's length is (nan|inf) after update 3: "):
        advance(run, 1)
    assert all(map(torch.equal, run.model.parameters(), before))
    assert not run.model.training


def test_weights_decay_and_biases_do_not():
    plain, decaying = new_run(), new_run(settings=replace(SETTINGS, weight_decay=0.5))
    assert type(plain.optimizer) is torch.optim.Adam
    start = {name: w.detach().clone() for name, w in plain.model.named_parameters()}
    for run in (plain, decaying):
        advance(run, 1)
    kept = 1 - plain.learning_rate(0) * 0.5  # what is left of a weight; then Adam's step follows
    for (name, own), other in zip(
        plain.model.named_parameters(), decaying.model.parameters(), strict=True
    ):
        expected = (own - start[name]) + start[name] * (kept if own.dim() > 1 else 1)
        torch.testing.assert_close(other, expected, rtol=0, atol=1e-7)
