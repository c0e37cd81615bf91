import base64

import pytest
import torch
from torch import nn

from charrnn_helpers.models import Encoder, SequenceClassifier
from charrnn_helpers.widgets.packed import LEVELS, packed, round_weights, unpacked


def network(seed=0, dtype=torch.float64):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return SequenceClassifier(Encoder(nn.Embedding(9, 5), 5, 6), 3).to(dtype)


@pytest.mark.parametrize("seed", range(5))
def test_a_weight_moves_by_half_a_step_at_most(seed):
    model, original = network(seed), network(seed)
    assert round_weights(model) is model
    for weight, before in zip(model.parameters(), original.parameters(), strict=True):
        rows = before.reshape(len(before), -1) if before.dim() > 1 else before[None]
        step = rows.abs().amax(dim=1, keepdim=True) / LEVELS
        moved = (weight - before).abs().reshape(rows.shape)
        assert (moved <= 0.501 * step).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_what_is_rounded_stays_as_it_is(dtype):
    model = round_weights(network(dtype=dtype))
    before = [weight.clone() for weight in model.parameters()]
    round_weights(model)
    assert all(map(torch.equal, before, model.parameters()))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_unpacking_gives_the_rounded_weights_exactly(dtype):
    model = round_weights(network(dtype=dtype))
    weights = unpacked(packed(model))
    assert weights.keys() == dict(model.named_parameters()).keys()
    for name, weight in model.named_parameters():
        assert torch.equal(weights[name].to(dtype), weight)
    other = network(seed=1)
    other.load_state_dict(weights)
    assert torch.equal(other.head.weight, model.head.weight.double())


def test_a_weight_takes_one_byte():
    content = packed(round_weights(network()))
    for entry in content.values():
        weights = torch.Size(entry["shape"]).numel()
        assert len(base64.b64decode(entry["bytes"])) == weights
        rows = entry["shape"][0] if len(entry["shape"]) > 1 else 1
        assert len(base64.b64decode(entry["steps"])) == 4 * rows


def test_a_row_of_zeros_stays_zero():
    model = network()
    with torch.no_grad():
        model.head.weight[1] = 0
        model.head.bias.zero_()
    weights = unpacked(packed(round_weights(model)))
    assert (weights["head.weight"][1] == 0).all()
    assert (weights["head.bias"] == 0).all()


def test_what_is_not_rounded_is_refused():
    with pytest.raises(ValueError, match=r"encoder\.embed\.weight is not rounded: call round_w"):
        packed(network())


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_what_is_not_finite_is_refused(wrong):
    model = network()
    with torch.no_grad():
        model.head.bias[0] = wrong
    for function in (round_weights, packed):
        with pytest.raises(ValueError, match="is not"):
            function(model)
    with pytest.raises(ValueError, match=r"head\.bias holds a number that is not finite"):
        round_weights(model)
