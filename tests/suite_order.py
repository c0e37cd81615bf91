"""In which order two workers take the modules, so that both end at about the same time.

The longest come first, as a long one at the end would keep one worker waiting for the other; and
a module that uses a browser comes beside one that does not, as the former waits more than it
computes. How long a module takes is known from the run before; without one, its kind tells it.
"""

from itertools import groupby

import pytest

KEY = "suite/seconds_a_test"
GUESS = {
    "book/": 0.8,
    "tests/browser/test_pages": 1.0,
    "tests/browser/test_jupyterlab": 2.0,
    "tests/browser/": 0.7,
    "tests/test_suite": 2.0,
    "tests/test_verify": 2.0,
    "tests/test_command_line": 0.5,
    "tests/test_booksite": 0.5,
    "": 0.1,
}  # seconds a test, of the first kind that fits


def scope_of(nodeid):
    """The module, class or notebook of a test: what xdist gives to one worker as a whole."""
    return nodeid.rsplit("::", 1)[0]


def in_order(counts, seconds_a_test):
    """The names of all scopes, in the order in which they are to be taken.

    Args:
        counts: How many tests each has.
        seconds_a_test: What is known of the run before.
    """

    def expected(name):
        guess = next(guess for kind, guess in GUESS.items() if name.startswith(kind))
        return counts[name] * seconds_a_test.get(name, guess)

    longest_first = sorted(counts, key=lambda name: (-expected(name), name))
    kinds = [
        [name for name in longest_first if name.startswith("tests/browser/") is browser]
        for browser in (True, False)
    ]
    taken = [0.0, 0.0]
    while any(kinds):  # as if one worker took those with a browser, and the other one the others
        kind = min((k for k in (0, 1) if kinds[k]), key=taken.__getitem__)
        name = kinds[kind].pop(0)
        taken[kind] += expected(name)
        yield name


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Tell all workers the same, whatever is written meanwhile: they must agree on the order."""
    cache = getattr(node.config, "cache", None)
    node.workerinput[KEY] = cache.get(KEY, {}) if cache else {}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    if not hasattr(config, "workerinput"):
        return  # one process alone: pytest's own order sets up less
    items.sort(key=lambda item: scope_of(item.nodeid))  # stable: the order in a module stays
    scopes = {name: [*tests] for name, tests in groupby(items, lambda t: scope_of(t.nodeid))}
    counts = {name: len(tests) for name, tests in scopes.items()}
    order = in_order(counts, config.workerinput[KEY])
    items[:] = [test for name in order for test in scopes[name]]


def remember(config, times):
    """Keep for the next run how long a test took in each scope: `times` has a list for each."""
    if cache := getattr(config, "cache", None):
        means = {name: round(sum(each) / len(each), 3) for name, each in times.items()}
        cache.set(KEY, cache.get(KEY, {}) | means)
