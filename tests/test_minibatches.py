import signal

import pytest
import torch
from torch import nn

from charrnn_helpers.minibatches import fit, masked_loss
from charrnn_helpers.models import Encoder, SequenceClassifier


def network(seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return SequenceClassifier(Encoder(nn.Embedding(6, 4), 4, 8), 2).double()


def loss_of(model, x, labels):
    return masked_loss(model(x), labels)


@pytest.fixture(scope="module")
def examples():
    """Does the token 5 stand before the token 4? Order alone decides."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(0, 4, (120, 6), generator=generator)
    labels = torch.randint(0, 2, (120,), generator=generator)
    x[:, 1] = torch.where(labels == 1, 5, 4)
    x[:, 4] = torch.where(labels == 1, 4, 5)
    return x, labels


def weights_of(model):
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


def test_it_learns_what_order_alone_decides(examples):
    model = network()
    history = fit(model, examples, loss_of, epochs=15, lr=0.02, batch_size=32)
    x, labels = examples
    assert len(history) == 15
    assert history.losses[0] > 0.5
    assert history.losses[-1] < 0.1
    assert (model(x).argmax(dim=1) == labels).all()
    assert not model.training


def test_dropout_is_at_work_while_a_model_is_fitted_and_no_longer(examples):
    """Whatever the model was used for before."""
    model = network().eval()
    modes = []

    def noted(model, x, labels):
        modes.append(model.training)
        return loss_of(model, x, labels)

    fit(model, examples, noted, epochs=2, lr=0.02, batch_size=60)
    assert modes == [True] * 4
    assert not model.training


def test_the_same_seed_gives_the_same_weights(examples):
    torch.manual_seed(99)  # the order of the examples is the seed's alone
    first, again, other = (network() for _ in range(3))
    fit(first, examples, loss_of, epochs=2, lr=0.02, seed=1)
    torch.rand(5)
    fit(again, examples, loss_of, epochs=2, lr=0.02, seed=1)
    fit(other, examples, loss_of, epochs=2, lr=0.02, seed=2)
    assert torch.equal(weights_of(first), weights_of(again))
    assert not torch.equal(weights_of(first), weights_of(other))


def test_every_epoch_sees_every_example_once(examples):
    x, labels = examples
    numbers = torch.arange(len(x))
    seen = []

    def counted(model, x, labels, numbers):
        seen.extend(numbers.tolist())
        return loss_of(model, x, labels)

    fit(network(), (x, labels, numbers), counted, epochs=2, lr=0.02, batch_size=50)
    first, second = seen[:120], seen[120:]
    assert sorted(first) == sorted(second) == numbers.tolist()
    assert first != second


def test_the_loss_of_an_epoch_is_the_mean_over_examples(examples):
    """Also where the last batch is a small one: with hardly any learning it is the loss itself."""
    model = network()
    expected = loss_of(model, *examples).item()
    history = fit(model, examples, loss_of, epochs=1, lr=1e-12, batch_size=50)
    assert history.losses == [pytest.approx(expected, abs=1e-9)]


def test_a_long_gradient_is_shortened(examples):
    """Adam does not see the scale of all gradients; it sees when one batch's is cut."""
    loose, tight = network(), network()
    fit(loose, examples, loss_of, epochs=2, lr=0.02, clip=1e9)
    fit(tight, examples, loss_of, epochs=2, lr=0.02, clip=1e-9)
    assert not torch.allclose(weights_of(loose), weights_of(tight), atol=1e-6)


def test_ctrl_c_keeps_what_has_been_learned(examples, capsys):
    model = network()
    before = weights_of(model)
    calls = []

    def interrupted(model, x, labels):
        calls.append(len(x))
        if len(calls) == 6:  # of 4 batches an epoch: in the second
            signal.raise_signal(signal.SIGINT)
        return loss_of(model, x, labels)

    history = fit(model, examples, interrupted, epochs=50, lr=0.02, batch_size=32)
    assert history.interrupted
    assert len(history) == 1
    assert len(calls) == 6
    assert not torch.equal(weights_of(model), before)
    assert "Stopped in epoch 2 of 50; the model keeps" in capsys.readouterr().out
    assert not model.training


def test_diverged_training_is_named_and_keeps_the_last_finite_weights(examples):
    model = network()
    calls = []

    def diverging(model, x, labels):
        calls.append(1)
        return loss_of(model, x, labels) * (float("nan") if len(calls) == 3 else 1)

    with pytest.raises(ValueError, match=r"the loss is nan in epoch 1: .* below 0\.02"):
        fit(model, examples, diverging, epochs=5, lr=0.02, batch_size=32)
    assert weights_of(model).isfinite().all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"epochs": 0}, "epochs must be a whole number of 1 or more, not 0"),
        ({"batch_size": 2.5}, r"batch_size must be a whole number of 1 or more, not 2\.5"),
        ({"lr": 0}, "lr must be"),
        ({"lr": float("nan")}, "lr must be"),
        ({"clip": -1.0}, "clip must be"),
        ({"seed": 0.5}, "seed must be a whole number from 0"),
        ({"examples": ()}, "there are no examples"),
        ({"examples": (torch.zeros(0, 2), torch.zeros(0))}, "there are no examples"),
        ({"examples": (torch.zeros(3), torch.zeros(4))}, r"but they hold \[3, 4\]"),
    ],
)
def test_bad_arguments_are_named(examples, arguments, words):
    model = network()
    given = {"examples": examples, "epochs": 1, "lr": 0.1} | arguments
    with pytest.raises(ValueError, match=words):
        fit(model, loss_of=loss_of, **given)
    assert torch.equal(weights_of(model), weights_of(network()))


def test_a_gradient_that_is_not_finite_is_named_too_and_changes_no_weight(examples):
    """The loss is: it is the root of 0, which has no slope there."""
    model = network()

    def rootlike(model, x, labels):
        return loss_of(model, x, labels) + (0 * model(x)).sum().sqrt()

    with pytest.raises(ValueError, match=r"gradient's length is nan in epoch 1: .* below 0\.02"):
        fit(model, examples, rootlike, epochs=5, lr=0.02, batch_size=32)
    assert torch.equal(weights_of(model), weights_of(network()))
    assert not model.training


def test_a_single_step_is_one(examples):
    """As far as Adam goes at the learning rate that was given."""
    model = network()
    fit(model, examples, loss_of, epochs=1, lr=0.02, batch_size=120)
    moved = (weights_of(model) - weights_of(network())).abs().max().item()
    assert moved == pytest.approx(0.02, rel=1e-3)
