"""Packed weights: what the page unpacks is what Python packed, to the last bit."""

import pytest
import torch
from torch import nn

from charrnn_helpers.models import Decoder, Encoder, EncoderDecoder, SequenceTagger
from charrnn_helpers.widgets.bundle import bundle
from charrnn_helpers.widgets.packed import packed, round_weights

CELLS = ["rnn", "gru", "lstm"]


@pytest.fixture(scope="module")
def page(browser):
    """A page whose `js` is packed.js and rnn.js."""
    page = browser.new_page()
    page.evaluate(
        """async (sources) => {
            const urls = sources.map((source) =>
                URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
            const modules = await Promise.all(urls.map((url) => import(url)));
            window.js = Object.assign({}, ...modules);
        }""",
        [bundle("nn/packed.js"), bundle("nn/rnn.js")],
    )
    yield page
    page.close()


def made(seed, build):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return round_weights(build().double())


@pytest.mark.parametrize("seed", range(3))
def test_every_weight_arrives_unchanged(page, seed):
    look = nn.Sequential(nn.Flatten(), nn.Linear(8, 6), nn.Tanh())
    model = made(seed, lambda: EncoderDecoder(look, Decoder(9, 4, 6)))
    arrived = page.evaluate("(packed) => js.unpacked(packed)", packed(model))
    assert arrived.keys() == dict(model.named_parameters()).keys()
    for name, weight in model.named_parameters():
        assert torch.equal(torch.tensor(arrived[name], dtype=torch.float64), weight)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("seed", range(3))
@torch.inference_mode()
def test_a_tagger_decides_as_in_torch(page, cell, seed):
    model = made(seed, lambda: SequenceTagger(nn.Embedding(9, 4), 4, 6, 3, cell))
    x = torch.randint(9, (11,), generator=torch.Generator().manual_seed(seed))
    logits = page.evaluate(
        """([packed, cell, x]) => {
            const weights = js.unpacked(packed);
            const layer = js.layerOf(weights, cell, "recurrent", "head");
            const states = js.read(layer, x.map((i) => weights["embed.weight"][i]));
            return states.map((state) => js.logits(layer, state));
        }""",
        [packed(model), cell, x.tolist()],
    )
    measured = torch.tensor(logits, dtype=torch.float64)
    torch.testing.assert_close(measured, model(x[None])[0], rtol=0, atol=1e-12)


def test_a_layer_without_a_head(page):
    model = made(0, lambda: Encoder(nn.Embedding(9, 4), 4, 6))
    names = page.evaluate(
        "(packed) => Object.keys(js.layerOf(js.unpacked(packed), 'gru', 'recurrent'))",
        packed(model),
    )
    assert names == ["cell", "W_xh", "W_hh", "b_xh", "b_hh"]
