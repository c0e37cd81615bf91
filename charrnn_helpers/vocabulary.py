"""Characters to integers and back."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import torch

SHOWN = 100  # how many characters a message lists, at most
BLOCK = 2**16  # characters that are worked on at a time: their copies stay small, and in the cache


class Vocabulary:
    """The characters that a model knows, each with an integer.

    The integers follow the characters' order in Unicode. A vocabulary is therefore the same in
    every run and on every machine, whatever the order in which the texts were read.

    Attributes:
        characters: All characters as one string; the character at position i has integer i.
    """

    def __init__(self, characters: str):
        """Make a vocabulary of exactly these characters, sorted.

        Args:
            characters: Each character once, in any order.

        Raises:
            TypeError: If `characters` is no string.
            ValueError: If it is empty or has a character twice.
        """
        if not isinstance(characters, str):
            raise TypeError(f"characters must be a string, not {type(characters).__name__}")
        if not characters:
            raise ValueError("a vocabulary needs at least one character, and there is none")
        twice = "".join(sorted(c for c, count in Counter(characters).items() if count > 1))
        if twice:
            raise ValueError(f"each character may stand only once: {_beginning(twice)} do not")
        self.characters = "".join(sorted(characters))
        self._index = {character: i for i, character in enumerate(self.characters)}
        known = code_points(self.characters)
        self._integers = np.full(known[-1] + 2, -1)  # by code point; the last is for all beyond
        self._integers[known] = np.arange(len(known))

    @classmethod
    def from_texts(cls, texts: Sequence[str]) -> Vocabulary:
        """Collect the characters of some texts.

        Args:
            texts: A list of non-empty strings.

        Raises:
            TypeError: If `texts` is one string or holds something else than strings.
            ValueError: If there is no text or one of them is empty.
        """
        return cls("".join(set().union(*checked_texts(texts))))

    def __len__(self) -> int:
        return len(self.characters)

    def __contains__(self, character: str) -> bool:
        return character in self._index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.characters == other.characters

    def __hash__(self) -> int:
        return hash(self.characters)

    def __repr__(self) -> str:
        return f"Vocabulary({_beginning(self.characters)})"

    def encode(self, text: str) -> torch.Tensor:
        """Turn a text of T characters into a `(T,)` tensor of integers.

        Raises:
            TypeError: If `text` is no string.
            ValueError: If a character is outside the vocabulary; the message names it, says where
                it stands and between what, and which characters are allowed, or which are near it.
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be a string, not {type(text).__name__}")
        integers = np.empty(len(text), dtype=np.int64)
        for start in range(0, len(text), BLOCK):
            block = integers[start : start + BLOCK]
            block[:] = self._integers.take(code_points(text[start : start + BLOCK]), mode="clip")
            if (block < 0).any():
                position = start + int((block < 0).argmax())
                raise ValueError(unknown_character(text, position, self.characters))
        return torch.from_numpy(integers)

    def decode(self, integers: Iterable[int]) -> str:
        """Turn integers from 0 to V - 1 (a list or a `(T,)` tensor) back into text.

        Raises:
            ValueError: If an integer is outside that range.
        """
        if isinstance(integers, torch.Tensor) and integers.dim() == 1:
            integers = integers.tolist()  # to visit a tensor's numbers one by one takes long
        integers = [int(i) for i in integers]
        for i in integers:
            if not 0 <= i < len(self):
                raise ValueError(f"{i} stands for no character: 0 to {len(self) - 1} do")
        return "".join(self.characters[i] for i in integers)


def unknown_character(text: str, position: int, characters: str, of: str = "") -> str:
    """Return what to say of a character of a text that is not in the vocabulary.

    Args:
        text: Where it stands; of a long one the message shows what is near.
        position: Of the character, from 0.
        characters: Those of the vocabulary, sorted; of many the message shows the nearest.
        of: What the text is, such as " of the prompt".
    """
    character = text[position]
    near = ""
    if len(text) > 30:
        near = f", in {text[max(0, position - 12) : position + 13]!r},"
    allowed = repr(characters)
    if len(characters) > SHOWN:
        place = bisect(characters, character)
        nearest = characters[max(0, place - 5) : place + 5]
        allowed = f"{len(characters):,} others, nearest to it in Unicode {nearest!r}"
    other_case = character.swapcase()
    hint = f" (try {other_case!r})" if other_case in characters else ""
    return (
        f"character {character!r} at position {position}{of}{near} is not in the vocabulary; "
        f"allowed are {allowed}{hint}"
    )


def _beginning(characters: str) -> str:
    """Return the characters as they are written in Python; of many the first, and how many."""
    if len(characters) <= SHOWN:
        return repr(characters)
    return f"{characters[:SHOWN]!r} and {len(characters) - SHOWN:,} more"


def code_points(text: str) -> np.ndarray:
    """Return the number of each character in Unicode, `(T,)`."""
    # A lone surrogate is no character, but a string may hold it, and an error must name it.
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def checked_texts(texts: Sequence[str]) -> list[str]:
    """Return `texts` as a list, or say in plain words why it is no list of non-empty strings."""
    if isinstance(texts, str):
        raise TypeError(f"texts must be a list of strings; for one text write [{texts[:20]!r}]")
    texts = list(texts)
    if not texts:
        raise ValueError("texts is empty: give at least one text")
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"texts[{i}] must be a string, not {type(text).__name__}")
        if not text:
            raise ValueError(f"texts[{i}] is empty: every text needs at least one character")
    return texts
