"""The figure that shows, word by word, how the verdict on a sentence turns."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
import traitlets

from charrnn_helpers.models import SequenceClassifier
from charrnn_helpers.tasks import sentiment
from charrnn_helpers.tokens import SPECIAL, TokenVocabulary
from charrnn_helpers.widgets.demonstration import Demonstration
from charrnn_helpers.widgets.figure import (
    COLOURS,
    Figure,
    FigureError,
    Number,
    Whole,
    diverging,
    label,
    tag,
)
from charrnn_helpers.widgets.film import BOLD, in_frame
from charrnn_helpers.widgets.weights import rounded

LONGEST = 40  # words
OPEN = (0.4, 0.6)  # between these probabilities there is no verdict yet
GROUPS = {
    "subjects": sentiment.NOUNS,
    "praise": sentiment.POSITIVE,
    "blame": sentiment.NEGATIVE,
    "degrees": sentiment.DEGREES,
}
RULES = {  # the tables of the task, as `sentiment_words.js` reads them
    "classes": {name: list(words) for name, words in sentiment.WORDS.items()},
    "positive": list(sentiment.POSITIVE),
    "clauses": [
        {"items": template.split(), "negated": template in sentiment.NEGATED}
        for template in sentiment.PLAIN + sentiment.NEGATED
    ],
    "sentences": [form.split() for form in ("COUNTS", *sentiment.CONTRASTS)],
}


class SentimentMeter(Figure):
    """Type a sentence and see, after each word, how likely the verdict "positive" is, and h_t.

    Behind the last word the network reads the end of the sentence; what it says then is its
    verdict. It should have been trained to answer after every word.

    Attributes:
        weights: The network, as `packed` writes it.
        net: How its weights belong together, as `nn/wirings.js` takes it.
        tokens: All tokens of its vocabulary, the one at position i having integer i.
        end: The token read behind the last word.
        groups: The words to tap: pairs of a group's name and its words.
        rules: What decides a sentence in truth, see `tasks/sentiment.py`.
        examples: Sentences to choose from.
        sentence: What is read: known words, with spaces between them, without the end.
        step: The time step looked at, from 1; the last is that of the end.
        probabilities: Of "positive" after each time step; set by the figure, like what follows.
        turns: The time steps at which the verdict changes sides.
        hidden: The state h_t, H numbers.
    """

    weights = traitlets.Dict().tag(sync=True)
    net = traitlets.Dict().tag(sync=True)
    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    end = traitlets.Unicode().tag(sync=True)
    groups = traitlets.List().tag(sync=True)
    rules = traitlets.Dict().tag(sync=True)
    examples = traitlets.List(traitlets.Unicode()).tag(sync=True)
    sentence = traitlets.Unicode().tag(sync=True)
    step = Whole(1).tag(sync=True)
    probabilities = traitlets.List(Number()).tag(sync=True)
    turns = traitlets.List(Whole()).tag(sync=True)
    hidden = traitlets.List(Number()).tag(sync=True)

    def __init__(
        self,
        model: SequenceClassifier,
        vocabulary: TokenVocabulary,
        sentence: str,
        examples: Sequence[str] = (),
        end: str = ".",
        **traits: Any,
    ):
        """Show what a network makes of a sentence.

        Args:
            model: Decides between 0 (negative) and 1 (positive); in float64, and rounded by
                `round_weights`. Later training does not change the figure.
            vocabulary: Of the words that it reads.
            sentence: Known words with spaces between them.
            examples: More such sentences, for the reader to choose from.
            end: The token that the model reads behind the last word.
            **traits: Any other trait of a widget, such as `layout`.

        Raises:
            TypeError, ValueError: If an argument is of the wrong type, or a word is not known.
        """
        if not isinstance(vocabulary, TokenVocabulary):
            raise TypeError(f"vocabulary must be a TokenVocabulary, not {vocabulary!r:.40}")
        if end not in vocabulary:
            raise FigureError(f"the end {end!r} is not in the vocabulary")
        if isinstance(examples, str):
            raise TypeError("examples must be a list of sentences, not one string")
        for each in (sentence, *examples):
            _check(each, vocabulary.tokens, end)
        network = Demonstration(
            "words", "decision", model, [([end], "positive")], sentiment.LABELS, "", (), vocabulary
        ).describe()
        read = network["weights"]["encoder.embed.weight"]["shape"][0]
        if read != len(vocabulary):
            raise FigureError(
                f"the model reads {read} tokens, the vocabulary has {len(vocabulary)}"
            )
        self._model = copy.deepcopy(model)
        sentence, *examples = (" ".join(each.split()) for each in (sentence, *examples))
        super().__init__(
            weights=network["weights"],
            net=network["net"],
            tokens=list(vocabulary.tokens),
            end=end,
            groups=_groups(vocabulary.tokens, end),
            rules=RULES,
            examples=list(dict.fromkeys([sentence, *examples])),
            sentence=sentence,
            step=len(sentence.split()) + 1,
            **traits,
        )

    @traitlets.validate("sentence")
    def _valid(self, proposal: dict[str, Any]) -> str:
        _check(proposal["value"], self.tokens, self.end)
        return " ".join(proposal["value"].split())

    @traitlets.observe("sentence", "step")
    def _answer(self, _change: dict[str, Any]) -> None:
        _, states, chances = self._read()
        t = min(max(self.step, 1), len(states))
        self.set_trait("probabilities", rounded(chances))
        self.set_trait("turns", turns_of(chances))
        self.set_trait("hidden", rounded(states[t - 1]))

    def describe(self) -> str:
        """Return the sentence that is read."""
        return f"sentence={self.sentence!r}"

    def picture(self) -> str:
        """Return the sentence, the chances and the states, as SVG text."""
        return _picture(*self._read())

    @torch.inference_mode()
    def _read(self) -> tuple[list[str], list[list[float]], list[float]]:
        """Return the words, the states h_1 … h_T, and the chance of "positive" after each."""
        words = [*self.sentence.split(), self.end]
        encoder = self._model.encoder
        integers = torch.tensor([[self.tokens.index(word) for word in words]])
        states, _ = encoder.recurrent(encoder.embed(integers))  # (1, T, H)
        chances = self._model.head(states[0]).softmax(dim=1)[:, 1]
        return words, states[0].tolist(), chances.tolist()


def turns_of(probabilities: Sequence[float]) -> list[int]:
    """Return the time steps, from 1, at which the verdict is another than the one before.

    Where a probability lies between 40 and 60 % the verdict is open, and the one before stands.
    """
    turns, side = [], None
    for t, p in enumerate(probabilities, start=1):
        if OPEN[0] <= p <= OPEN[1]:
            continue
        if side is not None and side != (p > 0.5):
            turns.append(t)
        side = p > 0.5
    return turns


def _check(sentence: str, tokens: Sequence[str], end: str) -> None:
    """Raise a plain error for what the figure cannot read."""
    if not isinstance(sentence, str):
        raise TypeError(f"a sentence must be a string, not {type(sentence).__name__}")
    words = sentence.split()
    if not 1 <= len(words) <= LONGEST:
        raise FigureError(f"a sentence must have from 1 to {LONGEST} words, not {len(words)}")
    for word in words:
        if word == end:
            raise FigureError(f"leave the end {end!r} out of the sentence: the figure adds it")
        if word not in tokens or word in SPECIAL:
            raise FigureError(f"{word!r} is not among the words that the network knows")


def _groups(tokens: Sequence[str], end: str) -> list[tuple[str, list[str]]]:
    """Return the known words in groups; those that are in no group of the task come first."""
    named = {name: [w for w in words if w in tokens] for name, words in GROUPS.items()}
    others = {*tokens} - {*SPECIAL, end}.union(*named.values())
    groups = {"small words": sorted(others)} | named
    return [(name, words) for name, words in groups.items() if words]


def _picture(words: list[str], states: list[list[float]], chances: list[float]) -> str:
    turns = turns_of(chances)
    named = " and ".join(f"‘{words[t - 1]}’" if t < len(words) else "the end" for t in turns)
    sentence = f"Positive after the last word: {100 * chances[-1]:.1f} %. " + (
        f"The verdict turns at {named}." if turns else "The verdict never turns."
    )
    height = 74 + 24 * len(words)
    cell = 256 / len(states[0])
    parts = [
        label(16, 30, sentence, font_size=15, **BOLD),
        label(130, 56, "negative", font_size=12, fill=COLOURS["negative"]),
        label(330, 56, "positive", font_size=12, fill="#b45309", text_anchor="end"),
        label(420, 56, f"hidden state: {len(states[0])} units", font_size=12),
        tag("line", x1=230, x2=230, y1=62, y2=height - 10, stroke=COLOURS["soft"]),
    ]
    for t, (word, h, p) in enumerate(zip(words, states, chances, strict=True), start=1):
        y = 62 + 24 * (t - 1)
        side = COLOURS["positive" if p > 0.5 else "negative"]
        left = 130 + 200 * min(p, 0.5)
        if t in turns:
            parts.append(tag("rect", x=8, y=y, width=684, height=24, fill=COLOURS["wash"]))
        parts += [
            label(16, y + 17, word, **(BOLD if t in turns else {})),
            tag("rect", x=left, y=y + 5, width=max(1.0, 200 * abs(p - 0.5)), height=14, fill=side),
            label(395, y + 17, f"{100 * p:.1f} %", text_anchor="end"),
        ]
        parts += [
            tag("rect", x=420 + i * cell, y=y + 3, width=cell - 0.5, height=18, fill=diverging(v))
            for i, v in enumerate(h)
        ]
    return in_frame(
        f"A network has read: {' '.join(words)} {sentence}",
        700,
        height,
        *parts,
        font_size=14,
    )
