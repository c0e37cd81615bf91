"""Untrained models of every wiring, with examples, for the figure that chooses between them."""

import torch
from torch import nn

from charrnn_helpers.models import (
    Decoder,
    Encoder,
    EncoderDecoder,
    SequenceClassifier,
    SequenceTagger,
)
from charrnn_helpers.tasks.digits import digit_images
from charrnn_helpers.tokens import STOP, TokenVocabulary
from charrnn_helpers.widgets.demonstration import Demonstration
from charrnn_helpers.widgets.packed import round_weights

LETTERS = TokenVocabulary("efghinorstuvwx")
ENGLISH = TokenVocabulary(["eleven", "friday", "in", "march", "months", "seven", "two"])
FRENCH = TokenVocabulary(["dans", "deux", "mars", "mois", "onze", "sept", "vendredi"])
MOVES = ("left", "right", "up", "down")


def make_digit_network():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.Tanh(), nn.Linear(16, 10))


def loss_of_digits(model, pictures, digits):
    return nn.functional.cross_entropy(model(pictures), digits)


def read_frames(size):
    return nn.Sequential(nn.Flatten(2), nn.Linear(256, size), nn.ReLU())


def made(seed, build):
    """A model in float64 from a seed, with weights large enough for outputs that differ."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = build().double()
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(2)
        if isinstance(model, EncoderDecoder):
            model.decoder.head.bias[STOP] -= 1  # so that it writes something before it stops
    return round_weights(model).eval()


def videos(seed, lengths):
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(T, 16, 16, generator=generator) for T in lengths]


def demonstrations(seed=0):
    """One of each of the six combinations, two or three examples each."""
    images = [torch.tensor(image) for image in digit_images("held out")[0][seed : seed + 3]]
    wide = [torch.cat([images[0], images[i]], dim=1) for i in (1, 2)]
    sentences = [["friday", "march", "eleven"], ["in", "two", "months"], ["two"]]
    pair = nn.Sequential(nn.Flatten(), nn.Linear(128, 20), nn.Tanh())
    return [
        Demonstration(
            "picture", "decision", made(seed, make_digit_network),
            [(image, str(i)) for i, image in enumerate(images)], tuple("0123456789"),
            "right on 90 % of 397 pictures", [make_digit_network, loss_of_digits],
        ),
        Demonstration(
            "picture", "sequence",
            made(seed, lambda: EncoderDecoder(pair, Decoder(len(LETTERS), 8, 20))),
            [(picture, list("seven")) for picture in wide], LETTERS, "right on 80 %", longest=9,
        ),
        Demonstration(
            "words", "decision",
            made(seed, lambda: SequenceClassifier(
                Encoder(nn.Embedding(len(ENGLISH), 6), 6, 12, "lstm"), 2)),
            [(words, "positive") for words in sentences], ("negative", "positive"), "right on 70 %",
            reads=ENGLISH,
        ),
        Demonstration(
            "words", "sequence",
            made(seed, lambda: EncoderDecoder(
                Encoder(nn.Embedding(len(ENGLISH), 6), 6, 24, "gru"), Decoder(len(FRENCH), 7, 24))),
            [(words, ["deux", "mois"]) for words in sentences], FRENCH, "right on 60 %",
            reads=ENGLISH, longest=8,
        ),
        Demonstration(
            "frames", "decision",
            made(seed, lambda: SequenceClassifier(Encoder(read_frames(10), 10, 14, "rnn"), 4)),
            [(video, "up") for video in videos(seed, [8, 5])], MOVES, "right on 50 %",
        ),
        Demonstration(
            "frames", "every step",
            made(seed, lambda: SequenceTagger(read_frames(10), 10, 14, 4)),
            [(video, ["left"] * len(video)) for video in videos(seed + 1, [18, 12])], MOVES,
            "right on 40 % of frames",
        ),
    ]  # fmt: skip
