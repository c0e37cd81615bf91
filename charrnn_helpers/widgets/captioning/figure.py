"""The figure in which a trained network writes the caption of what the reader draws."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
import traitlets
from torch import nn

from charrnn_helpers.cells import name_of
from charrnn_helpers.checks import check_positive
from charrnn_helpers.layers import run_torch
from charrnn_helpers.models import EncoderDecoder
from charrnn_helpers.tasks.captions import HEIGHT, WIDTH
from charrnn_helpers.tokens import SPECIAL, START, STOP, TokenVocabulary
from charrnn_helpers.widgets.captioning.picture import LEVELS, still
from charrnn_helpers.widgets.demonstration import layers_of
from charrnn_helpers.widgets.figure import Figure, FigureError, Number, Whole
from charrnn_helpers.widgets.packed import packed
from charrnn_helpers.widgets.weights import rounded

SQUARE = "■"  # how <stop> is shown


class Captioning(Figure):
    """Draw a number, or choose a picture, and watch its caption come, letter by letter.

    The figure shows the state at every letter, and the probabilities of the one looked at. What is
    drawn or chosen there is seen by Python, and the other way round.

    Attributes:
        weights: The network, as `packed` writes it.
        net: How its weights belong together, as `nn/wirings.js` takes it; and `window`, the layer
            in front that looks at one square of the picture after another, or None.
        tokens: All tokens of its vocabulary, the one at position i having integer i.
        examples: Pictures to choose from: their `pixels`, and what is `right`.
        pixels: Of the picture, row after row, from 0 (paper) to 16 (ink).
        example: Which of the examples that is, from 0; None if it is drawn.
        step: The time step looked at, t, from 1; the last is that of `<stop>`.
        caption: What the network writes, without `<stop>`; set by the figure, like what follows.
        hidden: The state h_t, H numbers.
        probabilities: Of all tokens, at time step t.
    """

    styles = ("ui/film.css",)

    weights = traitlets.Dict().tag(sync=True)
    net = traitlets.Dict().tag(sync=True)
    tokens = traitlets.List(traitlets.Unicode()).tag(sync=True)
    examples = traitlets.List(traitlets.Dict()).tag(sync=True)
    pixels = traitlets.List(Whole()).tag(sync=True)
    example = Whole(None, allow_none=True).tag(sync=True)
    step = Whole(1).tag(sync=True)
    caption = traitlets.Unicode().tag(sync=True)
    hidden = traitlets.List(Number()).tag(sync=True)
    probabilities = traitlets.List(Number()).tag(sync=True)

    def __init__(
        self,
        model: EncoderDecoder,
        vocabulary: TokenVocabulary,
        examples: Sequence[tuple[torch.Tensor, Sequence[str]]],
        longest: int = 24,
        **traits: Any,
    ):
        """Show the first example, with the whole caption written.

        Args:
            model: A captioner of 8 × 16 pixels, in float64, rounded by `round_weights`. Its encoder
                is an `nn.Sequential` of layers that `nn/wirings.js` knows; in front there may be
                an `nn.Conv2d` that cuts the picture into squares as high as it is. Later training
                does not change the figure.
            vocabulary: Of the letters that it writes.
            examples: Pairs of a picture, in sixteenths of ink, and its right caption.
            longest: After how many letters to give up waiting for `<stop>`.
            **traits: Any other trait, such as `example` or `pixels`.

        Raises:
            TypeError, ValueError: If an argument is of the wrong type or does not fit the others.
        """
        _check_model(model, vocabulary)
        check_positive("longest", longest)
        if not len(examples):
            raise FigureError("there is no example: give at least one")
        self._model = copy.deepcopy(model).eval()
        shown = [_example(vocabulary, *pair) for pair in examples]
        net = _net(model, longest)
        _check_size(self._model)
        chosen = traits.pop("example", None if "pixels" in traits else 0)
        super().__init__(
            weights=packed(model),
            net=net,
            tokens=list(vocabulary.tokens),
            examples=shown,
            **{"pixels": shown[0]["pixels"], "step": longest} | traits,
        )
        self.example = chosen  # later: it brings its pixels
        self.step = min(self.step, len(self._run()))

    @traitlets.validate("example")
    def _valid_example(self, proposal: dict[str, Any]) -> int | None:
        value = proposal["value"]
        if value is not None and not 0 <= value < len(self.examples):
            raise FigureError(f"example must be from 0 to {len(self.examples) - 1}, not {value}")
        return value

    @traitlets.validate("pixels")
    def _valid_pixels(self, proposal: dict[str, Any]) -> list[int]:
        value = proposal["value"]
        if len(value) != HEIGHT * WIDTH or not all(0 <= level <= LEVELS for level in value):
            raise FigureError(f"pixels must be {HEIGHT * WIDTH} whole numbers from 0 to {LEVELS}")
        return value

    @traitlets.validate("step")
    def _valid_step(self, proposal: dict[str, Any]) -> int:
        if not 1 <= proposal["value"] <= self.net["longest"]:
            raise FigureError(
                f"step must be from 1 to {self.net['longest']}, not {proposal['value']}"
            )
        return proposal["value"]

    @traitlets.observe("example")
    def _choose(self, _: Any) -> None:
        if self.example is not None:
            self.pixels = self.examples[self.example]["pixels"]

    @traitlets.observe("pixels")
    def _draw(self, _: Any) -> None:
        """What is drawn is no example any more."""
        if self.example is not None and self.pixels != self.examples[self.example]["pixels"]:
            self.example = None

    @traitlets.observe("pixels", "step")
    def _recompute(self, _: Any) -> None:
        """Keep the results true where no page computes them."""
        steps = self._run()
        _, hidden, probabilities = steps[min(self.step, len(steps)) - 1]
        with self.hold_trait_notifications():
            self.caption = self._letters(steps).removesuffix(SQUARE)
            self.hidden, self.probabilities = rounded(hidden), rounded(probabilities)

    def describe(self) -> str:
        """Return what the network writes."""
        return f"caption={self.caption!r}"

    def picture(self) -> str:
        """Return the picture, its caption, the states and the last probabilities, as SVG text."""
        steps = self._run()
        names = [SQUARE if i == STOP else token for i, token in enumerate(self.tokens)]
        pairs = list(zip(names, steps[-1][2], strict=True))[STOP:]
        return still(
            self.pixels, WIDTH, self._letters(steps), [h for _, h, _ in steps], dict(pairs)
        )

    def _letters(self, steps: list[tuple[int, Any, Any]]) -> str:
        return "".join(SQUARE if token == STOP else self.tokens[token] for token, _, _ in steps)

    @torch.inference_mode()
    def _run(self) -> list[tuple[int, list[float], list[float]]]:
        """Return, for each time step, the token written, the state and all probabilities."""
        picture = torch.tensor(self.pixels, dtype=torch.float64).view(1, HEIGHT, WIDTH) / LEVELS
        decoder = self._model.decoder
        context = self._model.encoder(picture)
        tokens = decoder.write(context, longest=self.net["longest"])  # (1, T)
        written = torch.cat([torch.tensor([[START]]), tokens[:, :-1]], dim=1)
        h, _ = run_torch(decoder.recurrent, decoder.embed(written), (context[None],))  # (1, T, H)
        p = decoder.head(h).softmax(dim=2)
        return list(zip(tokens[0].tolist(), h[0].tolist(), p[0].tolist(), strict=True))


def _check_model(model: EncoderDecoder, vocabulary: TokenVocabulary) -> None:
    """Raise a plain error if the model and its vocabulary do not fit each other."""
    if not isinstance(model, EncoderDecoder):
        raise TypeError(f"model must be an EncoderDecoder, not {type(model).__name__}")
    if not isinstance(vocabulary, TokenVocabulary):
        raise TypeError(f"vocabulary must be a TokenVocabulary, not {type(vocabulary).__name__}")
    if not isinstance(model.encoder, nn.Sequential):
        raise FigureError("the encoder must be an nn.Sequential that turns a picture into a state")
    if next(model.parameters()).dtype != torch.float64:
        raise FigureError("the model must be in float64, as the page computes: model.double()")
    outputs = model.decoder.head.out_features
    if outputs != len(vocabulary):
        raise FigureError(
            f"the model writes {outputs} tokens, the vocabulary has {len(vocabulary)}"
        )
    longer = [token for token in vocabulary.tokens[len(SPECIAL) :] if len(token) > 1]
    if longer:
        raise FigureError(f"the figure shows letters, and {longer[0]!r} is none")


def _example(vocabulary: TokenVocabulary, picture: Any, right: Sequence[str]) -> dict[str, Any]:
    levels = LEVELS * torch.as_tensor(picture).double()
    if levels.shape != (HEIGHT, WIDTH):
        raise FigureError(f"a picture must be {HEIGHT} × {WIDTH}, not {tuple(levels.shape)}")
    if not (levels == levels.round().clamp(0, LEVELS)).all():
        raise FigureError(f"pixels must be from 0 to 1, in steps of 1/{LEVELS}")
    vocabulary.encode(list(right))  # refuses letters that are unknown
    return {"pixels": levels.int().flatten().tolist(), "right": "".join(right)}


def _net(model: EncoderDecoder, longest: int) -> dict[str, Any]:
    """Say how the weights belong together, by PyTorch's names."""
    layers = [  # without those that do nothing to one picture, in use
        (f"encoder.{name}", layer)
        for name, layer in model.encoder.named_children()
        if not isinstance(layer, nn.Unflatten | nn.Dropout)
    ]
    window = None
    if layers and isinstance(layers[0][1], nn.Conv2d):
        name, layer = layers.pop(0)
        _check_window(layer)
        window = {"name": name, "size": HEIGHT}
    embed = [each for name, layer in layers for each in layers_of(layer, f"{name}.")]
    parts = {part: f"decoder.{part}" for part in ("embed", "recurrent", "head")}
    cell = name_of(model.decoder.recurrent)
    return {
        "window": window,
        "embed": embed,
        "recurrent": None,
        "decoder": {"cell": cell} | parts,
        "start": START,
        "stop": STOP,
        "longest": longest,
    }


def _check_window(layer: nn.Conv2d) -> None:
    square = (HEIGHT, HEIGHT)
    plain = layer.padding == (0, 0) and layer.dilation == (1, 1) and layer.bias is not None
    if not (plain and layer.in_channels == 1 and layer.kernel_size == layer.stride == square):
        raise FigureError(
            f"of convolutions the figure knows those that cut the picture into squares: "
            f"nn.Conv2d(1, …, {HEIGHT}, stride={HEIGHT})"
        )


@torch.inference_mode()
def _check_size(model: EncoderDecoder) -> None:
    """Raise a plain error if the encoder does not turn 8 × 16 pixels into a state."""
    wanted = (1, model.decoder.recurrent.hidden_size)
    try:
        found = tuple(model.encoder(torch.zeros(1, HEIGHT, WIDTH, dtype=torch.float64)).shape)
    except RuntimeError as error:
        raise FigureError(
            f"the encoder cannot look at {HEIGHT} × {WIDTH} pixels: {error}"
        ) from None
    if found != wanted:
        raise FigureError(f"the encoder gives {found}, where the decoder starts from {wanted}")
