"""What all tests share: one thread, the three sentences, and no browser test left out in CI."""

import os

# Several torch processes with several threads each fight over the same cores; kernels that nbval
# starts inherit this too.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import matplotlib
import pytest
from networks import make_model

from charrnn_helpers import Vocabulary, next_character_pairs, train

matplotlib.use("agg")  # here only: the kernels show their figures inline


@pytest.fixture(scope="session")
def texts():
    return ["hey how are you", "good i am fine", "have a nice day"]


@pytest.fixture(scope="session")
def vocabulary(texts):
    return Vocabulary.from_texts(texts)


@pytest.fixture(scope="session")
def pairs(texts, vocabulary):
    return next_character_pairs(texts, vocabulary)


@pytest.fixture(scope="session", params=["rnn", "gru", "lstm"])
def trained(request, vocabulary, pairs):
    """A network of each cell that knows the three sentences. Do not change it."""
    model = make_model(vocabulary, seed=1, cell=request.param)
    train(model, *pairs, epochs=150, lr=0.03)
    return model


def pytest_sessionfinish(session):
    """With REQUIRE_TOOLS set, as .ci/run does, a test skipped for want of a tool fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("REQUIRE_TOOLS") or reporter is None:
        return
    skipped = [
        report.nodeid
        for report in reporter.stats.get("skipped", [])
        if "browser" in report.nodeid or "javascript" in report.nodeid
    ]
    if skipped:
        reporter.write_line(f"REQUIRE_TOOLS: {len(skipped)} tests were skipped", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
