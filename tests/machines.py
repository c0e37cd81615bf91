"""Time machines with untrained networks, and what there is to find out about those, slowly."""

import torch
from networks import make_model

from charrnn_helpers import Vocabulary, bptt
from charrnn_helpers.cells import weights_of_layer
from charrnn_helpers.widgets import TimeMachine
from charrnn_helpers.widgets.draws import uniform
from charrnn_helpers.widgets.packed import round_weights

CELLS = ["rnn", "gru", "lstm"]
LETTERS = Vocabulary("\n .acdefghimnoruvwyW")
TEXT = "We have a nice day."
UPDATES = [0, 10, 1000]


def checkpoints(cell="gru", hidden_size=12, updates=UPDATES, vocabulary=LETTERS):
    """Networks whose weights grow, as they do in training."""
    found = []
    for i, count in enumerate(updates):
        model = make_model(vocabulary, seed=i, hidden_size=hidden_size, cell=cell)
        with torch.no_grad():
            for weight in model.parameters():
                weight.mul_(1 + i)
        found.append((count, max(0.5, 4.5 - i), round_weights(model)))
    return found


def machine(cell="gru", text=TEXT, prompt="We ", **more):
    return TimeMachine(checkpoints(cell), LETTERS, text, prompt, **more)


def trace_of(model, text, vocabulary=LETTERS):
    """The trace of reading all of a text but its last character, and ∂L/∂o."""
    ids = vocabulary.encode(text)
    x = torch.nn.functional.one_hot(ids[:-1, None], len(vocabulary)).double()
    trace = bptt.forward(model.cell, weights_of_layer(model.recurrent, model.head), x)
    return trace, bptt.cross_entropy_gradient(trace.o, ids[1:, None])


def ledger_facts(model, text, vocabulary=LETTERS):
    """Shares by distance, errors for k = 0 … T, and the horizon, from the whole ledger."""
    with torch.no_grad():
        entries = bptt.gradient_ledger(*trace_of(model, text, vocabulary))["W_hh"]
    T, g = len(entries), bptt.total(entries)
    if not g.any():
        return [0.0] * T, [0.0] * (T + 1), 0
    cut = [g] + [bptt.total(entries, bptt.kept_by(T, horizon=k)) - g for k in range(1, T + 1)]
    errors = [float(missing.norm() / g.norm()) for missing in cut]
    horizon = next(k for k, error in enumerate(errors) if error <= 0.1)
    return bptt.by_distance(bptt.entry_shares(entries)).tolist(), errors, horizon


def write_slowly(model, prompt, temperature, seed, vocabulary=LETTERS):
    """What the network writes, each letter by reading all that came before from the start."""
    text = prompt
    for u in uniform(seed, torch.arange(200 - len(prompt)).numpy()):
        with torch.inference_mode():
            logits, _ = model(vocabulary.encode(text)[None])
        p = (logits[0, -1] / temperature).softmax(0)
        text += vocabulary.characters[int((p.cumsum(0) > u * p.sum()).nonzero()[0])]
    return text
