"""Networks to test with."""

import torch

from charrnn_helpers import CharRNN


def make_model(vocabulary, seed, hidden_size=12, cell="rnn"):
    """A network in float64 with weights from a seed, whatever was drawn before."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return CharRNN(len(vocabulary), hidden_size, cell).double()
