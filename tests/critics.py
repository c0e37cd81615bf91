"""Untrained critics of films, and the words that they read."""

from demonstrations import made
from torch import nn

from charrnn_helpers.models import Encoder, SequenceClassifier
from charrnn_helpers.tasks import sentiment
from charrnn_helpers.tokens import TokenVocabulary

WORDS = TokenVocabulary.from_sequences([*sentiment.reviews("training")[0], ["."]])


def critic(seed=0, cell="gru", classes=2, tokens=None):
    return made(
        seed,
        lambda: SequenceClassifier(
            Encoder(nn.Embedding(tokens or len(WORDS), 6), 6, 8, cell), classes
        ),
    )
