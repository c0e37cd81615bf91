"""The videos: true to the rules of their motion, the same each time, no leaks."""

from itertools import pairwise

import pytest
import torch

from charrnn_helpers.tasks import video
from charrnn_helpers.tasks.digits import digit_images
from charrnn_helpers.tasks.video import KINDS, MOVES, OPPOSITE, PLACES, STEPS
from charrnn_helpers.tokens import IGNORE

KNOWN = {
    split: {image.tobytes() for image in digit_images(split)[0]}
    for split in ("training", "held out")
}


def windows(frame):
    """Every place where a known digit could be, with the bytes of what is there."""
    for row in range(PLACES):
        for column in range(PLACES):
            part = frame[row : row + 8, column : column + 8]
            if torch.isclose(part.sum(), frame.sum()):
                yield (row, column), part.double().contiguous().numpy().tobytes()


def place_of(frame, split):
    found = [place for place, part in windows(frame) if part in KNOWN[split]]
    return found[0] if found else None


@pytest.fixture(scope="module", autouse=True)
def in_double():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("make", [video.clips, video.frames])
def test_shapes_lengths_and_values(make):
    videos, lengths, labels = make("held out", 200, seed=0)
    shortest, longest = (8, 16) if make is video.clips else (12, 24)
    assert videos.shape == (200, longest, 16, 16)
    assert (int(lengths.min()), int(lengths.max())) == (shortest, longest)
    assert videos.dtype == torch.float64
    assert (int(videos.min()), int(videos.max())) == (0, 1)
    assert (videos * 16 == (videos * 16).round()).all()
    assert labels.dtype == lengths.dtype == torch.int64
    behind = torch.arange(longest) >= lengths[:, None]
    assert (videos[behind] == 0).all()
    if make is video.frames:
        assert ((labels == IGNORE) == behind).all()


@pytest.mark.parametrize("split", KNOWN)
@pytest.mark.parametrize("make", [video.clips, video.frames])
def test_in_every_frame_is_one_digit_of_the_split(make, split):
    other = "training" if split == "held out" else "held out"
    videos, lengths, _ = make(split, 12, seed=3)
    for shown, T in zip(videos, lengths, strict=True):
        seen = [frame for frame in shown[:T] if frame.any()]
        parts = [part for frame in seen for _, part in windows(frame)]
        assert all(place_of(frame, split) for frame in seen)
        assert not set(parts) & KNOWN[other]


def opposite(kind):
    rounds = {"clockwise": "counter-clockwise", "counter-clockwise": "clockwise"}
    return (OPPOSITE | rounds)[kind]


def steps_of(shown, T, split="held out"):
    places = [place_of(frame, split) for frame in shown[:T]]
    return [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(places)]


def kind_of(steps):
    """Tell a clip's kind from the digit's steps alone; those past an edge are left out."""
    steps = [step for step in steps if max(map(abs, step)) < PLACES - 1]
    if len(set(steps)) == 1:
        return {step: kind for kind, step in STEPS.items()}[steps[0]]
    turns = sum(a[1] * b[0] - a[0] * b[1] for a, b in pairwise(steps))
    return "clockwise" if turns > 0 else "counter-clockwise"


def test_a_clip_is_what_its_label_says_and_backwards_the_opposite():
    videos, lengths, labels = video.clips("held out", 60, seed=1)
    assert set(labels.tolist()) == set(range(6))
    for shown, T, label in zip(videos, lengths, labels, strict=True):
        assert kind_of(steps_of(shown, T)) == KINDS[label]
        assert kind_of(steps_of(shown[:T].flip(0), T)) == opposite(KINDS[label])


def test_every_label_of_a_frame_is_the_move_that_led_to_it():
    videos, lengths, labels = video.frames("held out", 40, seed=2)
    seen = 0
    for shown, T, moves in zip(videos, lengths, labels, strict=True):
        assert MOVES[moves[0]] == "still"
        assert "still" not in [MOVES[move] for move in moves[1:T]]
        place = place_of(shown[0], "held out")
        for frame, move in zip(shown[1:T], moves[1:T], strict=True):
            place = tuple(a + b for a, b in zip(place, STEPS[MOVES[move]], strict=True))
            assert all(0 <= at < PLACES for at in place)
            if frame.any():
                assert place_of(frame, "held out") == place
                seen += 1
    assert seen > 400


def test_the_way_through_the_dark_follows_from_what_was_seen():
    videos, lengths, labels = video.frames("held out", 300, seed=4)
    bounces = 0
    for shown, T, moves in zip(videos, lengths, labels, strict=True):
        dark = [t for t in range(T) if not shown[t].any()]
        assert dark == list(range(dark[0], dark[-1] + 1))
        assert 3 <= len(dark) <= 6
        assert 3 <= dark[0] < dark[-1] < T - 1
        place, move = place_of(shown[dark[0] - 1], "held out"), MOVES[moves[dark[0] - 1]]
        for t in dark:
            ahead = [a + b for a, b in zip(place, STEPS[move], strict=True)]
            if not all(0 <= at < PLACES for at in ahead):
                move, bounces = OPPOSITE[move], bounces + 1
            assert MOVES[moves[t]] == move
            place = tuple(a + b for a, b in zip(place, STEPS[move], strict=True))
    assert bounces > 30


def test_the_light_can_be_left_on_and_the_dark_be_longer():
    lit, *same = video.frames("training", 50, 7, lit=True)
    shown, *others = video.frames("training", 50, 7)
    assert all(torch.equal(a, b) for a, b in zip(same, others, strict=True))
    black = (shown.sum((2, 3)) == 0) & (others[1] != IGNORE)
    assert (lit[others[1] != IGNORE].sum((1, 2)) > 0).all()
    assert torch.equal(lit[~black], shown[~black])
    shown, _, labels = video.frames("training", 50, 7, dark=(8, 8))
    black = (shown.sum((2, 3)) == 0) & (labels != IGNORE)
    assert (black.sum(1) == 8).all()


@pytest.mark.parametrize("dark", [(0, 3), (5, 4), (3, 9)])
def test_a_dark_that_does_not_fit_is_refused(dark):
    with pytest.raises(ValueError, match="dark must be two numbers in order, 1 to 8"):
        video.frames("training", 5, 0, dark=dark)


@pytest.mark.parametrize("make", [video.clips, video.frames])
def test_the_same_arguments_give_the_same_videos_and_others_do_not(make):
    first, second = make("training", 20, 5), make("training", 20, 5)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert not torch.equal(make("training", 20, 6)[1], first[1])
    assert not torch.equal(make("held out", 20, 5)[1], first[1])  # other motions, too


@pytest.mark.parametrize("make", [video.clips, video.frames])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("test", 5, 0), "split must be 'training' or 'held out', not 'test'"),
        (("training", 0, 0), "count must be a whole number of 1 or more, not 0"),
        (("training", 5, -1), "seed must be a whole number of 0 or more, not -1"),
        (("training", 5, 1.5), "seed must be a whole number of 0 or more, not 1.5"),
    ],
)
def test_bad_arguments_are_named(make, arguments, words):
    with pytest.raises(ValueError, match=words):
        make(*arguments)
