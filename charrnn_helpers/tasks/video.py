"""Short videos of a handwritten digit that moves, to be named whole, or frame by frame.

Provenance: the digits are real, see `digits.py`; the motion is synthetic, and no camera ever saw
it. A video has 16 × 16 pixels, and in it one image of a digit, 8 × 8, which never changes: it only
goes from place to place. Whichever digit it is says nothing about how it moves.

    clips   One kind of motion from start to end, 8 to 16 frames. Straight: a pixel a frame to the
            left, right, up or down; past the last place at an edge it goes on at the opposite one.
            Round: on a ring of 12 places, clockwise or counter-clockwise. Played backwards, a clip
            is one of the opposite kind; a single frame fits several kinds.
    frames  12 to 24 frames, a pixel a frame. The digit turns back at the edges; at any other frame
            it may choose a new direction, 1 time in 5. Once, 3 to 6 frames in a row are black; in
            the dark it still turns back at edges, but chooses nothing, so that its way can be known
            from what was seen. The label of a frame is the move that led to it.

Held out are images of digits, and the motions are drawn anew.
"""

from __future__ import annotations

import numpy as np
import torch

from charrnn_helpers.checks import check_positive, is_whole
from charrnn_helpers.tasks import check_split
from charrnn_helpers.tasks.digits import digit_images
from charrnn_helpers.tokens import IGNORE

SIZE, DIGIT = 16, 8  # pixels along a side, of a frame and of the digit in it
PLACES = SIZE - DIGIT + 1  # for the digit along a side

KINDS = ("left", "right", "up", "down", "clockwise", "counter-clockwise")  # of a clip
MOVES = ("left", "right", "up", "down", "still")  # of a frame; only the first one's is "still"
STEPS = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}  # row, column
OPPOSITE = {"left": "right", "right": "left", "up": "down", "down": "up"}
RING = (  # clockwise, as (row, column)
    *((0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4)),
    *((4, 3), (4, 2), (4, 1), (3, 0), (2, 0), (1, 0)),
)
RING_SIZE = 5

CLIP_LENGTHS, FRAMES_LENGTHS = (8, 16), (12, 24)  # shortest, longest
DARK = (3, 6)  # fewest and most black frames in a row
SEEN_FIRST = 3  # frames before the dark: enough to see where the digit is going
LONGEST_DARK = FRAMES_LENGTHS[0] - SEEN_FIRST - 1  # black frames; the last frame is seen again
TURNS = 0.2  # how often a direction is chosen

Videos = tuple[torch.Tensor, torch.Tensor, torch.Tensor]  # with lengths and labels
Way = list[tuple[int, int]]  # where the digit's upper left corner is in each frame


def clips(split: str, count: int, seed: int) -> Videos:
    """Compose clips of one kind of motion each; the same arguments give the same ones.

    Args:
        split: "training" or "held out": where the images of digits come from.
        count: N, how many clips.
        seed: Of all choices, 0 or more.

    Returns:
        `(videos, lengths, labels)`: from 0 (black) to 1, `(N, T, 16, 16)` in the default dtype, T
        the longest one's length, and black frames behind the end of the others; true lengths
        `(N,)`; and places in `KINDS`, `(N,)`.

    Raises:
        ValueError: If there is no such split, the count is not positive, or the seed is negative.
    """
    draws, images = _source(split, count, seed)
    labels = [int(draws.integers(len(KINDS))) for _ in range(count)]
    ways = [_clip(draws, KINDS[kind]) for kind in labels]
    videos, lengths = _filmed(draws, images, ways)
    return videos, lengths, torch.tensor(labels)


def frames(
    split: str, count: int, seed: int, dark: tuple[int, int] = DARK, lit: bool = False
) -> Videos:
    """Compose videos with a label for every frame.

    Args:
        split: As of `clips`, like the next two.
        count: N, how many videos.
        seed: Of all choices.
        dark: The fewest and the most black frames in a row, from 1 to 8.
        lit: Whether to leave the light on: the same videos, and nothing is black.

    Returns:
        `(videos, lengths, labels)`: videos and lengths as from `clips`; labels are places in
        `MOVES`, `(N, T)`, and `IGNORE` behind the end. Frames in the dark are black, and have the
        label of the move that nobody sees.

    Raises:
        ValueError: As `clips` does, and if `dark` is out of its range.
    """
    draws, images = _source(split, count, seed)
    if not 1 <= dark[0] <= dark[1] <= LONGEST_DARK:
        raise ValueError(f"dark must be two numbers in order, 1 to {LONGEST_DARK}, not {dark!r}")
    told = [_walk(draws, dark) for _ in range(count)]
    videos, lengths = _filmed(draws, images, [way for way, _, _ in told])
    labels = torch.full(videos.shape[:2], IGNORE)
    for video, label, (_, moves, black) in zip(videos, labels, told, strict=True):
        if not lit:
            video[black] = 0
        label[: len(moves)] = torch.tensor([MOVES.index(move) for move in moves])
    return videos, lengths, labels


def _source(split: str, count: int, seed: int) -> tuple[np.random.Generator, np.ndarray]:
    """Return the draws of a split and a seed, and the images of the split."""
    check_split(split)
    check_positive("count", count)
    if not is_whole(seed) or seed < 0:
        raise ValueError(f"seed must be a whole number of 0 or more, not {seed!r}")
    # Of its own for each split: else a seed's motions would be the same in both.
    return np.random.default_rng([split == "training", seed]), digit_images(split)[0]


def _between(draws: np.random.Generator, bounds: tuple[int, int]) -> int:
    return int(draws.integers(bounds[0], bounds[1] + 1))


def _clip(draws: np.random.Generator, kind: str) -> Way:
    """Draw a way of one kind."""
    T = _between(draws, CLIP_LENGTHS)
    if kind in STEPS:
        down, right = STEPS[kind]
        row, column = map(int, draws.integers(PLACES, size=2))
        return [((row + t * down) % PLACES, (column + t * right) % PLACES) for t in range(T)]
    start, sense = int(draws.integers(len(RING))), 1 if kind == "clockwise" else -1
    top, left = map(int, draws.integers(PLACES - RING_SIZE + 1, size=2))
    on_ring = [RING[(start + sense * t) % len(RING)] for t in range(T)]
    return [(top + row, left + column) for row, column in on_ring]


def _walk(draws: np.random.Generator, dark: tuple[int, int]) -> tuple[Way, list[str], slice]:
    """Draw a way with turns: where the digit is, how it came there, and which frames are dark."""
    T, darkness = _between(draws, FRAMES_LENGTHS), _between(draws, dark)
    dark_from = _between(draws, (SEEN_FIRST, T - darkness - 1))
    way, moves = [tuple(map(int, draws.integers(PLACES, size=2)))], ["still"]
    direction = str(draws.choice(list(STEPS)))
    for t in range(1, T):
        if not dark_from <= t < dark_from + darkness and draws.random() < TURNS:
            direction = str(draws.choice(list(STEPS)))
        if not _inside(way[-1], direction):
            direction = OPPOSITE[direction]
        (row, column), (down, right) = way[-1], STEPS[direction]
        way.append((row + down, column + right))
        moves.append(direction)
    return way, moves, slice(dark_from, dark_from + darkness)


def _inside(place: tuple[int, int], direction: str) -> bool:
    """Tell whether the digit is still inside the frame after one more move."""
    steps = STEPS[direction]
    return all(0 <= at + step < PLACES for at, step in zip(place, steps, strict=True))


def _filmed(
    draws: np.random.Generator, images: np.ndarray, ways: list[Way]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Let a digit chosen at random go each of the ways; return the videos and their lengths."""
    videos = np.zeros((len(ways), max(map(len, ways)), SIZE, SIZE))
    for video, way in zip(videos, ways, strict=True):
        image = images[draws.integers(len(images))]
        for frame, (row, column) in zip(video, way, strict=False):  # filling stays black
            frame[row : row + DIGIT, column : column + DIGIT] = image
    lengths = torch.tensor([len(way) for way in ways])
    return torch.tensor(videos, dtype=torch.get_default_dtype()), lengths
