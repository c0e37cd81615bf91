"""The n-gram baseline: counted right, a distribution, and never looking ahead."""

import math
from collections import Counter

import pytest
import torch

from charrnn_helpers.longtext.ngrams import NGrams

V = 4


def draw(length, seed=0):
    generator = torch.Generator().manual_seed(seed)
    steps = torch.randint(1, 3, (length,), generator=generator)  # each leans on the one before it
    return steps.cumsum(0) % V


def probability(text, context, following):
    """The same by its definition, one character at a time."""
    p = 1 / V
    for k in range(len(context) + 1):
        near = context[len(context) - k :]
        after = Counter(text[i + k] for i in range(len(text) - k) if tuple(text[i : i + k]) == near)
        if after:
            p = (after[following] + len(after) * p) / (after.total() + len(after))
    return p


def test_bits_are_those_of_the_definition():
    text, other = draw(60).tolist(), draw(25, seed=1).tolist()
    bits = NGrams(torch.tensor(text), 3, V).bits(torch.tensor(other))
    for n in (1, 2, 3):
        each = [
            -math.log2(probability(text, tuple(other[t - n + 1 : t]), other[t]))
            for t in range(2, len(other))
        ]
        assert bits[n - 1] == pytest.approx(sum(each) / len(each), abs=1e-12)


def test_what_is_foretold_is_a_distribution():
    text = draw(80)
    for context in [(0, 1), (3, 3), (2, 0)]:  # (3, 3) never occurs
        p = [2 ** -NGrams(text, 3, V).bits(torch.tensor([*context, c]))[-1] for c in range(V)]
        assert sum(p) == pytest.approx(1, abs=1e-12)


def test_longer_contexts_help_where_there_is_something_to_know():
    bits = NGrams(draw(3000), 3, V).bits(draw(1000, seed=1))
    assert bits[0] == pytest.approx(2, abs=0.02)
    assert bits[1] == pytest.approx(1, abs=0.02)


def test_bad_arguments():
    with pytest.raises(ValueError, match="fewer than n = 5"):
        NGrams(torch.tensor([0, 1, 2]), 5, V)
    with pytest.raises(ValueError, match="9 or less for 81 characters, not 10"):
        NGrams(draw(100), 10, 81)
    with pytest.raises(ValueError, match="from 0 to 3; found 4"):
        NGrams(torch.tensor([0, 4]), 1, V)
    with pytest.raises(ValueError, match="fewer than n = 3"):
        NGrams(draw(100), 3, V).bits(torch.tensor([0, 1]))
    with pytest.raises(ValueError, match="n must be"):
        NGrams(draw(100), 0, V)


def test_a_language_of_one_character_holds_no_surprise():
    assert (
        NGrams(torch.zeros(9, dtype=torch.long), 3, 1).bits(torch.zeros(5, dtype=torch.long))
        == [0.0] * 3
    )


def test_small_integers_count_as_large_ones_do():
    text, other = draw(60), draw(25, seed=1)
    small = NGrams(text.to(torch.uint8), 5, 40)
    assert small.bits(other.to(torch.int16)) == NGrams(text, 5, 40).bits(other)


def test_what_is_no_text_is_named():
    with pytest.raises(ValueError, match=r"of shape \(N,\), not \(3, 20\)"):
        NGrams(draw(60).view(3, 20), 2, V)
    with pytest.raises(ValueError, match="vocabulary_size must be a whole number of 1 or more"):
        NGrams(draw(60), 2, 0)
