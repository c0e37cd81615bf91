"""Real handwritten digits, 8 × 8 pixels, for the captions and the videos.

Provenance: `sklearn.datasets.load_digits`, which ships with scikit-learn (BSD-3-Clause): the 1,797
test images of "Optical Recognition of Handwritten Digits" (Alpaydin & Kaynak 1998, UCI Machine
Learning Repository, CC BY 4.0). The set does not say who wrote which digit, so images that are held
out may still be by writers whose other digits are not.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from sklearn.datasets import load_digits

from charrnn_helpers.tasks import check_split

TRAINING_IMAGES = 1400  # of 1,797; the other 397 are held out


@cache
def digit_images(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the images of a split; no image is in both.

    Args:
        split: "training" or "held out".

    Returns:
        `(images, digits)`: numbers from 0 (paper) to 1 (ink), `(N, 8, 8)`, and integers `(N,)`.

    Raises:
        ValueError: If there is no such split.
    """
    check_split(split)
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.target))
    chosen = order[:TRAINING_IMAGES] if split == "training" else order[TRAINING_IMAGES:]
    images, digits = data.images[chosen] / 16, data.target[chosen]
    images.flags.writeable = digits.flags.writeable = False  # what is handed out is shared
    return images, digits
