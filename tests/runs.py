"""Short runs of training on a text that repeats itself."""

import torch

from charrnn_helpers import CharRNN, Vocabulary
from charrnn_helpers.longtext import checkpoints
from charrnn_helpers.longtext.settings import Settings
from charrnn_helpers.longtext.training import StreamTraining

TEXT = "the quick brown fox jumps over the lazy dog, and the dog does not mind at all. " * 40
VOCABULARY = Vocabulary.from_texts([TEXT])
SETTINGS = Settings(epochs=3, streams=4, steps=16, lr=0.01)


def new_run(cell="rnn", settings=SETTINGS, text=TEXT, **network):
    torch.manual_seed(settings.seed)
    model = CharRNN(len(VOCABULARY), 16, cell, "auto", **network)
    characters = VOCABULARY.encode(text)
    return StreamTraining(model, VOCABULARY, characters[:-400], characters[-400:], settings)


def advance(run, updates):
    losses = []
    for loss in run:
        losses.append(loss)
        if len(losses) == updates:
            break
    return losses


def save(run, path):
    checkpoints.write(path, *run.snapshot())
