"""The pairs of English and French: true to the rules, the same each time, no leaks."""

import datetime

import pytest

from charrnn_helpers.tasks import translation
from charrnn_helpers.tasks.translation import (
    AMOUNTS,
    NUMBERS,
    SECONDS,
    SPLITS,
    date_pair,
    number_pair,
    pairs,
    relative_pair,
)

MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
          "octobre", "novembre", "décembre")  # fmt: skip


@pytest.fixture(scope="module", params=[0, 1, 2, 7])
def splits(request):
    return {split: pairs(split, seed=request.param) for split in SPLITS}


def english(pairs):
    return {tuple(pair.english) for pair in pairs}


def said(pair):
    return " ".join(pair.english), " ".join(pair.french)


@pytest.mark.parametrize(
    ("pair", "in_english", "in_french"),
    [
        (date_pair(datetime.date(2010, 1, 1)), "friday january first twenty ten",
         "vendredi premier janvier deux mille dix"),
        (date_pair(datetime.date(1864, 11, 11)), "friday november eleventh eighteen sixty four",
         "vendredi onze novembre dix huit cent soixante quatre"),
        (date_pair(datetime.date(1803, 8, 31)), "wednesday august thirty first eighteen oh three",
         "mercredi trente et un août dix huit cent trois"),
        (date_pair(datetime.date(1900, 2, 28)), "wednesday february twenty eighth nineteen hundred",
         "mercredi vingt huit février dix neuf cents"),
        (number_pair(1), "one", "un"),
        (number_pair(71), "seventy one", "soixante et onze"),
        (number_pair(80), "eighty", "quatre vingts"),
        (number_pair(200), "two hundred", "deux cents"),
        (number_pair(999), "nine hundred ninety nine", "neuf cent quatre vingt dix neuf"),
        (relative_pair(1, "day", past=False), "in one day", "dans un jour"),
        (relative_pair(1, "year", past=True), "one year ago", "il y a un an"),
        (relative_pair(21, "hour", past=True), "twenty one hours ago",
         "il y a vingt et une heures"),
        (relative_pair(21, "month", past=False), "in twenty one months",
         "dans vingt et un mois"),
        (relative_pair(80, "week", past=False), "in eighty weeks", "dans quatre vingts semaines"),
    ],
)  # fmt: skip
def test_what_is_said_in_both_languages(pair, in_english, in_french):
    assert said(pair) == (in_english, in_french)


def test_every_amount_of_every_unit_says_what_it_counts():
    numbers = {" ".join(number_pair(n).english): n for n in AMOUNTS}
    for unit in SECONDS:
        for n in AMOUNTS:
            ahead, ago = (relative_pair(n, unit, past) for past in (False, True))
            assert ahead.english[0] == "in"
            assert ago.english[-1] == "ago"
            assert ahead.french[0] == "dans"
            assert ago.french[:3] == ["il", "y", "a"]
            assert ahead.english[1:] == ago.english[:-1]
            assert ahead.french[1:] == ago.french[3:]
            assert numbers[" ".join(ahead.english[1:-1])] == n
            assert ahead.english[-1] == unit + "s" * (n > 1)


def test_no_pair_is_in_two_splits_or_there_twice(splits):
    sizes = {split: len(chosen) for split, chosen in splits.items()}
    assert sizes == {"training": 4900, "held out": 1485, "unseen years": 1000}
    assert len(set().union(*map(english, splits.values()))) == sum(sizes.values())


def test_training_has_every_word(splits):
    for language in ("english", "french"):
        known = {word for pair in splits["training"] for word in getattr(pair, language)}
        for split in SPLITS[1:]:
            assert {w for pair in splits[split] for w in getattr(pair, language)} <= known


def test_of_an_unseen_year_training_has_no_date(splits):
    def years(split):
        """What follows the month, in dates."""
        dates = [pair for pair in splits[split] if pair.kind == "date"]
        return {tuple(pair.french[pair.french.index(m) + 1 :]) for pair in dates for m in MONTHS
                if m in pair.french}  # fmt: skip

    assert len(years("unseen years")) == 100
    assert not years("unseen years") & (years("training") | years("held out"))
    assert years("held out") <= years("training")


def test_the_kinds_and_how_many_of_each(splits):
    counts = {}
    for split, chosen in splits.items():
        for pair in chosen:
            counts[split, pair.kind] = counts.get((split, pair.kind), 0) + 1
    every = len(SECONDS) * len(AMOUNTS) * 2
    assert counts == {
        ("training", "date"): 3000, ("training", "number"): 800, ("training", "relative"): 1100,
        ("held out", "date"): 1000, ("held out", "number"): len(NUMBERS) - 800,
        ("held out", "relative"): every - 1100, ("unseen years", "date"): 1000,
    }  # fmt: skip


def test_the_same_seed_gives_the_same_pairs():
    assert pairs("held out", seed=3) == pairs("held out", seed=3)
    assert english(pairs("held out", seed=3)) != english(pairs("held out", seed=4))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: pairs("test"), ValueError, "split must be one of 'training', 'held out', 'unseen"),
        (lambda: pairs("training", seed=1.5), TypeError, "seed must be a whole number, not 1.5"),
        (lambda: number_pair(0), ValueError, "a number must be from 1 to 999, not 0"),
        (lambda: relative_pair(2, "decade", True), ValueError, "unit must be one of 'second'"),
        (lambda: relative_pair(100, "day", True), ValueError, "amount must be from 1 to 99"),
        (lambda: date_pair(datetime.date(2100, 1, 1)), ValueError, "the year must be from 1800 to"),
    ],
)
def test_bad_arguments(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_whoever_changes_what_is_returned_changes_nothing_else():
    pairs("training")[0].english.append("x")
    assert "x" not in pairs("training")[0].english
    assert translation.number_pair(5).french == ["cinq"]
