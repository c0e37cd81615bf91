"""The nine kinds of problem that the figure `WiringChooser` lets a reader choose, in words."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from charrnn_helpers.models import (
    Decoder,
    Encoder,
    EncoderDecoder,
    SequenceClassifier,
    SequenceTagger,
)
from charrnn_helpers.source_code import body_lines

# What the package runs for each wiring, from the inputs to the outputs.
METHODS: dict[str, tuple[Callable, ...]] = {
    "one to one": (),
    "one to many": (EncoderDecoder.forward, Decoder.forward),
    "many to one": (SequenceClassifier.forward, Encoder.forward),
    "many to many, unaligned": (EncoderDecoder.forward, Encoder.forward, Decoder.forward),
    "many to many, aligned": (SequenceTagger.forward,),
}

# By the kinds of input and output: the wiring, what the problem is, and where no chapter trains
# it, what serves it: whose code and wiring are shown.
PROBLEMS: dict[tuple[str, str], dict[str, Any]] = {
    ("picture", "decision"): {
        "wiring": "one to one",
        "says": "A picture goes in, and its digit comes out. One input, one output: there is no "
        "time, and no loop.",
    },
    ("picture", "sequence"): {
        "wiring": "one to many",
        "says": "A picture goes in, and its caption comes out, letter by letter. The network "
        "itself decides where it ends: it writes ‘stop’.",
    },
    ("picture", "every step"): {
        "wiring": "one to one",
        "serves": ("picture", "decision"),
        "says": "One picture is one step, so a decision at every step is one decision, and one to "
        "one serves. To decide for every part of a picture, let it read the parts one after "
        "another: then the parts are the steps, as frames are in a video.",
    },
    ("words", "decision"): {
        "wiring": "many to one",
        "says": "A sentence goes in, word by word. Only after the last word does the network "
        "decide: positive or negative.",
    },
    ("words", "sequence"): {
        "wiring": "many to many, unaligned",
        "says": "English goes in, and French comes out. The lengths differ, and the first word to "
        "write may hang on the last that is read: one network reads, then another writes.",
    },
    ("words", "every step"): {
        "wiring": "many to many, aligned",
        "serves": ("frames", "every step"),
        "says": "This would be a label for every word, such as noun or verb. The wiring of a "
        "label for every frame serves, with an embedding of words in front. The character model "
        "is wired like this too: its decision at each step is the next letter.",
    },
    ("frames", "decision"): {
        "wiring": "many to one",
        "says": "A clip goes in, frame by frame. Only after the last frame does the network "
        "decide how the digit moved.",
    },
    ("frames", "sequence"): {
        "wiring": "many to many, unaligned",
        "serves": ("words", "sequence"),
        "says": "This would be a video told in a sentence. The wiring of translation serves: an "
        "encoder that reads frames instead of words, then the decoder.",
    },
    ("frames", "every step"): {
        "wiring": "many to many, aligned",
        "says": "A video goes in, and at every frame the network says how the digit is moving. "
        "It has seen this frame and those before it, and none that follow.",
    },
}


def described(demonstrations: dict[tuple[str, str], Any]) -> list[dict[str, Any]]:
    """Return all nine problems as JSON, with the models and examples that there are for them.

    Args:
        demonstrations: `Demonstration`s by their kinds of input and output.
    """
    made = {kinds: shown.describe() for kinds, shown in demonstrations.items()}
    problems = []
    for (goes_in, comes_out), text in PROBLEMS.items():
        shown = made.get((goes_in, comes_out), {})
        same = made.get(text.get("serves"), {})
        code = [*shown.get("code", same.get("code", [])), *map(method, METHODS[text["wiring"]])]
        words = {"wiring": text["wiring"], "says": text["says"], "served": "serves" in text}
        problems.append({"input": goes_in, "output": comes_out, **words, **shown, "code": code})
    return problems


def method(function: Callable) -> dict[str, Any]:
    """Return a method's body, with its name and its arguments' names as the heading."""
    arguments = ", ".join(list(inspect.signature(function).parameters)[1:])
    return {"heading": f"{function.__qualname__}({arguments})", "lines": body_lines(function)}
