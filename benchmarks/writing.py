"""Sampling from a plain RNN: the carried state beside reading everything again."""

from __future__ import annotations

import torch

from benchmarks.timing import seconds_of, table
from charrnn_helpers import CharRNN, Vocabulary, sample, sample_many

CHARACTERS = Vocabulary.from_texts(["".join(map(chr, range(32, 97)))])  # V = 65
SIZES = [(128, 100, 20), (128, 1000, 3), (512, 1000, 1)]  # H, characters, rounds
AGAIN = "the whole text read again for each character, as the source does"
STEPS = "`nn.RNN`, a step at a time"
PACKAGE = "`sample`"
MANY = "`sample_many`, 100 texts side by side"
LENGTHS = (1000, 2000, 4000)


def report() -> str:
    """Return the tables of speeds, and of how the time grows with the length."""
    columns = [_measured(*size) for size in SIZES]
    heading = ["sampling, greedy", *(f"H {H}, {n:,} characters" for H, n, _ in SIZES)]
    rows = [[name, *(column[name] for column in columns)] for name in columns[0]]
    return f"{table(heading, rows)}\n\n{_growth()}"


def _measured(H: int, length: int, rounds: int) -> dict[str, str]:
    model = CharRNN(len(CHARACTERS), H)
    candidates = {
        AGAIN: lambda: reading_again(model, "A", length),
        STEPS: lambda: stepping(model, "A", length),
        PACKAGE: lambda: sample(model, CHARACTERS, "A", length),
    }
    seconds = seconds_of(candidates, rounds)
    # Many at once is far slower a call, and would tell nothing among the others' rounds.
    draw = torch.Generator().manual_seed(0)
    many = {MANY: lambda: sample_many(
        model, CHARACTERS, "A", length, 100, temperature=1.0, generator=draw
    )}  # fmt: skip
    seconds[MANY] = seconds_of(many, 1)[MANY] / 100
    return {
        name: f"{length / s / 1e3:,.3g} k/s, {seconds[AGAIN] / s:,.3g} ×"
        for name, s in seconds.items()
    }


def _growth() -> str:
    model = CharRNN(len(CHARACTERS), 128)
    seconds = seconds_of(
        {n: (lambda n=n: sample(model, CHARACTERS, "A", n)) for n in LENGTHS}, rounds=9
    )
    cells = [f"{seconds[n] / seconds[LENGTHS[0]]:.2f} ×" for n in LENGTHS]
    return table(
        ["time of `sample`, H 128", *(f"{n:,} characters" for n in LENGTHS)],
        [["relative", *cells]],
    )


@torch.inference_mode()
def reading_again(model: CharRNN, start: str, length: int) -> list[int]:
    """Read all that is there to write one character more."""
    written = CHARACTERS.encode(start).tolist()
    while len(written) < length:
        logits, _ = model(torch.tensor([written]))
        written.append(logits[0, -1].argmax().item())
    return written


@torch.inference_mode()
def stepping(model: CharRNN, start: str, length: int) -> list[int]:
    """Carry the state, and ask `nn.RNN` for one step at a time."""
    written = CHARACTERS.encode(start).tolist()
    logits, state = model(torch.tensor([written]))
    while len(written) < length:
        written.append(logits[0, -1].argmax().item())
        logits, state = model(torch.tensor([written[-1:]]), state)
    return written
