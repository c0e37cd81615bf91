import inspect
import math
import signal
import subprocess
import sys
import threading

import pytest
import torch
from networks import make_model
from torch import nn

from charrnn_helpers import CharRNN, History, pick_device, train, train_seeds
from charrnn_helpers.training import sequence_loss


def test_loss_is_the_mean_over_sequences_and_time_steps(pairs, vocabulary):
    logits = make_model(vocabulary, seed=0)(pairs[0])[0]
    probability = logits.softmax(-1).gather(-1, pairs[1][..., None])
    torch.testing.assert_close(sequence_loss(logits, pairs[1]), -probability.log().mean())


def test_training_brings_the_loss_down_to_the_floor(pairs, vocabulary):
    history = train(make_model(vocabulary, seed=0), *pairs, epochs=100, lr=0.1)
    floor = 2 * math.log(2) / 42
    assert len(history) == history.epochs == 100
    assert not history.interrupted
    assert history.losses[0] == pytest.approx(math.log(17), abs=0.2)
    assert floor < history.losses[-1] < 1.1 * floor


def test_the_log_is_the_sources(pairs, vocabulary, capsys):
    history = train(make_model(vocabulary, seed=0), *pairs, epochs=20, log_every=10)
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        f"Epoch: 10/20............. Loss: {history.losses[9]:.4f}",
        f"Epoch: 20/20............. Loss: {history.losses[19]:.4f}",
    ]
    assert printed.err == ""


def test_nothing_is_printed_unless_asked(pairs, vocabulary, capsys):
    train(make_model(vocabulary, seed=0), *pairs, epochs=3)
    assert capsys.readouterr() == ("", "")


def test_a_progress_bar_shows_in_a_terminal(pairs, vocabulary, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    train(make_model(vocabulary, seed=0), *pairs, epochs=3)
    assert "/3 [" in capsys.readouterr().err


def test_a_tensor_of_another_type_of_integers_will_do(pairs, vocabulary):
    short = tuple(part.to(torch.int32) for part in pairs)
    wide = train(make_model(vocabulary, seed=0), *pairs, epochs=2)
    assert train(make_model(vocabulary, seed=0), *short, epochs=2).losses == wide.losses


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_seeds_trained_together_take_the_steps_that_each_takes_alone(pairs, vocabulary, cell):
    def make():
        return CharRNN(17, 6, cell).double()

    losses, models = train_seeds(make, [3, 5], *pairs, epochs=30, lr=0.02)
    assert losses.shape == (2, 30)
    for seed, together, model in zip([3, 5], losses, models, strict=True):
        alone = make_model(vocabulary, seed, hidden_size=6, cell=cell)
        history = train(alone, *pairs, epochs=30, lr=0.02)
        torch.testing.assert_close(
            together, torch.tensor(history.losses, dtype=torch.float64), rtol=0, atol=1e-9
        )
        for weight, own in zip(model.parameters(), alone.parameters(), strict=True):
            torch.testing.assert_close(weight, own, rtol=0, atol=1e-8)


def test_training_seeds_leaves_the_random_state_alone(pairs, vocabulary):
    before = torch.get_rng_state()
    train_seeds(lambda: make_model(vocabulary, 0), [1], *pairs, epochs=1)
    assert torch.equal(torch.get_rng_state(), before)


class Word(nn.Module):
    """Not of the package: an embedding that may be frozen, dropout, a buffer."""

    def __init__(self, dropout=0.0, frozen=False):
        super().__init__()
        self.embed = nn.Embedding(17, 4).requires_grad_(not frozen)
        self.recurrent = nn.RNN(4, 5, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(5, 17)
        self.register_buffer("scale", torch.tensor(0.5))

    def forward(self, inputs):
        h, state = self.recurrent(self.embed(inputs))
        return self.head(self.dropout(h) * self.scale), state


@pytest.mark.parametrize("frozen", [False, True])
def test_seeds_of_any_module_take_the_steps_that_each_takes_alone(pairs, frozen):
    losses, (model, _) = train_seeds(lambda: Word(frozen=frozen).eval(), [3, 5], *pairs, epochs=9)
    torch.manual_seed(3)
    alone = Word(frozen=frozen)
    history = train(alone, *pairs, epochs=9)
    torch.testing.assert_close(losses[0], torch.tensor(history.losses))
    for weight, own in zip(model.parameters(), alone.parameters(), strict=True):
        torch.testing.assert_close(weight, own)
    assert not model.training


def test_each_seed_has_its_own_dropout(pairs):
    losses, _ = train_seeds(lambda: Word(dropout=0.5).eval(), [3, 3], *pairs, epochs=2)
    assert (losses[0] != losses[1]).all()


def bad(**change):
    zeros = torch.zeros(3, 14, dtype=torch.long)
    return {"inputs": zeros, "targets": zeros} | change


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (bad(targets=[[1]]), TypeError, "targets must be a tensor of integers, not list"),
        (bad(targets=torch.zeros(3, 14)), TypeError, "targets must be integers"),
        (bad(targets=torch.zeros(3, dtype=torch.long)), ValueError, r"of shape \(B, T\), not"),
        (bad(inputs=[[1]]), TypeError, "inputs must be a tensor, not list"),
        (bad(inputs=torch.zeros(3, 9, dtype=torch.long)), ValueError, r"inputs are \(3, 9\)"),
        (
            bad(targets=torch.full((3, 14), 17)),
            ValueError,
            "targets must lie from 0 to 16; found 17",
        ),
        (bad(epochs=0), ValueError, "epochs must be a whole number of 1 or more, not 0"),
        (bad(epochs=1.5), ValueError, "epochs must be a whole number of 1 or more, not 1.5"),
        (bad(log_every=0), ValueError, "log_every must be a whole number"),
        (bad(lr=0), ValueError, "lr must be a positive number, not 0"),
        (bad(lr="fast"), ValueError, "lr must be a positive number, not 'fast'"),
        (bad(lr=math.nan), ValueError, "lr must be a positive number, not nan"),
    ],
)
def test_bad_arguments(arguments, error, words, vocabulary):
    with pytest.raises(error, match=words):
        train(make_model(vocabulary, 0), **arguments)


@pytest.mark.parametrize("cell", ["rnn", "gru"])
@pytest.mark.parametrize("out_of_range", [17, -100])
def test_seeds_want_targets_that_their_models_know(pairs, vocabulary, cell, out_of_range):
    targets = torch.full_like(pairs[1], out_of_range)
    with pytest.raises(ValueError, match=rf"targets must lie .*; found {out_of_range}"):
        train_seeds(lambda: make_model(vocabulary, 0, cell=cell), [1], pairs[0], targets)


def test_no_seeds(pairs, vocabulary):
    with pytest.raises(ValueError, match="seeds is empty"):
        train_seeds(lambda: make_model(vocabulary, 0), [], *pairs)


def test_ctrl_c_stops_between_two_updates_and_keeps_the_model(pairs, vocabulary, capsys):
    model = make_model(vocabulary, seed=0)
    before = signal.getsignal(signal.SIGINT)
    calls = []

    def ctrl_c(*_):
        calls.append(1)
        if len(calls) == 5:
            signal.raise_signal(signal.SIGINT)

    hook = model.register_forward_hook(ctrl_c)
    history = train(model, *pairs, epochs=10**6, lr=0.01)
    hook.remove()
    assert history.interrupted
    assert len(history) == 5
    assert "Stopped after epoch 5 of 1000000" in capsys.readouterr().out
    assert signal.getsignal(signal.SIGINT) is before

    twin = make_model(vocabulary, seed=0)
    train(twin, *pairs, epochs=len(history), lr=0.01)
    for weight, other in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.equal(weight, other)  # whole updates only


ENDLESS = """
import signal
import torch
from charrnn_helpers import CharRNN, train
inputs = torch.zeros(1, 5, dtype=torch.long)
class Endless(CharRNN):
    def forward(self, *arguments):
        asked = signal.getsignal(signal.SIGINT)
        signal.signal(signal.SIGINT, lambda *a: (asked(*a), print("asked", flush=True)))
        print("ready", flush=True)
        while True:
            pass
train(Endless(3, 2), inputs, inputs)
"""


def test_a_second_ctrl_c_ends_an_epoch_that_does_not_end():
    process = subprocess.Popen(
        [sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "asked\n"
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert "KeyboardInterrupt" in errors


def test_dropout_is_at_work_while_a_model_is_trained(pairs, vocabulary):
    """Whatever the model was used for before."""
    model = make_model(vocabulary, seed=0).eval()
    modes = []
    model.register_forward_hook(lambda model, *_: modes.append(model.training))
    train(model, *pairs, epochs=2)
    assert modes == [True, True]


def test_training_works_outside_the_main_thread(pairs, vocabulary):
    histories = []
    run = threading.Thread(
        target=lambda: histories.append(train(make_model(vocabulary, 0), *pairs, epochs=2))
    )
    run.start()
    run.join()
    assert len(histories[0]) == 2


@pytest.mark.parametrize(
    ("gpu", "dtype", "chosen", "words"),
    [
        (None, torch.float32, "cpu", "GPU not available, CPU used"),
        ("cuda", torch.float64, "cuda", "GPU is available (cuda)"),
        ("mps", torch.float32, "mps", "GPU is available (mps)"),
        ("mps", torch.float64, "cpu", "GPU available, but it has no float64: CPU used"),
    ],
)
def test_pick_device_says_what_it_picks(monkeypatch, gpu, dtype, chosen, words):
    device = torch.device(gpu) if gpu else None
    real = inspect.signature(torch.accelerator.current_accelerator)

    def current_accelerator(*given, **named):
        real.bind(*given, **named)  # as PyTorch would take it
        return device

    monkeypatch.setattr(torch.accelerator, "current_accelerator", current_accelerator)
    monkeypatch.setattr(torch, "get_default_dtype", lambda: dtype)
    said = []
    assert pick_device(said.append).type == chosen
    assert said == [words]


def test_history_has_a_short_repr():
    assert (
        repr(History(100, 0.01, [1.0] * 100)) == "History(epochs=100, lr=0.01, interrupted=False)"
    )


@pytest.mark.parametrize("poisoned", ["the loss", "the gradient's length"])
def test_a_number_that_is_not_finite_ends_the_run_and_changes_no_weight(
    pairs, vocabulary, poisoned
):
    model, calls = make_model(vocabulary, seed=0), []
    weight = model.head.weight
    before = []

    def poison(_, __, results):
        calls.append(1)
        if len(calls) < 3:
            return results
        before.extend(p.detach().clone() for p in model.parameters())
        if poisoned != "the loss":
            weight.register_hook(lambda gradient: gradient * math.inf)
            return results
        return results[0] * math.nan, results[1]

    model.register_forward_hook(poison)
    with pytest.raises(ValueError, match=f"{poisoned} is (nan|inf) in epoch 3: training diverged"):
        train(model, *pairs, epochs=9)
    assert all(map(torch.equal, model.parameters(), before))
    assert not model.training


@pytest.mark.parametrize("cell", ["rnn", "gru"])
@pytest.mark.parametrize(
    ("factor", "poisoned"), [(math.nan, "the loss"), (1e200, "the gradient's length")]
)
def test_a_seed_that_diverges_is_named(pairs, vocabulary, cell, factor, poisoned):
    """Also where its weights are such that only the square of its gradient is infinite."""

    def make():
        model = CharRNN(len(vocabulary), 6, cell).double()
        if torch.initial_seed() == 7:
            model.head.weight.data *= factor
        return model

    words = f"{poisoned} is (nan|inf) in epoch 1"
    with pytest.raises(ValueError, match=f"{words} with seed 7: training diverged"):
        train_seeds(make, [5, 7, 9], *pairs, epochs=3)
    torch.manual_seed(7)
    with pytest.raises(ValueError, match=f"{words}: training diverged"):
        train(make(), *pairs, epochs=3)


def test_a_trained_model_is_ready_for_use(pairs, vocabulary):
    model = make_model(vocabulary, seed=0)
    train(model, *pairs, epochs=2)
    assert not model.training
