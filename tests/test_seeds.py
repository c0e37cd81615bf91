"""The gradient of many seeds at once is the one that autograd finds, seed by seed."""

import pytest
import torch
from torch import nn

from charrnn_helpers import CharRNN, one_hot, seeds, train_seeds
from charrnn_helpers.seeds import are_plain, bptt_of_all_seeds
from charrnn_helpers.training import sequence_loss


@pytest.mark.parametrize(
    ("S", "B", "T", "V", "H"), [(1, 1, 1, 2, 1), (3, 2, 5, 7, 4), (5, 1, 9, 3, 6), (2, 4, 1, 5, 3)]
)
def test_gradients_and_losses_are_those_of_each_alone(S, B, T, V, H):
    torch.manual_seed(S)
    models = [CharRNN(V, H).double() for _ in range(S)]
    inputs, targets = torch.randint(V, (2, B, T))
    weights, _ = torch.func.stack_module_state(models)
    gradients, losses = bptt_of_all_seeds(weights, inputs, targets)
    for s, model in enumerate(models):
        loss = sequence_loss(model(inputs)[0], targets)
        loss.backward()
        torch.testing.assert_close(losses[s], loss.detach(), rtol=0, atol=1e-13)
        for name, weight in model.named_parameters():
            torch.testing.assert_close(gradients[name][s], weight.grad, rtol=0, atol=1e-13)


def test_it_is_for_plain_networks_only():
    inputs = torch.zeros(2, 3, dtype=torch.long)
    assert are_plain([CharRNN(5, 4), CharRNN(5, 4, engine="bptt")], inputs)
    hooked = CharRNN(5, 4)
    hooked.head.register_forward_hook(lambda *_: None)
    others = [
        CharRNN(5, 4, "gru"),
        CharRNN(5, 4, "lstm"),
        CharRNN(5, 4, layers=2),
        CharRNN(5, 4, dropout=0.5),
        CharRNN(5, 4).bfloat16(),
        hooked,
        nn.Linear(5, 4),
    ]
    for other in others:
        assert not are_plain([CharRNN(5, 4), other], inputs)
    assert not are_plain([CharRNN(5, 4)], one_hot(inputs, 5))


def test_both_ways_train_alike(monkeypatch):
    torch.manual_seed(0)
    inputs, targets = torch.randint(6, (2, 3, 8))

    def found():
        return train_seeds(lambda: CharRNN(6, 5).double(), range(4), inputs, targets, epochs=40)

    quick, models = found()
    monkeypatch.setattr("charrnn_helpers.training.are_plain", lambda *_: False)
    monkeypatch.setattr(seeds, "bptt_of_all_seeds", None)
    slow, others = found()
    torch.testing.assert_close(quick, slow, rtol=0, atol=1e-10)
    for own, other in zip(models, others, strict=True):
        for weight, same in zip(own.parameters(), other.parameters(), strict=True):
            torch.testing.assert_close(weight, same, rtol=0, atol=1e-9)
