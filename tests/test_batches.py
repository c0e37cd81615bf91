import pytest
import torch
from torch import nn

from charrnn_helpers import Vocabulary, next_character_pairs, one_hot, pad


def test_pad_fills_up_to_the_longest(texts):
    assert pad(texts) == ["hey how are you", "good i am fine ", "have a nice day"]
    assert pad(["a", "abc"], blank="-") == ["a--", "abc"]


@pytest.mark.parametrize("blank", ["", "--", 0])
def test_pad_wants_one_blank(blank):
    with pytest.raises(ValueError, match="blank must be one character"):
        pad(["a", "ab"], blank)


def test_targets_are_the_inputs_one_step_later(texts, vocabulary):
    inputs, targets = next_character_pairs(texts, vocabulary)
    assert inputs.shape == targets.shape == (3, 14)
    assert torch.equal(inputs[:, 1:], targets[:, :-1])
    read = [vocabulary.decode(row) for row in inputs]
    wanted = [vocabulary.decode(row) for row in targets]
    assert read == ["hey how are yo", "good i am fine", "have a nice da"]
    assert wanted == ["ey how are you", "ood i am fine ", "ave a nice day"]


@pytest.mark.parametrize(
    ("bad", "error", "words"),
    [
        ([], ValueError, "texts is empty"),
        ([""], ValueError, r"texts\[0\] is empty"),
        (["hey", "h"], ValueError, r"texts\[1\] is 'h': one character has no next one"),
        (["hez"], ValueError, "'z' at position 2"),
        ("hey", TypeError, "must be a list"),
    ],
)
def test_bad_texts(bad, error, words, vocabulary):
    with pytest.raises(error, match=words):
        next_character_pairs(bad, vocabulary)


def test_the_blank_must_be_known_if_it_is_needed():
    vocabulary = Vocabulary("ab")
    assert next_character_pairs(["ab", "ba"], vocabulary)[0].shape == (2, 1)
    with pytest.raises(ValueError, match="' ' at position 2 is not in the vocabulary"):
        next_character_pairs(["ab", "aba"], vocabulary)


def test_one_hot_has_a_single_one_at_each_integers_place(pairs):
    inputs, _ = pairs
    x = one_hot(inputs, 17)
    assert x.shape == (3, 14, 17)
    assert x.dtype == torch.get_default_dtype()
    assert torch.equal(x.argmax(-1), inputs)
    assert torch.equal(x.sum(-1), torch.ones(3, 14))
    assert one_hot(inputs, 17, torch.float64).dtype == torch.float64


def test_one_hot_times_a_matrix_is_a_table_lookup(pairs):
    table = torch.randn(17, 5)
    assert torch.equal(one_hot(pairs[0], 17) @ table, nn.functional.embedding(pairs[0], table))


@pytest.mark.parametrize(
    ("integers", "size", "error", "words"),
    [
        ([1, 2], 3, TypeError, "must be a tensor of integers, not list"),
        (torch.tensor([1.0]), 3, TypeError, "must be integers, not torch.float32"),
        (torch.tensor([True]), 3, TypeError, "must be integers, not torch.bool"),
        (torch.tensor([], dtype=torch.long), 3, ValueError, r"is empty: its shape is \(0,\)"),
        (torch.tensor([0, 3]), 3, ValueError, "must lie from 0 to 2; found 3"),
        (torch.tensor([0, -1]), 3, ValueError, "must lie from 0 to 2; found -1"),
    ],
)
def test_bad_integers(integers, size, error, words):
    with pytest.raises(error, match=words):
        one_hot(integers, size)


def test_inputs_and_targets_lie_in_one_piece(texts, vocabulary):
    """So that `.view(-1)`, as every tutorial has it, works on them."""
    for integers in next_character_pairs(texts, vocabulary):
        assert integers.view(-1).shape == (integers.numel(),)
