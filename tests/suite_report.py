"""At the end of a run: where its time went, if asked for, and how to repeat what failed."""

import shlex
from collections import defaultdict

from suite_order import remember, scope_of

PYTHON = ".venv/bin/python -m pytest -n 0"


def pytest_addoption(parser):
    parser.addoption(
        "--where-time-goes", action="store_true", help="print the seconds of every module"
    )


def pytest_terminal_summary(terminalreporter, config):
    stats = terminalreporter.stats
    times = seconds_of(stats)
    remember(config, times)
    if config.getoption("--where-time-goes"):
        terminalreporter.section("where the time goes, in seconds of all workers together")
        for line in table(times):
            terminalreporter.write_line(line)
    failed = [r.nodeid for kind in ("failed", "error") for r in stats.get(kind, [])]
    for nodeid in dict.fromkeys(failed):
        terminalreporter.write_line(f"repeat: {command(nodeid)}")


def seconds_of(stats):
    """The seconds of every test, with what sets it up and cleans up, in a list for each scope."""
    times = defaultdict(lambda: defaultdict(float))
    for report in (report for reports in stats.values() for report in reports):
        if hasattr(report, "duration"):
            times[scope_of(report.nodeid)][report.nodeid] += report.duration
    return {name: [*of_tests.values()] for name, of_tests in times.items()}


def table(times):
    """Lines with the seconds, the share and the tests of every scope; the longest come first."""
    whole = sum(map(sum, times.values())) or 1.0
    rows = sorted(((sum(each), len(each), name) for name, each in times.items()), reverse=True)
    rows.append((whole, sum(map(len, times.values())), "all"))
    return [f"{s:8.1f} {s / whole:6.1%} {count:5} tests  {name}" for s, count, name in rows]


def command(nodeid):
    """What runs a test alone; a cell needs those before it, so of a notebook all are run."""
    path, _, _ = nodeid.partition("::")
    return f"{PYTHON} {shlex.quote(path if path.endswith('.ipynb') else nodeid)}"
