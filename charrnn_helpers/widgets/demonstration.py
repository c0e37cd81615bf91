"""Trained models and held-out examples, as the figure `WiringChooser` takes and passes them on."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from charrnn_helpers.cells import name_of
from charrnn_helpers.models import Encoder, EncoderDecoder, SequenceClassifier, SequenceTagger
from charrnn_helpers.source_code import source_lines
from charrnn_helpers.tokens import START, STOP, TokenVocabulary
from charrnn_helpers.widgets.figure import FigureError
from charrnn_helpers.widgets.packed import packed

INPUTS = ("picture", "words", "frames")
OUTPUTS = ("decision", "sequence", "every step")
LEVELS_OF_GREY = 240  # what a pixel may be a multiple of: a byte each; 1/16 is one, exactly

MODELS = {
    "decision": SequenceClassifier,
    "sequence": EncoderDecoder,
    "every step": SequenceTagger,
}
ACTIVATIONS = {nn.Tanh: "tanh", nn.ReLU: "relu"}
Label = str | list[str]


@dataclass
class Demonstration:
    """A trained model of one wiring, with examples that it has never seen.

    Attributes:
        input: "picture", "words" or "frames".
        output: "decision", "sequence" or "every step".
        model: Trained, in float64, and rounded by `round_weights`. A picture's decision is made by
            an `nn.Sequential` that ends in `nn.Linear`; all others by the classes in `models`.
        examples: Pairs of what goes in and what is right. In go a picture `(rows, columns)`, a list
            of words, or frames `(T, rows, columns)`; right is a label, or a list of them.
        gives: The labels to decide between, or the vocabulary that is written.
        result: What the model reached on held-out data, in words.
        code: Functions whose source is shown: how the model is made, what its loss is.
        reads: The vocabulary of the words that go in.
        longest: The most tokens that a decoder may write.
    """

    input: str
    output: str
    model: nn.Module
    examples: Sequence[tuple[Any, Label]]
    gives: TokenVocabulary | Sequence[str]
    result: str
    code: Sequence[Callable] = ()
    reads: TokenVocabulary | None = None
    longest: int = 24

    def __post_init__(self):
        """Raise a plain error if the parts do not fit each other."""
        self._check_kinds()
        self._check_model()
        if not self.examples:
            raise FigureError("there is no example: give at least one")
        for inputs, right in self.examples:
            self._check_example(inputs, right)

    @property
    def labels(self) -> tuple[str, ...]:
        """What the model's outputs stand for, in order."""
        gives = self.gives
        return gives.tokens if isinstance(gives, TokenVocabulary) else tuple(gives)

    def describe(self) -> dict[str, Any]:
        """Return all that the page needs, as JSON."""
        return {
            "net": self._net(),
            "weights": packed(self.model),
            "labels": list(self.labels),
            "result": self.result,
            "examples": [self._example(inputs, right) for inputs, right in self.examples],
            "code": [{"heading": "", "lines": self._lines()}] if self.code else [],
        }

    @torch.inference_mode()
    def run(self, example: int) -> tuple[list[str], list[list[float]]]:
        """Return the labels that the model gives for an example, and all their probabilities.

        A decision is one label; what a decoder writes ends before `<stop>`, but its probabilities
        do not.
        """
        inputs = self._tensor(self.examples[example][0])[None]
        if self.output == "sequence":
            tokens = self.model.write(inputs, longest=self.longest)  # (1, T)
            written = torch.cat([torch.tensor([[START]]), tokens[:, :-1]], dim=1)
            logits = self.model(inputs, written=written)[0]  # (T, V)
        else:
            logits = self.model(inputs).reshape(-1, len(self.labels))
        best = [self.labels[i] for i in logits.argmax(dim=1)]
        if self.output == "sequence" and best[-1] == self.labels[STOP]:
            best.pop()
        return best, logits.softmax(dim=1).tolist()

    def _check_kinds(self) -> None:
        for name, value, known in [
            ("input", self.input, INPUTS),
            ("output", self.output, OUTPUTS),
        ]:
            if value not in known:
                raise FigureError(
                    f"{name} must be one of {', '.join(map(repr, known))}, not {value!r}"
                )
        if self.input == "words" and not isinstance(self.reads, TokenVocabulary):
            raise TypeError("reads must be the TokenVocabulary of the words that go in")
        if self.output == "sequence" and not isinstance(self.gives, TokenVocabulary):
            raise TypeError("gives must be the TokenVocabulary that is written")

    def _check_model(self) -> None:
        is_plain = (self.input, self.output) == ("picture", "decision")
        wanted = nn.Sequential if is_plain else MODELS[self.output]
        if not isinstance(self.model, wanted):
            raise TypeError(
                f"a model from {self.input} to {self.output} must be of class {wanted.__name__}, "
                f"not {type(self.model).__name__}"
            )
        if next(self.model.parameters()).dtype != torch.float64:
            raise FigureError("the model must be in float64, as the page computes: model.double()")
        head = self.model[-1] if is_plain else getattr(self.model, "decoder", self.model).head
        if head.out_features != len(self.labels):
            raise FigureError(
                f"{head.out_features} outputs, but {len(self.labels)} labels are given"
            )

    def _check_example(self, inputs: Any, right: Label) -> None:
        tensor = self._tensor(inputs)  # refuses words that are unknown
        axes = {"picture": 2, "words": 1, "frames": 3}[self.input]
        if tensor.dim() != axes or tensor.numel() == 0:
            raise FigureError(f"{self.input} must have {axes} axes, not {tuple(tensor.shape)}")
        steps = 1 if self.input == "picture" else len(tensor)
        given = [right] if self.output == "decision" else right
        if isinstance(given, str) or (self.output == "every step" and len(given) != steps):
            raise FigureError(f"right must be a list of labels, {steps} for {steps} steps")
        unknown = [label for label in given if label not in self.labels]
        if unknown:
            raise FigureError(f"{unknown[0]!r} is right, but no label of the model")

    def _tensor(self, inputs: Any) -> torch.Tensor:
        if self.input == "words":
            return self.reads.encode(inputs)
        grey = (torch.as_tensor(inputs).double() * LEVELS_OF_GREY).round()
        if grey.numel() and not 0 <= grey.min() <= grey.max() <= LEVELS_OF_GREY:
            raise FigureError("pixels must lie from 0 to 1")
        return grey / LEVELS_OF_GREY

    def _example(self, inputs: Any, right: Label) -> dict[str, Any]:
        right = [right] if self.output == "decision" else list(right)
        tensor = self._tensor(inputs)
        if self.input == "words":
            return {"words": list(inputs), "integers": tensor.tolist(), "right": right}
        grey = (tensor * LEVELS_OF_GREY).round().to(torch.uint8)
        pixels = base64.b64encode(grey.numpy().tobytes()).decode()
        shape = [1, *grey.shape] if self.input == "picture" else list(grey.shape)
        return {"pixels": pixels, "shape": shape, "right": right}

    def _lines(self) -> list[str]:
        """Return the source of all functions, an empty line between two of them."""
        sources = [source_lines(function) for function in self.code]
        return sources[0] + [line for lines in sources[1:] for line in ("", *lines)]

    def _net(self) -> dict[str, Any]:
        """Say how the weights belong together, by PyTorch's names; `nn/wirings.js` reads it."""
        model = self.model
        net = {"recurrent": None, "head": None, "decoder": None}
        if isinstance(model, nn.Sequential):
            names = layers_of(model, "")
            return net | {"embed": names[:-1], "head": names[-1][1]}
        if isinstance(model, EncoderDecoder):
            cell = name_of(model.decoder.recurrent)
            parts = {part: f"decoder.{part}" for part in ("embed", "recurrent", "head")}
            net |= {"decoder": {"cell": cell} | parts}
            net |= {"start": START, "stop": STOP, "longest": self.longest}
        else:
            net |= {"head": "head"}
        reader, prefix = (
            (model, "") if isinstance(model, SequenceTagger) else (model.encoder, "encoder.")
        )
        if not isinstance(reader, Encoder | SequenceTagger):  # of a picture: no loop
            return net | {"embed": layers_of(reader, prefix)}
        recurrent = {"cell": name_of(reader.recurrent), "name": f"{prefix}recurrent"}
        return net | {"embed": layers_of(reader.embed, f"{prefix}embed."), "recurrent": recurrent}


def layers_of(module: nn.Module, prefix: str) -> list[list[str]]:
    """Return the layers that a module without time consists of, as `nn/wirings.js` takes them.

    Raises:
        FigureError: If there is a layer that it does not know.
    """
    if isinstance(module, nn.Sequential):
        children = module.named_children()
        return [layer for name, child in children for layer in layers_of(child, f"{prefix}{name}.")]
    if isinstance(module, nn.Flatten | nn.Identity):
        return []
    if type(module) in ACTIVATIONS:
        return [[ACTIVATIONS[type(module)]]]
    if isinstance(module, nn.Embedding):
        return [["embedding", prefix.removesuffix(".")]]
    if isinstance(module, nn.Linear) and module.bias is not None:
        return [["linear", prefix.removesuffix(".")]]
    raise FigureError(
        f"the figure has no layer like {module}; it knows Linear, Embedding, Tanh, ReLU"
    )
