"""What all figures have in common, on the Python side."""

from __future__ import annotations

from html import escape
from typing import Any, ClassVar

import anywidget
import numpy as np
import traitlets

from charrnn_helpers.widgets.bundle import figure_sources

# The light colours of ui.css, for pictures.
COLOURS = {
    "ground": "#ffffff",
    "ink": "#1f2933",
    "soft": "#52606d",
    "line": "#cbd2d9",
    "negative": "#2166ac",
    "positive": "#e66101",
    "accent": "#0f766e",
    "wash": "#d5f0eb",
    "bar": "#8a97a6",
}
# Those of the weights, in the light: each has its own, wherever it is used.
WEIGHT_COLOURS = {"W_xh": "#7048b6", "W_hh": "#a83279", "W_ho": "#3a7520", "bias": "#7d5a00"}


class FigureError(traitlets.TraitError, ValueError):
    """A figure was asked for what it cannot show; the message says what it can."""


class Whole(traitlets.Int):
    """A trait that is a whole number: Python's or NumPy's."""

    def validate(self, obj: Any, value: Any) -> int:
        """Return the number as Python's own, which a page can be sent."""
        return super().validate(obj, int(value) if isinstance(value, np.integer) else value)


class Number(traitlets.Float):
    """A trait that is a number: Python's or NumPy's."""

    def validate(self, obj: Any, value: Any) -> float:
        """Return the number as Python's own, which a page can be sent."""
        numpys = isinstance(value, np.integer | np.floating)
        return super().validate(obj, float(value) if numpys else value)


class Figure(anywidget.AnyWidget):
    """A figure that computes in the page, with a picture for where nothing can compute.

    A subclass lies in `name/figure.py`; beside it are `view.js`, which renders an element of class
    `rnn-figure rnn-name`, and `style.css`. It says what it shows: `describe()` in one line of text,
    `picture()` as SVG. `styles` names the style sheets of `ui/` that it uses besides `ui.css`.
    """

    styles: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Give the figure its JavaScript and its style, from the files beside its own."""
        if not hasattr(cls, "_esm"):  # else it comes from a figure
            sources = figure_sources(cls.__module__.split(".")[-2], cls.styles)
            cls._esm, cls._css = sources["_esm"], sources["_css"]
        super().__init_subclass__(**kwargs)

    def describe(self) -> str:
        """Return what distinguishes this figure from others of its class, in one line."""
        raise NotImplementedError

    def picture(self) -> str:
        """Return what the figure shows first, as SVG text, the same for the same figure."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.describe()})"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Offer the picture beside the live figure."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        return {**data, "image/svg+xml": self.picture()}, metadata


def tag(name: str, *content: str, **attributes: str | float) -> str:
    """Return one SVG element; numbers are written with one decimal, which nothing can see missing.

    In attribute names `_` stands for `-`. The content is SVG already; words need `label(...)`.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_number(value))}"'
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{''.join(content)}</{name}>" if content else f"<{name}{written}/>"


def label(x: float, y: float, words: str, **attributes: str | float) -> str:
    """Return words at a place, as an SVG element."""
    return tag("text", escape(words), x=x, y=y, **attributes)


def diverging(value: float) -> str:
    """Return the colour of a value from -1 (blue) over 0 (the ground) to 1 (orange)."""
    end = COLOURS["negative" if value < 0 else "positive"]
    share = min(1.0, abs(value))
    mixed = [
        round(share * int(end[i : i + 2], 16) + (1 - share) * int(COLOURS["ground"][i : i + 2], 16))
        for i in (1, 3, 5)
    ]
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def visible(character: str) -> str:
    """Return a character as it is shown: a space would be invisible."""
    return "␣" if character == " " else character


def _number(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
