"""An untrained translator with weights large enough for outputs that differ, and that end."""

import torch
from demonstrations import ENGLISH, FRENCH
from torch import nn

from charrnn_helpers.models import Decoder, Encoder, EncoderDecoder
from charrnn_helpers.tokens import STOP
from charrnn_helpers.widgets.packed import round_weights

EXAMPLES = [
    (["friday", "march", "eleven"], ["vendredi", "onze", "mars"]),
    (["in", "two", "months"], ["dans", "deux", "mois"]),
]


def make_translator(seed=7, reader="gru", cell="gru", hidden_size=24):
    """Return a rounded model in float64 that reads ENGLISH and writes FRENCH."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = EncoderDecoder(
            Encoder(nn.Embedding(len(ENGLISH), 6), 6, hidden_size, reader),
            Decoder(len(FRENCH), 7, hidden_size, cell),
        ).double()
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(3)
        model.decoder.head.bias[:STOP] -= 5  # <pad> and <start> are never written
    return round_weights(model).eval()
