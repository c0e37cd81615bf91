"""Tokens (words, or letters) to integers and back, with the three that no text contains.

A network that reads sequences of different lengths in one batch needs filling; one that writes
needs to be told when to start, and to be able to say that it has finished.
"""

from __future__ import annotations

import reprlib
from collections import Counter
from collections.abc import Iterable, Sequence

import torch
from torch.nn.utils.rnn import pad_sequence

PAD, START, STOP = 0, 1, 2  # the integers of <pad>, <start> and <stop>, in every vocabulary
SPECIAL = ("<pad>", "<start>", "<stop>")
IGNORE = -1  # a target that counts neither in a loss nor in an accuracy


class TokenVocabulary:
    """The tokens that a network knows, each with an integer.

    Attributes:
        tokens: All tokens; the one at position i has integer i. The first three are special.
    """

    def __init__(self, tokens: Iterable[str]):
        """Make a vocabulary of exactly these tokens, sorted, behind the three special ones.

        Raises:
            TypeError, ValueError: If a token is no string or empty, is special, or stands twice;
                if there is none.
        """
        tokens = _checked([list(tokens)])[0]
        if not tokens:
            raise ValueError("a vocabulary needs at least one token, and there is none")
        wrong = [t for t, count in Counter(tokens).items() if not t or t in SPECIAL or count > 1]
        if wrong:
            shown = reprlib.repr(wrong[0])
            raise ValueError(f"{shown} cannot be a token: it is empty, special or there twice")
        self.tokens = (*SPECIAL, *sorted(tokens))
        self._index = {token: i for i, token in enumerate(self.tokens)}

    @classmethod
    def from_sequences(cls, sequences: Sequence[Sequence[str]]) -> TokenVocabulary:
        """Collect the tokens of some sequences: the training split's, and no others.

        Raises:
            TypeError: If `sequences` is not a list of lists (or tuples) of strings.
            ValueError: If it is empty, or has an empty token.
        """
        return cls(set().union(*_checked(sequences)))

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: str) -> bool:
        return token in self._index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TokenVocabulary) and self.tokens == other.tokens

    def __hash__(self) -> int:
        return hash(self.tokens)

    def __repr__(self) -> str:
        return f"TokenVocabulary({len(self)} tokens)"

    def encode(self, tokens: Sequence[str]) -> torch.Tensor:
        """Turn T tokens into a `(T,)` tensor of integers.

        Raises:
            TypeError: If `tokens` is one string, or holds something else than strings.
            ValueError: If a token is outside the vocabulary; the message names it.
        """
        for position, token in enumerate(_checked([tokens])[0]):
            if token not in self._index:
                raise ValueError(
                    f"{reprlib.repr(token)} at position {position} is not in the vocabulary"
                )
        return torch.tensor([self._index[token] for token in tokens], dtype=torch.long)

    def decode(self, integers: Iterable[int]) -> list[str]:
        """Turn integers back into tokens, up to the first `<stop>`, if there is one.

        Raises:
            ValueError: If an integer stands for no token.
        """
        tokens = []
        for i in map(int, integers):
            if not 0 <= i < len(self):
                raise ValueError(f"{i} stands for no token: 0 to {len(self) - 1} do")
            if i == STOP:
                break
            tokens.append(self.tokens[i])
        return tokens

    def reading(self, sequences: Sequence[Sequence[str]]) -> tuple[torch.Tensor, torch.Tensor]:
        """Make a batch for a network that reads.

        Returns:
            `(inputs, lengths)`: integers `(B, T)`, filled up with `PAD`, and true lengths `(B,)`.

        Raises:
            TypeError, ValueError: As `encode` does, and if there is no sequence or an empty one.
        """
        encoded = [self.encode(sequence) for sequence in _checked(sequences)]
        if not all(len(e) for e in encoded):
            raise ValueError("a sequence is empty: there is nothing to read")
        lengths = torch.tensor([len(e) for e in encoded])
        return pad_sequence(encoded, batch_first=True, padding_value=PAD), lengths

    def writing(self, sequences: Sequence[Sequence[str]]) -> tuple[torch.Tensor, torch.Tensor]:
        """Make a batch for a network that writes: what it has written, and what comes next.

            tokens      dix    onze
            written     <start> dix   onze
            targets     dix     onze  <stop>

        Returns:
            `(written, targets)`, integers `(B, T + 1)` each: `written` filled up with `PAD`,
            `targets` with `IGNORE`.

        Raises:
            TypeError, ValueError: As `encode` does, and if there is no sequence.
        """
        encoded = [self.encode(sequence) for sequence in _checked(sequences)]
        start, stop = torch.tensor([START]), torch.tensor([STOP])
        written = [torch.cat([start, e]) for e in encoded]
        targets = [torch.cat([e, stop]) for e in encoded]
        return (
            pad_sequence(written, batch_first=True, padding_value=PAD),
            pad_sequence(targets, batch_first=True, padding_value=IGNORE),
        )


def _checked(sequences: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the sequences as lists, or say in plain words what is wrong with them."""
    if isinstance(sequences, str) or any(isinstance(s, str) for s in sequences):
        raise TypeError("give lists of tokens, not a string: split it first")
    if not len(sequences):
        raise ValueError("there is no sequence: give at least one")
    sequences = [list(sequence) for sequence in sequences]
    for token in (token for sequence in sequences for token in sequence):
        if not isinstance(token, str):
            raise TypeError(f"a token must be a string, not {reprlib.repr(token)}")
    return sequences
