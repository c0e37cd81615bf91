"""Dates, numbers and relative times in words, in English and in French.

Provenance: the names of days and months and the patterns ("in 2 days", "il y a 2 jours") are those
of Unicode CLDR (Unicode License V3), read by the package `babel` (BSD-3-Clause); numbers are
spelled by CLDR's rules, read by `unicode-rbnf` (MIT). So no translation was written by hand: right
is what the rules say. Their English is American ("one hundred one"), their French is in the
spelling of 1990, with hyphens everywhere ("vingt-et-un").

Three rules are added here. Hyphens count as spaces, so that a token is a word; the first day of a
month is "premier" in French; a number before a feminine unit is feminine ("vingt et une heures").

    date        friday january first twenty ten       vendredi premier janvier deux mille dix
    number      eighty one                            quatre vingt un
    relative    twenty one hours ago                  il y a vingt et une heures
"""

from __future__ import annotations

import datetime
from functools import cache
from itertools import product
from random import Random
from typing import NamedTuple

from babel.dates import format_timedelta, get_day_names, get_month_names
from unicode_rbnf import FormatPurpose, RbnfEngine

from charrnn_helpers.checks import is_whole

YEARS = range(1800, 2100)
NUMBERS = range(1, 1000)
AMOUNTS = range(1, 100)  # of a relative time
SECONDS = {  # in a unit of time, as babel counts them
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "week": 7 * 86_400,
    "month": 30 * 86_400,
    "year": 365 * 86_400,
}
FEMININE = ("second", "minute", "hour", "week")  # in French: seconde, minute, heure, semaine
SPLITS = ("training", "held out", "unseen years")
TRAINING = {"date": 3000, "number": 800, "relative": 1100}  # pairs; most dates are in no split
HELD_OUT_DATES = 1000  # pairs in "held out", and as many in "unseen years"
UNSEEN_YEARS = 100  # of the 300


class Pair(NamedTuple):
    """One meaning in both languages.

    Attributes:
        kind: "date", "number" or "relative".
        english, french: Words.
    """

    kind: str
    english: list[str]
    french: list[str]


def pairs(split: str, seed: int = 0) -> list[Pair]:
    """Return the pairs of a split; none is in two of them, and none is there twice.

    "day", "jour" and such stand nowhere but in relative times of one unit, so these are always in
    training: no split has a word that training lacks.

    Args:
        split: "training" for 4,900 pairs: 3,000 dates, 800 numbers, 1,100 relative times. "held
            out" for 1,000 other dates of the same years, and all other numbers and relative times,
            1,485 pairs. "unseen years" for 1,000 dates of the 100 years that the others leave out.
        seed: Of the splits.

    Raises:
        TypeError, ValueError: If there is no such split, or the seed is no whole number.
    """
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(map(repr, SPLITS))}, not {split!r}")
    if not is_whole(seed):
        raise TypeError(f"seed must be a whole number, not {seed!r}")
    dates = [date_pair(date) for date in _dates(split, seed)]
    if split == "unseen years":
        return dates
    numbers = _part("number", [(number,) for number in NUMBERS], split, seed)
    relatives = _part("relative", list(product(AMOUNTS, SECONDS, (False, True))), split, seed)
    return [
        *dates,
        *(number_pair(*chosen) for chosen in numbers),
        *(relative_pair(*chosen) for chosen in relatives),
    ]


def date_pair(date: datetime.date) -> Pair:
    """Return a date, with its day of the week, in both languages.

    Raises:
        ValueError: If its year is not from 1800 to 2099.
    """
    if date.year not in YEARS:
        raise ValueError(f"the year must be from {YEARS[0]} to {YEARS[-1]}, not {date.year}")
    (en_days, en_months), (fr_days, fr_months) = _names("en"), _names("fr")
    ordinal = _spelled("en", date.day, FormatPurpose.ORDINAL)
    day = "premier" if date.day == 1 else _spelled("fr", date.day)
    in_english, in_french = (
        _spelled(language, date.year, FormatPurpose.YEAR) for language in ("en", "fr")
    )
    return Pair(
        "date",
        _words(f"{en_days[date.weekday()]} {en_months[date.month]} {ordinal} {in_english}"),
        _words(f"{fr_days[date.weekday()]} {day} {fr_months[date.month]} {in_french}"),
    )


def number_pair(number: int) -> Pair:
    """Return a number in both languages.

    Raises:
        ValueError: If it is not from 1 to 999.
    """
    if number not in NUMBERS:
        raise ValueError(f"a number must be from 1 to {NUMBERS[-1]}, not {number!r}")
    return Pair("number", _words(_spelled("en", number)), _words(_spelled("fr", number)))


def relative_pair(amount: int, unit: str, past: bool) -> Pair:
    """Return a time as seen from now, ahead or past, in both languages.

    Raises:
        ValueError: If there is no such unit, or the amount is not from 1 to 99.
    """
    if unit not in SECONDS:
        raise ValueError(f"unit must be one of {', '.join(map(repr, SECONDS))}, not {unit!r}")
    if amount not in AMOUNTS:
        raise ValueError(f"amount must be from 1 to {AMOUNTS[-1]}, not {amount!r}")
    seconds = (-1 if past else 1) * amount * SECONDS[unit]
    in_digits = {
        language: format_timedelta(
            seconds, granularity=unit, threshold=1e9, add_direction=True, locale=language
        )
        for language in ("en", "fr")
    }
    spelled = {
        "en": _spelled("en", amount),
        "fr": _spelled("fr", amount, feminine=unit in FEMININE),
    }
    english, french = (
        _words(in_digits[language].replace(str(amount), spelled[language]))
        for language in ("en", "fr")
    )
    return Pair("relative", english, french)


def _dates(split: str, seed: int) -> list[datetime.date]:
    """Choose the dates of a split."""
    random = Random(f"dates {seed}")
    unseen = set(random.sample(YEARS, UNSEEN_YEARS))
    first, behind = datetime.date(YEARS[0], 1, 1), datetime.date(YEARS[-1] + 1, 1, 1)
    dates = [datetime.date.fromordinal(n) for n in range(first.toordinal(), behind.toordinal())]
    random.shuffle(dates)
    known = [date for date in dates if date.year not in unseen]
    if split == "training":
        return known[: TRAINING["date"]]
    if split == "held out":
        return known[TRAINING["date"] :][:HELD_OUT_DATES]
    return [date for date in dates if date.year in unseen][:HELD_OUT_DATES]


def _part(kind: str, everything: list[tuple], split: str, seed: int) -> list[tuple]:
    """Choose a split's part of all numbers, or of all relative times."""
    shuffled = Random(f"{kind} {seed}").sample(everything, len(everything))
    shuffled.sort(key=lambda chosen: chosen[0] != 1)  # one of anything comes first: it is trained
    count = TRAINING[kind]
    return shuffled[:count] if split == "training" else shuffled[count:]


def _spelled(
    language: str, number: int, purpose=FormatPurpose.CARDINAL, feminine: bool = False
) -> str:
    rules = ["spellout-cardinal-feminine"] if feminine else None
    return _engine(language).format_number(number, purpose, ruleset_names=rules).text


def _words(text: str) -> list[str]:
    return text.lower().replace("-", " ").split()


@cache
def _engine(language: str) -> RbnfEngine:
    return RbnfEngine.for_language(language)


@cache
def _names(language: str):
    """Return the names of the days and of the months, by number."""
    return get_day_names("wide", locale=language), get_month_names("wide", locale=language)
