"""Many seeds at once, by hand: what `vmap` gives, and what each seed would have done alone."""

import pytest
import torch
from torch import nn

from charrnn_helpers import CharRNN, one_hot, seeds, train, train_seeds
from charrnn_helpers.seeds import are_plain, bptt_of_all_seeds
from charrnn_helpers.training import sequence_loss

# S, B, T, V, H: those of the source, and each of the others 1
SIZES = [(6, 3, 14, 17, 12), (1, 2, 3, 4, 5), (3, 1, 5, 4, 2), (3, 4, 1, 6, 5), (2, 3, 4, 1, 1)]
CLOSE = {torch.float64: 1e-10, torch.float32: 1e-4}


def batch(B, T, V):
    generator = torch.Generator().manual_seed(0)
    return torch.randint(V, (2, B, T), generator=generator)


@pytest.fixture
def by_hand(monkeypatch):
    """How often the fast way was taken."""
    calls = []

    def counted(*arguments, **named):
        calls.append(1)
        return bptt_of_all_seeds(*arguments, **named)

    monkeypatch.setattr("charrnn_helpers.training.bptt_of_all_seeds", counted)
    return calls


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", CLOSE)
def test_gradients_and_losses_are_those_of_vmap(size, dtype):
    S, B, T, V, H = size
    inputs, targets = batch(B, T, V)
    torch.manual_seed(0)
    models = [CharRNN(V, H).to(dtype) for _ in range(S)]
    weights = {n: w.detach() for n, w in torch.func.stack_module_state(models)[0].items()}

    def loss_of(own):
        return sequence_loss(torch.func.functional_call(models[0], own, (inputs,))[0], targets)

    wanted = torch.func.vmap(torch.func.grad_and_value(loss_of))(weights)
    found = bptt_of_all_seeds(weights, inputs, targets)
    tolerance = {"rtol": 0, "atol": 1e-14 if dtype == torch.float64 else 1e-6}
    torch.testing.assert_close(found, wanted, **tolerance)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", CLOSE)
def test_losses_and_weights_are_those_of_each_seed_alone(size, dtype, by_hand):
    S, B, T, V, H = size
    inputs, targets = batch(B, T, V)

    def make():
        return CharRNN(V, H).to(dtype)

    losses, models = train_seeds(make, range(S), inputs, targets, epochs=40, lr=0.02)
    assert len(by_hand) == 40
    assert losses.shape == (S, 40)
    for seed, own_losses, model in zip(range(S), losses, models, strict=True):
        torch.manual_seed(seed)
        alone = make()
        history = train(alone, inputs, targets, epochs=40, lr=0.02)
        close = {"rtol": 0, "atol": CLOSE[dtype]}
        torch.testing.assert_close(own_losses, losses.new_tensor(history.losses), **close)
        torch.testing.assert_close(model.state_dict(), alone.state_dict(), **close)


def test_the_run_of_the_source_takes_the_same_steps_for_100_epochs(pairs, by_hand):
    def make():
        return CharRNN(17, 12).double()

    losses, (model, _) = train_seeds(make, [1, 2], *pairs)
    torch.manual_seed(1)
    alone = make()
    history = train(alone, *pairs)
    assert len(by_hand) == 100
    close = {"rtol": 0, "atol": 1e-10}
    torch.testing.assert_close(losses[0], losses.new_tensor(history.losses), **close)
    torch.testing.assert_close(model.state_dict(), alone.state_dict(), **close)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.int32])
def test_integers_are_of_any_type(pairs, dtype):
    wide = train_seeds(lambda: CharRNN(17, 4), [1], *pairs, epochs=2)[0]
    narrow = train_seeds(lambda: CharRNN(17, 4), [1], *(p.to(dtype) for p in pairs), epochs=2)[0]
    assert torch.equal(narrow, wide)


def test_frozen_weights_stay(pairs, by_hand):
    def make():
        model = CharRNN(17, 4)
        model.recurrent.weight_hh_l0.requires_grad_(False)
        return model

    _, (model,) = train_seeds(make, [1], *pairs, epochs=3)
    torch.manual_seed(1)
    alone = make()
    before = alone.recurrent.weight_hh_l0.clone()
    train(alone, *pairs, epochs=3)
    assert by_hand
    assert torch.equal(model.recurrent.weight_hh_l0, before)
    torch.testing.assert_close(model.state_dict(), alone.state_dict())


class Louder(CharRNN):
    def forward(self, *arguments):
        logits, state = super().forward(*arguments)
        return 2 * logits, state


def changed(change):
    model = CharRNN(17, 4)
    change(model)
    return model


def with_layer(**options):
    return lambda: changed(
        lambda model: setattr(model, "recurrent", nn.RNN(17, 4, batch_first=True, **options))
    )


def hooked(model):
    model.recurrent.register_forward_hook(lambda _, __, result: (0.5 * result[0], result[1]))


OTHERS = {
    "a GRU": lambda: CharRNN(17, 4, "gru"),
    "an LSTM": lambda: CharRNN(17, 4, "lstm"),
    "a class of one's own": lambda: Louder(17, 4),
    "two layers": lambda: CharRNN(17, 4, layers=2),
    "another activation": with_layer(nonlinearity="relu"),
    "no biases": with_layer(bias=False),
    "no bias of the head": lambda: changed(
        lambda model: setattr(model, "head", nn.Linear(4, 17, bias=False))
    ),
    "a hook": lambda: changed(hooked),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_a_plain_rnn_is_left_to_vmap(pairs, by_hand, name):
    losses, (model,) = train_seeds(OTHERS[name], [1], *pairs, epochs=3)
    assert not by_hand
    torch.manual_seed(1)
    alone = OTHERS[name]()
    history = train(alone, *pairs, epochs=3)
    torch.testing.assert_close(losses[0], torch.tensor(history.losses))
    torch.testing.assert_close(model.state_dict(), alone.state_dict())


def test_so_are_one_hot_inputs_other_devices_16_bits_and_dropout(pairs):
    inputs, _ = pairs
    models = [CharRNN(17, 4)]
    assert are_plain(models, inputs)
    assert not are_plain(models, one_hot(inputs, 17))
    assert not are_plain(models, inputs.to("meta"))
    assert not are_plain([CharRNN(17, 4).bfloat16()], inputs)
    assert not are_plain([*models, CharRNN(17, 4, "gru")], inputs)
    assert not are_plain([with_layer(bidirectional=True)()], inputs)
    assert not are_plain([CharRNN(17, 4, dropout=0.5)], inputs)
    assert not are_plain([nn.Linear(17, 4)], inputs)


@pytest.mark.parametrize("engine", ["auto", "torch", "bptt"])
def test_every_engine_is_the_same_plain_rnn(pairs, by_hand, engine):
    train_seeds(lambda: CharRNN(17, 4, engine=engine), [1], *pairs, epochs=1)
    assert by_hand


def test_characters_that_are_none_are_refused_as_by_the_model(pairs):
    inputs, targets = pairs
    with pytest.raises(ValueError, match="inputs must lie from 0 to 16; found 17"):
        train_seeds(lambda: CharRNN(17, 4), [1], torch.full_like(inputs, 17), targets)
    with pytest.raises(TypeError, match=r"inputs must be integers, not torch\.float32"):
        train_seeds(lambda: CharRNN(17, 4), [1], inputs.float(), targets)


def test_the_names_are_those_of_the_model():
    assert tuple(dict(CharRNN(3, 2).named_parameters())) == seeds.WEIGHTS
