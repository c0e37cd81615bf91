"""Short verdicts on a film, composed by rules: single words say little, their order all.

Provenance: the sentences are synthetic, and nobody ever wrote them. The words, their polarity and
the rules were chosen for this book (MIT, as all of it). The rules are cruder than English: here
"hardly dull" is praise, and whoever says "although" is always decided.

The rules, all of them in the tables below:

    A clause   has a subject, one of 12 nouns, and a judgement, one of 50 adjectives, half of them
               positive. A negated clause says the opposite of its adjective, a plain one says what
               the adjective says. A degree such as "very" changes nothing.
    A sentence is one clause, or contrasts two with different subjects and opposite verdicts. After
               "but" and "yet" stands the clause that counts; after "although" what does not.

How often: 2 in 5 sentences are one clause. Half of the clauses are negated. All else is equally
likely: templates, words, forms of contrast.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from random import Random

from charrnn_helpers.checks import is_whole
from charrnn_helpers.tasks import check_split

LABELS = ("negative", "positive")  # a label is a place in this: 0 or 1
TRAINING, HELD_OUT = 4000, 2000  # sentences; no two of a seed's 6,000 are the same
SINGLE = 0.4  # the share of sentences of one clause

NOUNS = (
    "acting",
    "cast",
    "dialogue",
    "editing",
    "ending",
    "film",
    "humour",
    "music",
    "pace",
    "plot",
    "script",
    "story",
)
POSITIVE = (
    "brilliant",
    "charming",
    "clever",
    "dazzling",
    "delightful",
    "elegant",
    "enchanting",
    "engaging",
    "excellent",
    "fascinating",
    "flawless",
    "funny",
    "gorgeous",
    "graceful",
    "gripping",
    "inspired",
    "lively",
    "lovely",
    "memorable",
    "moving",
    "radiant",
    "refreshing",
    "stirring",
    "superb",
    "witty",
)
NEGATIVE = (
    "awful",
    "bland",
    "bloated",
    "boring",
    "clumsy",
    "confusing",
    "dreadful",
    "dreary",
    "dull",
    "empty",
    "feeble",
    "flat",
    "forgettable",
    "grating",
    "hollow",
    "lifeless",
    "messy",
    "pointless",
    "sloppy",
    "stale",
    "tedious",
    "tiresome",
    "trite",
    "ugly",
    "weak",
)
DEGREES = ("quite", "really", "so", "truly", "very")
WORDS = {"NOUN": NOUNS, "DEGREE": DEGREES, "JUDGEMENT": POSITIVE + NEGATIVE}

PLAIN = (
    "the NOUN was DEGREE JUDGEMENT",
    "i found the NOUN DEGREE JUDGEMENT",
)
NEGATED = (
    "the NOUN was not DEGREE JUDGEMENT",
    "the NOUN was never DEGREE JUDGEMENT",
    "the NOUN was hardly DEGREE JUDGEMENT",
    "the NOUN was far from JUDGEMENT",
    "i did not find the NOUN DEGREE JUDGEMENT",
    "nobody could call the NOUN DEGREE JUDGEMENT",
)
CONTRASTS = (  # the clause that counts is COUNTS, the other one is ASIDE
    "ASIDE but COUNTS",
    "ASIDE yet COUNTS",
    "although ASIDE , COUNTS",
    "COUNTS although ASIDE",
)


def reviews(split: str, seed: int = 0) -> tuple[list[list[str]], list[int]]:
    """Return the sentences of a split; none is in both, and none is there twice.

    Args:
        split: "training" for 4,000 sentences, or "held out" for 2,000.
        seed: Of both splits.

    Returns:
        `(sentences, labels)`: the words of each sentence, and 0 (negative) or 1 (positive).

    Raises:
        TypeError, ValueError: If there is no such split, or the seed is no whole number.
    """
    check_split(split)
    if not is_whole(seed):
        raise TypeError(f"seed must be a whole number, not {seed!r}")
    composed = _composed(int(seed))
    chosen = composed[:TRAINING] if split == "training" else composed[TRAINING:]
    return [text.split() for text, _ in chosen], [label for _, label in chosen]


def verdict(words: Sequence[str]) -> int:
    """Return what the rules make of a sentence: 0 (negative) or 1 (positive).

    Both clauses of a contrast may agree, or have one subject: it is decided all the same.

    Raises:
        TypeError: If `words` is not a list (or tuple) of words.
        ValueError: If the rules do not give this sentence.
    """
    if isinstance(words, str) or not all(isinstance(word, str) for word in words):
        raise TypeError("give a list of words, not a string: split it first")
    words = tuple(words)
    for form in ("COUNTS", *CONTRASTS):
        for end, label in _parses(form.split(), words, 0):
            if end == len(words):
                return label
    raise ValueError(f"not a sentence of the rules: {' '.join(words)!r}")


@cache
def _composed(seed: int) -> tuple[tuple[str, int], ...]:
    """Compose sentences until there are enough different ones, in the order of their making."""
    random = Random(seed)
    found: dict[str, int] = {}
    while len(found) < TRAINING + HELD_OUT:
        text, label = _sentence(random)
        found[text] = label
    return tuple(found.items())


def _sentence(random: Random) -> tuple[str, int]:
    noun, other = random.sample(NOUNS, 2)
    label = random.randrange(2)
    text = _clause(random, noun, label)
    if random.random() < SINGLE:
        return text, label
    aside = _clause(random, other, 1 - label)
    return random.choice(CONTRASTS).replace("COUNTS", text).replace("ASIDE", aside), label


def _clause(random: Random, noun: str, label: int) -> str:
    """Compose a clause about a noun with this verdict."""
    negated = random.random() < 0.5
    template = random.choice(NEGATED if negated else PLAIN)
    judgement = random.choice(POSITIVE if label != negated else NEGATIVE)
    degree = random.choice(("", *DEGREES))
    text = template.replace("NOUN", noun).replace("JUDGEMENT", judgement)
    return " ".join(text.replace("DEGREE", degree).split())


def _parses(pattern: list[str], words: tuple[str, ...], at: int) -> Iterator[tuple[int, int]]:
    """Find all ways in which a sentence's pattern fits the words from a place on.

    Yields:
        `(end, label)`: the place behind the last word of the pattern, and what it says.
    """
    if not pattern:
        yield at, -1
        return
    first, *rest = pattern
    if first in ("COUNTS", "ASIDE"):
        for clause_end, said in _clauses(words, at):
            for end, label in _parses(rest, words, clause_end):
                yield end, said if first == "COUNTS" else label
    elif words[at : at + 1] == (first,):
        yield from _parses(rest, words, at + 1)


def _clauses(words: tuple[str, ...], at: int) -> Iterator[tuple[int, int]]:
    """Find all clauses that begin at a place: where they end, and what they say."""
    for template in PLAIN + NEGATED:
        end = at
        for item in template.split():
            if words[end : end + 1] and words[end] in WORDS.get(item, (item,)):
                end += 1
            elif item != "DEGREE":  # the only one that may be missing
                break
        else:
            yield end, int((words[end - 1] in POSITIVE) != (template in NEGATED))
