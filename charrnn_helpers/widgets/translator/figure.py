"""The figure in which a network reads an English sentence, then writes it in French."""

from __future__ import annotations

import copy
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import torch
import traitlets

from charrnn_helpers.models import EncoderDecoder
from charrnn_helpers.tokens import SPECIAL, START, STOP, TokenVocabulary
from charrnn_helpers.widgets.demonstration import Demonstration
from charrnn_helpers.widgets.figure import Figure, FigureError, Number, Whole, diverging, label, tag
from charrnn_helpers.widgets.film import BOLD, in_frame
from charrnn_helpers.widgets.weights import rounded

MOST_READ = 12  # words
MOST_WRITTEN = 20  # words, `<stop>` among them


class Translator(Figure):
    """Type a sentence and see the state after each word, the context, and each word written.

    At every word that is written the reader may put another one in its place; the decoder then
    goes on from there.

    Attributes:
        weights: The network, as `packed` writes it.
        net: How its weights belong together, as `nn/wirings.js` takes it.
        reads: All tokens of the language that is read, the one at position i having integer i.
        writes: The same of the language that is written.
        examples: Sentences with their right translations: `{"text", "right"}`.
        text: What is read: known words, with spaces between them.
        beginning: The words that the decoder is made to write first; it chooses all others.
        step: The time step looked at, from 1: first those of reading, then those of writing.
        written: The translation, without `<stop>`; set by the figure, like what follows.
        probabilities: Of all words, at each time step of writing.
        context: The state that is handed over, H numbers.
    """

    weights = traitlets.Dict().tag(sync=True)
    net = traitlets.Dict().tag(sync=True)
    reads = traitlets.List(traitlets.Unicode()).tag(sync=True)
    writes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    examples = traitlets.List(traitlets.Dict()).tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    beginning = traitlets.List(traitlets.Unicode()).tag(sync=True)
    step = Whole(1).tag(sync=True)
    written = traitlets.List(traitlets.Unicode()).tag(sync=True)
    probabilities = traitlets.List(traitlets.List(Number())).tag(sync=True)
    context = traitlets.List(Number()).tag(sync=True)

    def __init__(
        self,
        model: EncoderDecoder,
        reads: TokenVocabulary,
        writes: TokenVocabulary,
        examples: Sequence[tuple[Sequence[str], Sequence[str]]],
        text: str | None = None,
        beginning: Sequence[str] = (),
        **traits: Any,
    ):
        """Show what a network makes of a sentence.

        Args:
            model: Its encoder reads words; in float64, and rounded by `round_weights`. Later
                training does not change the figure.
            reads: Of the words that are read.
            writes: Of the words that are written.
            examples: Pairs of a sentence and its right translation, both lists of words.
            text: The sentence shown at first; the first example if not given.
            beginning: Words that the decoder is made to write first.
            **traits: Any other trait, such as `step`.

        Raises:
            TypeError, ValueError: If an argument is of the wrong type, or a word is not known.
        """
        pairs = [(list(read), list(right)) for read, right in examples]
        shown = Demonstration(
            "words", "sequence", model, pairs, writes, "", reads=reads, longest=MOST_WRITTEN
        )
        network = shown.describe()
        if network["net"]["embed"] != [["embedding", "encoder.embed"]]:
            raise TypeError("the encoder must be an Encoder of words: its embed an nn.Embedding")
        rows = model.encoder.embed.num_embeddings
        if rows != len(reads):
            raise FigureError(f"the model reads {rows} tokens, the vocabulary has {len(reads)}")
        self._model, self._reads, self._writes = copy.deepcopy(model), reads, writes
        words = _words(pairs[0][0] if text is None else text)
        self._check_text(words)
        self._check_beginning(beginning)
        super().__init__(
            weights=network["weights"],
            net=network["net"],
            reads=list(reads.tokens),
            writes=list(writes.tokens),
            examples=[{"text": " ".join(a), "right": " ".join(b)} for a, b in pairs],
            text=" ".join(words),
            beginning=list(beginning),
            **{"step": len(words) + len(beginning) + 1} | traits,
        )
        self._recompute(None)

    @traitlets.validate("text")
    def _valid_text(self, proposal: dict[str, Any]) -> str:
        words = _words(proposal["value"])
        self._check_text(words)
        return " ".join(words)

    @traitlets.validate("beginning")
    def _valid_beginning(self, proposal: dict[str, Any]) -> list[str]:
        self._check_beginning(proposal["value"])
        return proposal["value"]

    @traitlets.observe("text", "beginning")
    def _recompute(self, _: Any) -> None:
        """Keep the results true where no page computes them."""
        states, written, probabilities = self._run()
        with self.hold_trait_notifications():
            self.written, self.context = written, rounded(states[-1])
            self.probabilities = rounded(probabilities)

    @torch.inference_mode()
    def _run(self) -> tuple[list[list[float]], list[str], list[list[float]]]:
        """Return the encoder's states, what is written, and all probabilities at each word."""
        encoder, inputs = self._model.encoder, self._reads.encode(self.text.split())[None]
        states = encoder.recurrent(encoder.embed(inputs))[0][0]  # (T, H)
        context = encoder(inputs)
        tokens, probabilities = [], []
        forced = self._writes.encode(self.beginning).tolist()
        while len(tokens) < MOST_WRITTEN and STOP not in tokens:
            so_far = torch.tensor([[START, *tokens]])
            probabilities.append(self._model.decoder(context, so_far)[0, -1].softmax(dim=0))
            tokens += forced[len(tokens) :][:1] or [probabilities[-1].argmax().item()]
        return (
            states.tolist(),
            self._writes.decode(tokens),
            [p.tolist() for p in probabilities],
        )

    def _check_text(self, words: list[str]) -> None:
        if not 1 <= len(words) <= MOST_READ:
            raise FigureError(f"text must have from 1 to {MOST_READ} words, not {len(words)}")
        for word in words:
            if word not in self._reads or word in SPECIAL:
                raise FigureError(f"{word!r} is not among the words that this network knows")

    def _check_beginning(self, words: Sequence[str]) -> None:
        if isinstance(words, str):
            raise TypeError("beginning must be a list of words, not a string: split it first")
        for word in words:
            if word not in self._writes:
                raise FigureError(f"{word!r} is not among the words that this network writes")
        if len(words) > MOST_WRITTEN or "<stop>" in words[:-1]:
            raise FigureError(
                f"beginning must have {MOST_WRITTEN} words at most, and none behind <stop>"
            )

    def describe(self) -> str:
        """Return what is read, and what was forced on the decoder."""
        forced = f", beginning={self.beginning!r}" if self.beginning else ""
        return f"text={self.text!r}{forced}"

    def picture(self) -> str:
        """Return what is read and written, as SVG text."""
        states, written, probabilities = self._run()
        highest = [f"{100 * max(p):.0f} %" for p in probabilities]
        out = [*written, "stop"][: len(highest)]
        read = [_field(state, 48) for state in states]
        said = f"The network reads ‘{self.text}’ and writes ‘{' '.join(written)}’."
        top, parts = _cards(self.text.split(), read, 58)
        below, answers = _cards(out, [label(0, 14, p, font_size=12) for p in highest], top + 56)
        return in_frame(
            said,
            700,
            below + 10,
            label(16, 36, "The encoder reads", **BOLD),
            *parts,
            label(16, top + 34, f"↓ context: {len(states[-1])} numbers. Then it writes", **BOLD),
            *answers,
        )


def _words(text: str | Sequence[str]) -> list[str]:
    """Split a text as the page does: hyphens and commas count as spaces."""
    text = text if isinstance(text, str) else " ".join(text)
    return re.sub(r"[-,.]", " ", unicodedata.normalize("NFKC", text).lower()).split()


def _cards(words: list[str], below: list[str], top: float) -> tuple[float, list[str]]:
    """Return where the rows of cards end, and each word with what stands below it."""
    parts, x = [], 16.0
    for word, content in zip(words, below, strict=True):
        width = max(56.0, 8.0 * len(word) + 8)
        if x + width > 684:
            x, top = 16.0, top + 60
        parts.append(label(x, top, word))
        parts.append(tag("g", content, transform=f"translate({x:.0f} {top + 6:.0f})"))
        x += width + 6
    return top + 40, parts


def _field(state: list[float], width: float) -> str:
    """Draw a state as a field of cells, 16 in a row; cells of one colour are one shape."""
    size = width / 16
    places: dict[str, list[str]] = {}
    for i, value in enumerate(state):
        place = f"M{size * (i % 16):g} {size * (i // 16):g}h{size:g}v{size:g}h{-size:g}z"
        places.setdefault(diverging(round(value, 1)), []).append(place)
    return tag("g", *(tag("path", d="".join(p), fill=colour) for colour, p in places.items()))
