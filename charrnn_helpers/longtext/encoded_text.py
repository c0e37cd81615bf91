"""A text of any size as integers, in as few bytes as its characters need."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import torch

from charrnn_helpers.vocabulary import BLOCK, Vocabulary, code_points


class EncodedText(NamedTuple):
    """A text as a network reads it.

    Attributes:
        vocabulary: Its V characters.
        integers: `(N,)`, of the smallest type that holds V: uint8 up to 256, else int16 or int32.
    """

    vocabulary: Vocabulary
    integers: torch.Tensor


def encode_pieces(pieces: Iterable[str]) -> EncodedText:
    """Collect the characters of a text, and encode it, while its pieces come in.

    No more than one piece is ever there as a string, which takes up to 4 bytes a character.

    Args:
        pieces: Of the text, in its order.

    Returns:
        The vocabulary of `Vocabulary.from_texts`, and the integers of `Vocabulary.encode`.

    Raises:
        ValueError: If there is no character.
    """
    numbers = array("B")
    number_of = np.full(sys.maxunicode + 1, -1, dtype=np.int32)  # by code point; -1: not yet met
    characters: list[int] = []  # in the order in which they came: only the end tells the true one
    for piece in pieces:
        points = code_points(piece)
        found = number_of.take(points)
        if (found < 0).any():
            new = np.unique(points[found < 0])
            number_of[new] = np.arange(len(characters), len(characters) + len(new))
            characters += new.tolist()
            numbers = _with_room_for(len(characters), numbers)
            found = number_of.take(points)
        numbers.frombytes(found.astype(numbers.typecode).tobytes())
    appeared = "".join(map(chr, characters))
    vocabulary = Vocabulary(appeared)
    integers = np.frombuffer(numbers, numbers.typecode)
    integer_of = vocabulary.encode(appeared).numpy().astype(integers.dtype)  # by number
    for block in _blocks(integers):
        block[:] = integer_of.take(block)
    return EncodedText(vocabulary, torch.from_numpy(integers))


def _with_room_for(V: int, numbers: array) -> array:
    """Return the numbers in a type that can hold V different ones, and that torch has too."""
    kind = "B" if V <= 2**8 else "h" if V <= 2**15 else "i"
    if kind == numbers.typecode:
        return numbers
    wider = array(kind)
    for block in _blocks(np.frombuffer(numbers, numbers.typecode)):
        wider.frombytes(block.astype(kind).tobytes())
    return wider


def _blocks(integers: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(integers), BLOCK):
        yield integers[start : start + BLOCK]
