"""Pictures of the numbers from 0 to 99 in handwritten digits, each with its name as the caption.

Provenance: the digits are real, see `digits.py`; the pictures are composed of them here. A picture
has 8 × 16 pixels. A number's digits stand side by side, from the left, each an image chosen at
random among all of that digit in the split; below ten, the right half stays empty. The names are
English, spelled by rule ("forty-seven"): Unicode CLDR's rules (Unicode License V3), read by the
package `unicode-rbnf` (MIT).

What is held out are images of digits, not numbers: each of the hundred may be in both splits, but
never written with the same images.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from unicode_rbnf import RbnfEngine

from charrnn_helpers.checks import check_positive, is_whole
from charrnn_helpers.tasks.digits import digit_images

HEIGHT, WIDTH = 8, 16  # of a picture; a digit is half as wide
NUMBERS = range(100)


@cache
def name_of(number: int) -> str:
    """Return a number's name in English: 47 is "forty-seven".

    Raises:
        ValueError: If it is no whole number from 0 to 99.
    """
    if not is_whole(number) or number not in NUMBERS:
        raise ValueError(f"a number must be whole and from 0 to 99, not {number!r}")
    return RbnfEngine.for_language("en").format_number(number).text


def pictures(
    split: str, count: int, seed: int, numbers: Sequence[int] = NUMBERS
) -> tuple[torch.Tensor, list[list[str]]]:
    """Compose pictures of random numbers; the same arguments give the same ones.

    Args:
        split: "training" or "held out": where the images of digits come from.
        count: N, how many pictures.
        seed: Of the choice of numbers and images.
        numbers: Those to choose from, each as likely as any other.

    Returns:
        `(pictures, captions)`: from 0 (paper) to 1 (ink), `(N, 8, 16)` in the default dtype, and
        for each the letters of its number's name, a hyphen among them.

    Raises:
        ValueError: If there is no such split, the count is not positive, there is no number to
            choose from, or one is not from 0 to 99.
    """
    images, digits = digit_images(split)
    check_positive("count", count)
    names = {int(number): name_of(int(number)) for number in numbers}
    if not names:
        raise ValueError("there is no number to choose from: give at least one")
    of_digit = [images[digits == digit] for digit in range(10)]
    draws = np.random.default_rng(seed)
    composed = np.zeros((count, HEIGHT, WIDTH))
    captions = []
    for picture in composed:
        number = int(draws.choice(list(names)))
        for place, digit in enumerate(map(int, str(number))):
            picture[:, 8 * place : 8 * place + 8] = draws.choice(of_digit[digit])
        captions.append(list(names[number]))
    return torch.tensor(composed, dtype=torch.get_default_dtype()), captions
