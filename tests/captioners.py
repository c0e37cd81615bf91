"""Small networks that write captions, and pictures for them."""

from functools import cache

import torch
from demonstrations import made
from torch import nn

from charrnn_helpers.minibatches import fit, masked_loss
from charrnn_helpers.models import Decoder, EncoderDecoder
from charrnn_helpers.tasks.captions import pictures
from charrnn_helpers.tokens import START, TokenVocabulary
from charrnn_helpers.widgets.packed import round_weights

LETTERS = TokenVocabulary("-efghilnorstuvwxyz")
LONGEST = 14
PAIRS = [(torch.zeros(8, 16), "one")]


def convolution():
    """Look at both halves with the same detectors, as the chapter's networks do."""
    return nn.Sequential(
        nn.Unflatten(1, (1, 8)), nn.Conv2d(1, 6, 8, stride=8), nn.ReLU(), nn.Flatten(),
        nn.Dropout(0.4), nn.Linear(12, 12), nn.Tanh(),
    )  # fmt: skip


def plain():
    return nn.Sequential(nn.Flatten(), nn.Linear(128, 12), nn.Tanh())


def captioner(look=convolution, seed=1, cell="gru"):
    """An untrained one."""
    return made(seed, lambda: EncoderDecoder(look(), Decoder(len(LETTERS), 4, 12, cell)))


@cache
def trained():
    """One that writes names of numbers, if mostly the wrong ones."""
    images, captions = pictures("training", 3000, 0)
    batch = (images.double(), *LETTERS.writing(captions))

    def loss(model, images, written, targets):
        return masked_loss(model(images, written=written), targets)

    with torch.random.fork_rng():
        torch.manual_seed(0)
        look = nn.Sequential(
            nn.Unflatten(1, (1, 8)), nn.Conv2d(1, 24, 8, stride=8), nn.ReLU(), nn.Flatten(),
            nn.Dropout(0.1), nn.Linear(48, 32), nn.Tanh(),
        )  # fmt: skip
        model = EncoderDecoder(look, Decoder(len(LETTERS), 8, 32)).double()
        fit(model, batch, loss, epochs=6, lr=0.01)
    return round_weights(model)


def examples(seed=3):
    """The first is right for `trained()`, or not; nothing depends on it."""
    images, captions = pictures("held out", 3, seed)
    return list(zip(images, captions, strict=True))


def written_by(model, picture, longest=LONGEST):
    """What PyTorch itself makes of a picture: the caption, all states, all probabilities."""
    with torch.inference_mode():
        context = model.encoder(picture.double().view(1, 8, 16))
        tokens = model.decoder.write(context, longest)
        written = torch.cat([torch.tensor([[START]]), tokens[:, :-1]], dim=1)
        h, _ = model.decoder.recurrent(model.decoder.embed(written), context[None])
        p = model.decoder(context, written).softmax(dim=2)
    return "".join(LETTERS.decode(tokens[0])), h[0], p[0]


def near(measured, expected):
    """To nine decimals."""
    measured = torch.tensor(measured, dtype=torch.float64)
    torch.testing.assert_close(measured, expected.double(), rtol=0, atol=1e-9)
