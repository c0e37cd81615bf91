"""One small figure of each kind, for tests that hold of all of them."""

from captioners import LETTERS, captioner, examples
from critics import WORDS, critic
from demonstrations import ENGLISH, FRENCH, demonstrations
from machines import machine
from networks import make_model
from translators import EXAMPLES, make_translator

from charrnn_helpers import Vocabulary, widgets
from charrnn_helpers.cells import make_weights

TEXTS = ["hey how are you", "good i am fine", "have a nice day"]
VOCABULARY = Vocabulary.from_texts(TEXTS)


def networks():
    return [make_model(VOCABULARY, seed, 6) for seed in range(2)]


EVERY_FIGURE = {
    "Captioning": lambda: widgets.Captioning(captioner(), LETTERS, examples()),
    "Completion": lambda: widgets.Completion(networks()[0], VOCABULARY, prompt="good"),
    "GatedCell": widgets.GatedCell,
    "GradientLedger": lambda: widgets.GradientLedger(
        {"rnn": networks()}, VOCABULARY, "good i am fine "
    ),
    "SentimentMeter": lambda: widgets.SentimentMeter(critic(), WORDS, "the film was dull"),
    "SpectralLab": lambda: widgets.SpectralLab(hidden_size=8),
    "TimeMachine": machine,
    "TrainHere": lambda: widgets.TrainHere(networks()[0], VOCABULARY, TEXTS, epochs=8),
    "Translator": lambda: widgets.Translator(make_translator(), ENGLISH, FRENCH, EXAMPLES),
    "Unroll": lambda: widgets.Unroll(make_weights("rnn", 1, 2, 1), inputs=[1, 0, 0, 0, 0, 0, 0, 0]),
    "VideoLabels": lambda: widgets.VideoLabels(demonstrations()[5]),
    "WiringChooser": lambda: widgets.WiringChooser(demonstrations()),
}
