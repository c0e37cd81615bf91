"""Packed weights: what the page unpacks is what Python packed, to the last bit."""

import pytest
import torch
from torch import nn

from charrnn_helpers.models import Decoder, Encoder, EncoderDecoder, SequenceTagger
from charrnn_helpers.widgets.packed import packed, round_weights

CELLS = ["rnn", "gru", "lstm"]
MODULES = {"both": ["nn/packed.js", "nn/rnn.js"]}


def made(seed, build):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return round_weights(build().double())


@pytest.mark.parametrize("seed", range(3))
def test_every_weight_arrives_unchanged(js, seed):
    look = nn.Sequential(nn.Flatten(), nn.Linear(8, 6), nn.Tanh())
    model = made(seed, lambda: EncoderDecoder(look, Decoder(9, 4, 6)))
    arrived = js.evaluate("(packed) => both.unpacked(packed)", packed(model))
    assert arrived.keys() == dict(model.named_parameters()).keys()
    for name, weight in model.named_parameters():
        assert torch.equal(torch.tensor(arrived[name], dtype=torch.float64), weight)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("seed", range(3))
@torch.inference_mode()
def test_a_tagger_decides_as_in_torch(js, cell, seed):
    model = made(seed, lambda: SequenceTagger(nn.Embedding(9, 4), 4, 6, 3, cell))
    x = torch.randint(9, (11,), generator=torch.Generator().manual_seed(seed))
    logits = js.evaluate(
        """([packed, cell, x]) => {
            const weights = both.unpacked(packed);
            const layer = both.layerOf(weights, cell, "recurrent", "head");
            const states = both.read(layer, x.map((i) => weights["embed.weight"][i]));
            return states.map((state) => both.logits(layer, state));
        }""",
        [packed(model), cell, x.tolist()],
    )
    measured = torch.tensor(logits, dtype=torch.float64)
    torch.testing.assert_close(measured, model(x[None])[0], rtol=0, atol=1e-12)


def test_a_layer_without_a_head(js):
    model = made(0, lambda: Encoder(nn.Embedding(9, 4), 4, 6))
    names = js.evaluate(
        "(packed) => Object.keys(both.layerOf(both.unpacked(packed), 'gru', 'recurrent'))",
        packed(model),
    )
    assert names == ["cell", "W_xh", "W_hh", "b_xh", "b_hh"]
