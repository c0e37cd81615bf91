"""Count what followed what: the baseline that a character model must beat.

An n-gram model foretells a character from the n - 1 before it, by how often it came after them in
the training text. Long contexts are rare, so each order leans on the one below it (Witten & Bell
1991). The book uses it as a yardstick, so it is fast: whole texts at a time, in sorted arrays.
"""

from __future__ import annotations

import numpy as np
import torch

from charrnn_helpers.batches import check_integers
from charrnn_helpers.checks import check_positive


class NGrams:
    """Counts of all sequences of 1 to n characters in a text.

    Attributes:
        n: The highest order.
    """

    def __init__(self, text: torch.Tensor, n: int, vocabulary_size: int):
        """Count.

        Args:
            text: Integers `(N,)`, a tensor on any device.
            n: The highest order, 1 or more.
            vocabulary_size: V; V to the power of n must fit in 63 bits.

        Raises:
            TypeError, ValueError: If the text is no row of integers below V, or is shorter than n,
                or n is too large.
        """
        check_positive("n", n)
        _check(text, n, vocabulary_size)
        most = int(63 / np.log2(max(2, vocabulary_size)))
        if n > most:
            raise ValueError(f"n must be {most} or less for {vocabulary_size} characters, not {n}")
        self.n, self.V = n, vocabulary_size
        self._tables = [_Table(_numbers(_array(text), k, self.V), self.V) for k in range(1, n + 1)]

    def bits(self, text: torch.Tensor) -> list[float]:
        """Return the cross-entropy on a text in bits a character, for each order from 1 to n.

        Arguments and errors are those of `costs`.
        """
        return self.costs(text).mean(axis=1).tolist()

    def costs(self, text: torch.Tensor) -> np.ndarray:
        """Return what each character costs in bits, -log2 of its probability, for each order.

        The first n - 1 characters are left out, as they have too few before them.

        Args:
            text: Integers `(M,)`, M ≥ n.

        Returns:
            `(n, M - n + 1)`: row k - 1 is by the k-gram.

        Raises:
            TypeError, ValueError: As at the start.
        """
        _check(text, self.n, self.V)
        p = np.full(len(text) - self.n + 1, 1 / self.V)  # before anything is known
        costs = []
        for k, table in enumerate(self._tables, start=1):
            p = table.probabilities(_numbers(_array(text), k, self.V)[self.n - k :], p)
            costs.append(-np.log2(p))
        return np.array(costs)


class _Table:
    """The counts of one order: of each sequence of k characters, and of each context."""

    def __init__(self, sequences: np.ndarray, V: int):
        self.V = V
        self.sequences, self.counts = np.unique(sequences, return_counts=True)
        # The sequences are sorted, so those with the same context lie side by side.
        self.contexts, first = np.unique(self.sequences // V, return_index=True)
        self.totals = np.add.reduceat(self.counts, first)
        self.kinds = np.diff(np.append(first, len(self.sequences)))  # different characters after it

    def probabilities(self, sequences: np.ndarray, below: np.ndarray) -> np.ndarray:
        """Return the probability of each last character, given those before it.

        The more different characters have followed a context, the likelier is another new one; so
        much weight goes to the order below, whose probabilities are in `below`.
        """
        count = _looked_up(self.sequences, self.counts, sequences)
        total = _looked_up(self.contexts, self.totals, sequences // self.V)
        kinds = _looked_up(self.contexts, self.kinds, sequences // self.V)
        seen = total > 0
        p = (count + kinds * below) / np.where(seen, total + kinds, 1)
        return np.where(seen, p, below)


def _check(text: torch.Tensor, n: int, V: int) -> None:
    check_positive("vocabulary_size", V)
    check_integers(text, V, "text")
    if text.dim() != 1:
        raise ValueError(f"the text must be of shape (N,), not {tuple(text.shape)}")
    if len(text) < n:
        raise ValueError(f"the text has {len(text)} characters, fewer than n = {n}")


def _array(text: torch.Tensor) -> np.ndarray:
    return text.numpy(force=True).astype(np.int64)  # smaller ones may not hold V


def _numbers(text: np.ndarray, k: int, V: int) -> np.ndarray:
    """Return each sequence of k characters as one number, its digits in base V: `(N - k + 1,)`."""
    length = len(text) - k + 1
    numbers = np.zeros(length, dtype=np.int64)
    for i in range(k):
        numbers = numbers * V + text[i : i + length]
    return numbers


def _looked_up(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the value of each wanted key; 0 for those that are not there."""
    different, each = np.unique(wanted, return_inverse=True)  # sorted: far faster to look up
    place = np.searchsorted(keys, different).clip(max=len(keys) - 1)
    return np.where(keys[place] == different, values[place], 0)[each]
