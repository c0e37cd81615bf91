import pytest
import torch

from charrnn_helpers.minibatches import masked_accuracy, masked_loss
from charrnn_helpers.tokens import IGNORE, PAD, SPECIAL, START, STOP, TokenVocabulary

WORDS = TokenVocabulary(["dix", "onze", "vendredi"])


def test_the_special_tokens_come_first_and_the_rest_is_sorted():
    assert TokenVocabulary(["b", "a"]).tokens == ("<pad>", "<start>", "<stop>", "a", "b")
    assert [WORDS.tokens[i] for i in (PAD, START, STOP)] == list(SPECIAL)


def test_a_vocabulary_of_sequences_holds_each_of_their_tokens_once():
    collected = TokenVocabulary.from_sequences([["onze", "dix"], ("vendredi", "dix"), []])
    assert collected == WORDS
    assert hash(collected) == hash(WORDS)
    assert len(WORDS) == 6
    assert "dix" in WORDS
    assert "douze" not in WORDS
    assert repr(WORDS) == "TokenVocabulary(6 tokens)"


def test_decoding_undoes_encoding_and_ends_at_stop():
    tokens = ["vendredi", "onze", "onze"]
    integers = WORDS.encode(tokens)
    assert integers.dtype == torch.long
    assert WORDS.decode(integers) == tokens
    assert WORDS.decode([*integers.tolist(), STOP, PAD, 4]) == tokens
    assert WORDS.encode([]).shape == (0,)


def test_reading_fills_up_and_tells_the_lengths():
    inputs, lengths = WORDS.reading([["dix"], ["onze", "dix", "vendredi"]])
    assert inputs.tolist() == [[3, PAD, PAD], [4, 3, 5]]
    assert lengths.tolist() == [1, 3]


def test_writing_shifts_by_one_and_ends_with_stop():
    written, targets = WORDS.writing([["dix", "onze"], []])
    assert written.tolist() == [[START, 3, 4], [START, PAD, PAD]]
    assert targets.tolist() == [[3, 4, STOP], [STOP, IGNORE, IGNORE]]


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: TokenVocabulary([]), ValueError, "needs at least one token"),
        (lambda: TokenVocabulary(["a", "a"]), ValueError, "'a' cannot be a token"),
        (lambda: TokenVocabulary(["a", ""]), ValueError, "'' cannot be a token"),
        (lambda: TokenVocabulary(["<stop>"]), ValueError, "'<stop>' cannot be a token"),
        (lambda: TokenVocabulary([3]), TypeError, "a token must be a string, not 3"),
        (lambda: TokenVocabulary.from_sequences("dix"), TypeError, "not a string: split it"),
        (lambda: TokenVocabulary.from_sequences(["dix"]), TypeError, "not a string: split it"),
        (lambda: TokenVocabulary.from_sequences([]), ValueError, "there is no sequence"),
        (lambda: WORDS.encode("dix"), TypeError, "not a string: split it"),
        (lambda: WORDS.encode(["dix", "douze"]), ValueError, "'douze' at position 1"),
        (lambda: WORDS.decode([6]), ValueError, "6 stands for no token: 0 to 5 do"),
        (lambda: WORDS.decode([-1]), ValueError, "-1 stands for no token"),
        (lambda: WORDS.reading([["dix"], []]), ValueError, "a sequence is empty"),
        (lambda: WORDS.writing([]), ValueError, "there is no sequence"),
    ],
)
def test_bad_input_is_named(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_what_is_ignored_counts_neither_in_the_loss_nor_in_the_accuracy():
    logits = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0))
    targets = torch.tensor([[1, 2, IGNORE], [3, IGNORE, IGNORE]])
    counted = [(0, 0, 1), (0, 1, 2), (1, 0, 3)]
    by_hand = -sum(logits[b, t].log_softmax(0)[k] for b, t, k in counted) / 3
    torch.testing.assert_close(masked_loss(logits, targets), by_hand)
    hits = sum(int(logits[b, t].argmax() == k) for b, t, k in counted)
    assert masked_accuracy(logits, targets) == hits / 3

    changed = logits.clone()
    changed[0, 2] = changed[1, 1:] = 100.0
    assert masked_loss(changed, targets) == masked_loss(logits, targets)
    assert masked_accuracy(changed, targets) == masked_accuracy(logits, targets)


def test_a_long_word_is_named_in_short():
    word = "b" * 9999
    for make in (
        lambda: TokenVocabulary([word, word]),
        lambda: TokenVocabulary(["a"]).encode([word]),
    ):
        with pytest.raises(
            ValueError, match=r"cannot be a token|is not in the vocabulary"
        ) as error:
            make()
        assert len(str(error.value)) < 120
