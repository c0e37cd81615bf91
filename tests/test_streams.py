import math

import pytest
import torch
from networks import make_model

from charrnn_helpers.longtext.streams import (
    bits,
    chunks,
    costs,
    evaluate,
    parallel_streams,
    perplexity,
    split,
)


def test_the_last_part_is_held_out_and_nothing_is_lost():
    text = "".join(chr(97 + i % 26) for i in range(1000))
    training, held_out = split(text, 0.1)
    assert training + held_out == text
    assert len(held_out) == 100


def test_integers_are_split_where_their_text_is():
    text = torch.arange(1003, dtype=torch.int16)
    training, held_out = split(text, 0.1)
    assert torch.equal(torch.cat([training, held_out]), text)
    assert len(held_out) == len(split("a" * 1003, 0.1)[1])
    assert training.data_ptr() == text.data_ptr()  # no copy


@pytest.mark.parametrize(
    ("text", "share", "error", "words"),
    [
        (b"abc", 0.1, TypeError, "text must be a string or a tensor, not bytes"),
        ("abcdef", 0.1, ValueError, "a text of 6 characters is too short"),
        ("abcdef", 0.9, ValueError, "is too short to hold out a share of 0.9"),
        ("abcdef" * 9, 0, ValueError, "must lie between 0 and 1, not 0"),
        ("abcdef" * 9, 1.0, ValueError, "must lie between 0 and 1, not 1.0"),
        ("abcdef" * 9, "half", ValueError, "must lie between 0 and 1, not 'half'"),
    ],
)
def test_a_text_that_cannot_be_split(text, share, error, words):
    with pytest.raises(error, match=words):
        split(text, share)


def test_streams_follow_each_other_in_the_text():
    streams = parallel_streams(torch.arange(23), 4)
    assert streams.shape == (4, 5)
    assert streams.flatten().tolist() == list(range(20))


def test_too_many_streams_for_a_text():
    with pytest.raises(ValueError, match=r"7 characters are too few for 4 streams .* 3 streams or"):
        parallel_streams(torch.arange(7), 4)


@pytest.mark.parametrize("T", [1, 3, 4, 100])
def test_every_target_is_met_once_and_follows_its_input(T):
    streams = parallel_streams(torch.arange(40), 4)
    pieces = list(chunks(streams, T))
    inputs = torch.cat([i for i, _ in pieces], dim=1)
    targets = torch.cat([t for _, t in pieces], dim=1)
    assert torch.equal(inputs, streams[:, :-1])
    assert torch.equal(targets, streams[:, 1:])
    assert max(i.shape[1] for i, _ in pieces) <= T


def test_chunks_can_begin_later():
    streams = parallel_streams(torch.arange(40), 4)
    assert torch.equal(next(chunks(streams, 3, first=5))[0], streams[:, 5:8])


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_a_text_read_in_chunks_has_the_loss_of_one_long_run(vocabulary, cell):
    model = make_model(vocabulary, seed=0, cell=cell)
    characters = torch.randint(17, (61,), generator=torch.Generator().manual_seed(0))
    logits, _ = model(characters[None, :-1])
    whole = torch.nn.functional.cross_entropy(logits[0], characters[1:]).item()
    for T in (1, 7, 60, 100):
        assert evaluate(model, characters, T=T) == pytest.approx(whole, abs=1e-12)


def test_a_network_that_knows_nothing_guesses_among_all(vocabulary):
    model = make_model(vocabulary, seed=0)
    torch.nn.init.zeros_(model.head.weight)
    torch.nn.init.zeros_(model.head.bias)
    loss = evaluate(model, torch.arange(17).repeat(3), B=2)
    assert perplexity(loss) == pytest.approx(17)
    assert bits(loss) == pytest.approx(math.log2(17))


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("T", [1, 7, 1000])
def test_costs_are_those_of_one_long_run(vocabulary, cell, T):
    model = make_model(vocabulary, seed=2, cell=cell).double()
    text = vocabulary.encode("good i am fine have a nice day hey how are you")
    logits, _ = model(text[None, :-1])
    expected = torch.nn.functional.cross_entropy(logits[0], text[1:], reduction="none")
    found = costs(model, text, T)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
    assert found.mean().item() == pytest.approx(evaluate(model, text), abs=1e-12)


def test_costs_of_streams_are_those_of_each_by_itself(vocabulary):
    model = make_model(vocabulary, seed=2, cell="gru").double()
    text = vocabulary.encode("good i am fine have a nice day hey how are you")[:32]
    for B, length in [(1, 31), (4, 7), (10, 3), (31, 1)]:
        starts = range(0, B * length, length)
        expected = torch.cat([costs(model, text[s : s + length + 1]) for s in starts])
        torch.testing.assert_close(costs(model, text, 5, B), expected, rtol=0, atol=1e-12)
    with pytest.raises(ValueError, match="32 characters are too few for 32 streams"):
        costs(model, text, B=32)


def test_costs_can_be_changed_and_trained_on(vocabulary):
    model = make_model(vocabulary, seed=2)
    weights = costs(model, vocabulary.encode("good i am fine"))
    weights /= weights.sum()
    logits, _ = model(vocabulary.encode("good i am fin")[None])
    (logits.sum(dim=2) * weights).sum().backward()
    assert model.head.weight.grad.isfinite().all()


def test_costs_and_losses_of_integers_of_any_type(vocabulary):
    model = make_model(vocabulary, seed=2)
    text = vocabulary.encode("good i am fine")
    for dtype in (torch.uint8, torch.int16, torch.int32):
        torch.testing.assert_close(costs(model, text.to(dtype)), costs(model, text))
        assert evaluate(model, text.to(dtype)) == pytest.approx(evaluate(model, text))


@pytest.mark.parametrize("read", [costs, evaluate, parallel_streams])
def test_what_is_no_text_is_named(vocabulary, read):
    first = 2 if read is parallel_streams else make_model(vocabulary, seed=2)
    for wrong, error, words in [
        (torch.zeros(4, 5, dtype=torch.long), ValueError, r"of shape \(N,\), not \(4, 5\)"),
        (torch.zeros(9), TypeError, "characters must be integers, not torch.float32"),
        (torch.zeros(1, dtype=torch.long), ValueError, "too few"),
    ]:
        with pytest.raises(error, match=words):
            read(*((wrong, first) if read is parallel_streams else (first, wrong)))
    if read is not parallel_streams:
        with pytest.raises(ValueError, match="T must be a whole number of 1 or more, not 0"):
            read(first, torch.arange(9), T=0)
