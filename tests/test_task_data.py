"""The data sets composed for the taxonomy: true to their rules, the same each time, no leaks."""

import numpy as np
import pytest
import torch

from charrnn_helpers.tasks import captions, sentiment, speeches
from charrnn_helpers.tasks.digits import digit_images


def test_no_image_of_a_digit_is_in_both_splits():
    training, held_out = (digit_images(split)[0] for split in ("training", "held out"))
    assert (len(training), len(held_out)) == (1400, 397)
    assert not {a.tobytes() for a in training} & {b.tobytes() for b in held_out}


def test_pictures_are_made_of_their_own_splits_images_and_named_right():
    images, digits = digit_images("held out")
    known = {(image.tobytes(), int(digit)) for image, digit in zip(images, digits, strict=True)}
    shown, names = captions.pictures("held out", 50, seed=1)
    numbers = {captions.name_of(n): n for n in range(100)}
    for picture, letters in zip(shown.double().numpy(), names, strict=True):
        for place, digit in enumerate(str(numbers["".join(letters)])):
            part = np.ascontiguousarray(picture[:, 8 * place : 8 * place + 8])
            assert any(d == int(digit) and np.allclose(np.frombuffer(b), part.ravel(), atol=1e-6)
                       for b, d in known)  # fmt: skip


def test_the_same_seed_gives_the_same_pictures():
    first, second = (captions.pictures("training", 9, seed=4) for _ in range(2))
    assert torch.equal(first[0], second[0])
    assert first[1] == second[1]
    assert first[1] != captions.pictures("training", 9, seed=5)[1]


def test_sentences_are_unique_balanced_and_true_to_the_rules():
    splits = [sentiment.reviews(split, seed=1) for split in ("training", "held out")]
    sentences = [tuple(words) for words, _ in zip(*splits[0], strict=True)]
    others = [tuple(words) for words, _ in zip(*splits[1], strict=True)]
    assert (len(sentences), len(others)) == (4000, 2000)
    assert len(set(sentences + others)) == 6000
    labels = splits[0][1] + splits[1][1]
    assert 0.45 < sum(labels) / len(labels) < 0.55
    for words, label in zip(sentences[:500], splits[0][1][:500], strict=True):
        assert sentiment.verdict(list(words)) == label


def test_messages_are_those_of_their_years_in_the_characters_fixed_before():
    training, held_out = (speeches.messages(split) for split in ("training", "held out"))
    assert training.startswith("Fellow-Citizens of the Senate and House of Representatives:")
    assert (len(training), len(held_out)) == (5_153_742, 617_605)
    vocabulary = speeches.vocabulary()
    assert len(vocabulary) == 81
    assert len(vocabulary.encode(held_out)) == len(held_out)
    assert held_out[1000:1200] not in training


def test_messages_lose_their_accents_and_odd_signs_only():
    assert speeches.plain("Señor, 32° ½\tof “£3” é!") == "Senor, 32 12of 3 e!"


def test_bad_arguments():
    with pytest.raises(ValueError, match="'training' or 'held out', not 'all'"):
        speeches.messages("all")
    with pytest.raises(ValueError, match="split must be"):
        digit_images("test")
    with pytest.raises(ValueError, match="count"):
        captions.pictures("training", 0, seed=0)
    with pytest.raises(ValueError, match="from 0 to 99, not 100"):
        captions.name_of(100)


def test_the_speeches_are_found_without_a_list_of_the_packages_files(monkeypatch):
    """As conda and Debian install packages."""
    found = speeches.messages("held out")
    monkeypatch.setattr("importlib.metadata.Distribution.files", None)
    speeches.messages.cache_clear()
    assert speeches.messages("held out") == found
