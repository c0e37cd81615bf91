"""Let a trained network write.

The state is carried from character to character: a network that remembers need not read its own
text again. n characters cost n steps, not 1 + 2 + … + n.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator

import numpy as np
import torch

from charrnn_helpers.checks import check_positive, is_number, is_whole
from charrnn_helpers.models import CharRNN, evaluating
from charrnn_helpers.steps import State
from charrnn_helpers.vocabulary import Vocabulary

Step = Callable[[np.ndarray, tuple], tuple[np.ndarray, tuple]]


@torch.no_grad()
def predict(
    model: CharRNN, vocabulary: Vocabulary, text: str, state: State | None = None
) -> tuple[torch.Tensor, State]:
    """Read a text and return how likely each character is to come next.

    Args:
        model: A network for this vocabulary.
        vocabulary: V characters.
        text: One character or more.
        state: Where to go on reading, as returned by an earlier call: a tuple, (h,) or (h, c),
            each `(1, 1, H)`. h_0 = 0 if not given.

    Returns:
        `(probabilities, state)`: probabilities `(V,)`, which sum to 1, and the state after the
        last character. Both are the caller's own: to change, or to start training from.

    Raises:
        TypeError, ValueError: If the text is empty or has a character outside the vocabulary, or
            if model and vocabulary differ in size, or the state is not one of this model's.
    """
    with evaluating(model):
        logits, state = _read(model, vocabulary, text, state)
    return logits.softmax(dim=-1), state


def sample(
    model: CharRNN,
    vocabulary: Vocabulary,
    start: str,
    length: int,
    *,
    temperature: float | None = None,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
) -> str:
    """Return a text of `length` characters that begins with `start`.

    Args:
        model: A network for this vocabulary.
        vocabulary: V characters.
        start: One character or more; counts towards the length.
        length: Of the whole text, in characters.
        temperature: Draw each character from softmax(logits / temperature). Not given: take the
            likeliest (greedy), which is also the limit of a temperature towards 0.
        top_k: Draw among the k likeliest characters only; needs a temperature.
        top_p: Draw among the likeliest characters only: as few as have this probability together
            (Holtzman et al. 2020), after `temperature` and `top_k`; needs a temperature.
        generator: Source of randomness, on the CPU; torch's default if not given.

    Raises:
        TypeError, ValueError: If the start is empty, has a character outside the vocabulary or
            is longer than `length`; if temperature, top_k or length is out of range; if model
            and vocabulary differ in size, or a weight is not finite.
    """
    choice = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "generator": generator}
    return _texts(model, vocabulary, start, length, 1, **choice)[0]


def sample_many(
    model: CharRNN,
    vocabulary: Vocabulary,
    start: str,
    length: int,
    count: int,
    *,
    temperature: float,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
) -> list[str]:
    """Return `count` texts, drawn side by side in one batch: much faster than one by one.

    The other arguments, and the errors, are those of `sample`; a temperature must be given, as
    all texts would be the same without.
    """
    check_positive("count", count)
    if temperature is None:
        raise ValueError("without a temperature all texts would be the same: try temperature=1.0")
    choice = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "generator": generator}
    return _texts(model, vocabulary, start, length, count, **choice)


def sample_stream(
    model: CharRNN,
    vocabulary: Vocabulary,
    start: str,
    *,
    temperature: float | None = None,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
) -> Iterator[str]:
    """Return an endless iterator over the characters that the network writes after `start`.

    Arguments and errors are those of `sample`, raised at the call and not at the first character.
    All is written with the weights of that moment, whatever is trained in the meantime.
    """
    choice = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "generator": generator}
    model = copy.deepcopy(model).eval()
    model.recurrent.flatten_parameters()  # for a GPU they must lie in one piece
    return (vocabulary.characters[i] for (i,) in _written(model, vocabulary, start, 1, **choice))


def _texts(
    model: CharRNN, vocabulary: Vocabulary, start: str, length: int, count: int, **choice
) -> list[str]:
    check_positive("length", length)
    if isinstance(start, str) and len(start) > length:
        raise ValueError(
            f"start has {len(start)} characters, more than the length of {length} asked for; "
            f"give a length of {len(start)} or more"
        )
    with evaluating(model):
        written = _written(model, vocabulary, start, count, **choice)
        columns = [next(written) for _ in range(length - len(start))]
    rows = np.reshape(columns, (-1, count)).T.tolist()
    return [start + vocabulary.decode(row) for row in rows]


def _written(
    model: CharRNN,
    vocabulary: Vocabulary,
    start: str,
    count: int,
    temperature: float | None,
    top_k: int | None,
    top_p: float | None,
    generator: torch.Generator | None,
) -> Iterator[np.ndarray]:
    """Check the arguments, read the start, and return an iterator over the next characters.

    It is endless, and yields the integers `(N,)` of N = `count` texts side by side.
    """
    _check_choice(temperature, top_k, top_p, len(vocabulary))
    with torch.inference_mode():
        logits, state = _read(model, vocabulary, start, None)
        if not logits.isfinite().all():
            raise ValueError("the network gives numbers that are not finite: its training diverged")
        logits = to_numpy(logits.expand(count, -1))
        state = tuple(part.repeat(1, count, 1) for part in state)
    step, state = stepper(model, state)

    def characters() -> Iterator[np.ndarray]:
        nonlocal logits, state
        while True:
            chosen = _choose(logits, temperature, top_k, top_p, generator)
            yield chosen
            logits, state = step(chosen, state)

    return characters()


def _read(
    model: CharRNN, vocabulary: Vocabulary, text: str, state: State | None
) -> tuple[torch.Tensor, State]:
    """Read a text and return the logits `(V,)` after its last character, and the state."""
    if len(vocabulary) != model.vocabulary_size:
        raise ValueError(
            f"the model knows {model.vocabulary_size} characters, the vocabulary {len(vocabulary)}"
        )
    if text == "":
        raise ValueError("the text is empty: give the network at least one character to read")
    inputs = vocabulary.encode(text).to(model.head.weight.device)
    logits, state = model(inputs[None], state)  # (1, T, V)
    return logits[0, -1], state


def _choose(
    logits: np.ndarray,
    temperature: float | None,
    top_k: int | None,
    top_p: float | None,
    generator: torch.Generator | None,
) -> np.ndarray:
    """Choose one of V characters for each of N texts, by its logit, `(N, V)`."""
    if temperature is None:
        return logits.argmax(axis=1)
    logits = logits.astype(np.float64)
    if top_k is not None:
        left_out = np.argsort(-logits, axis=1, kind="stable")[:, top_k:]
        np.put_along_axis(logits, left_out, -np.inf, axis=1)
    with np.errstate(over="ignore"):  # a temperature next to 0: all but the likeliest get -inf
        below = (logits - logits.max(axis=1, keepdims=True)) / float(temperature)
    weights = np.exp(below)
    if top_p is not None:
        order = np.argsort(-weights, axis=1, kind="stable")
        sums = np.take_along_axis(weights, order, axis=1).cumsum(axis=1)
        # A character is left out if those before it have the probability without it.
        enough = np.zeros_like(sums, dtype=bool)
        enough[:, 1:] = sums[:, :-1] >= float(top_p) * sums[:, -1:]
        left_out = np.empty_like(enough)
        np.put_along_axis(left_out, order, enough, axis=1)
        weights[left_out] = 0
    # The inverse of the cumulative distribution at a uniform draw: unlike torch.multinomial, the
    # same in every release of torch.
    cumulative = weights.cumsum(axis=1)
    u = torch.rand(len(logits), 1, generator=generator, dtype=torch.float64).numpy()
    return (cumulative <= u * cumulative[:, -1:]).sum(axis=1)  # below V, as u is below 1


def _check_choice(
    temperature: float | None, top_k: int | None, top_p: float | None, size: int
) -> None:
    if temperature is not None and not (is_number(temperature) and 0 < temperature < math.inf):
        raise ValueError(
            f"temperature must be a number above 0, not {temperature!r}; "
            "for the likeliest character, leave it out"
        )
    if top_k is not None and not (is_whole(top_k) and 1 <= top_k <= size):
        raise ValueError(f"top_k must be a whole number from 1 to {size}, not {top_k!r}")
    if top_p is not None and not (is_number(top_p) and 0 < top_p <= 1):
        raise ValueError(f"top_p must be a number above 0, up to 1, not {top_p!r}")
    for name, given in (("top_k", top_k), ("top_p", top_p)):
        if given is not None and temperature is None:
            raise ValueError(
                f"{name} draws at random and so needs a temperature: try temperature=1.0"
            )


def stepper(model: CharRNN, state: State) -> tuple[Step, tuple]:
    """Return the fastest way to take this network a character further, many times over.

    A step is little arithmetic, and in PyTorch mostly the price of asking for it. So one layer of a
    known cell on the CPU is stepped in NumPy. All else is stepped as it is.

    Args:
        model: V characters, H hidden units.
        state: After what has been read so far, N texts side by side; as the model returns it.

    Returns:
        `(step, state)`: `step(characters, state)` takes integers `(N,)` and returns logits
        `(N, V)` and the next state; the state is in the form that `step` wants.
    """
    weight, known = model.head.weight, model.cell in ADVANCE and model.layers == 1
    if known and weight.device.type == "cpu" and _numpy_has(weight.dtype):
        return _numpy_stepper(model, tuple(part[0].numpy() for part in state))
    return _torch_stepper(model), state


def _numpy_stepper(
    model: CharRNN, state: tuple[np.ndarray, ...]
) -> tuple[Step, tuple[np.ndarray, ...]]:
    """Return `(step, state)`; the state here begins with W_hh h + b_hh, what h adds to the gates.

    So that one product gives all that follows from h_t, the weights of both are put together:

        (h_t, 1) [ W_hh^T  W_ho^T ]  =  (W_hh h_t + b_hh, o_t)
                 [ b_hh     b_o   ]
    """
    layer, head, advance = model.recurrent, model.head, ADVANCE[model.cell]
    with torch.inference_mode():
        # What each character gives to the gates: W_xh's column + b_xh.
        table = (layer.weight_ih_l0.T.contiguous() + layer.bias_ih_l0).numpy()
        weights = torch.cat([layer.weight_hh_l0, head.weight])  # (G·H + V, H)
        bias = torch.cat([layer.bias_hh_l0, head.bias])
        from_h = torch.cat([weights.T, bias[None]]).numpy()  # (H + 1, G·H + V)
    rows = table.shape[1]
    h_and_1 = np.ones((len(state[0]), len(from_h)), table.dtype)
    h = h_and_1[:, :-1]

    def step(characters: np.ndarray, state: tuple) -> tuple[np.ndarray, tuple]:
        others = advance(h, table.take(characters, axis=0), state)
        both = np.dot(h_and_1, from_h)  # a new array each time: the caller may keep its parts
        return both[:, rows:], (both[:, :rows], *others)

    h[:] = state[0]
    return step, (np.dot(h_and_1, from_h[:, :rows]), *state)


def _advance_rnn(out: np.ndarray, a_x: np.ndarray, state: tuple) -> tuple:
    """Write h_t into `out`, `(N, H)`.

    Args:
        out: Where to.
        a_x: What the input gives to the gates.
        state: What h_{t-1} gives to them, then the parts of the state before that are needed.

    Returns:
        The parts of the state that the next call will need.
    """
    np.add(a_x, state[0], out=out)
    np.tanh(out, out=out)
    return ()


def _advance_gru(out: np.ndarray, a_x: np.ndarray, state: tuple) -> tuple:
    a_h, h = state
    H = h.shape[1]
    gates = _sigmoid(a_x[:, : 2 * H] + a_h[:, : 2 * H])
    r, z = gates[:, :H], gates[:, H:]
    n = np.tanh(a_x[:, 2 * H :] + r * a_h[:, 2 * H :])
    h = n + z * (h - n)
    out[:] = h
    return (h,)


def _advance_lstm(out: np.ndarray, a_x: np.ndarray, state: tuple) -> tuple:
    H, a, c = out.shape[1], a_x + state[0], state[-1]
    i_and_f, g, o = _sigmoid(a[:, : 2 * H]), np.tanh(a[:, 2 * H : 3 * H]), _sigmoid(a[:, 3 * H :])
    c = i_and_f[:, H:] * c + i_and_f[:, :H] * g
    np.multiply(o, np.tanh(c), out=out)
    return (c,)


ADVANCE = {"rnn": _advance_rnn, "gru": _advance_gru, "lstm": _advance_lstm}


def _sigmoid(a: np.ndarray) -> np.ndarray:
    return 0.5 * np.tanh(0.5 * a) + 0.5


def _torch_stepper(model: CharRNN) -> Step:
    @torch.inference_mode()
    def step(characters: np.ndarray, state: State) -> tuple[np.ndarray, State]:
        inputs = torch.from_numpy(characters)[:, None].to(model.head.weight.device)
        logits, state = model(inputs, state)
        return to_numpy(logits[:, 0]), state

    return step


def to_numpy(numbers: torch.Tensor) -> np.ndarray:
    """Return numbers from any device as an array: in float32, if they have only 16 bits."""
    return (numbers if _numpy_has(numbers.dtype) else numbers.float()).numpy(force=True)


def _numpy_has(dtype: torch.dtype) -> bool:
    return dtype in (torch.float32, torch.float64)
