"""Whatever the text, the whole way holds: file, integers, training, checkpoint, samples."""

import math
import tempfile
import unicodedata
from pathlib import Path

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runs import advance

from charrnn_helpers import CharRNN, Vocabulary, sample
from charrnn_helpers.longtext import checkpoints
from charrnn_helpers.longtext.settings import Settings
from charrnn_helpers.longtext.streams import costs, split
from charrnn_helpers.longtext.text_files import SHORTEST, read_text
from charrnn_helpers.longtext.training import StreamTraining

# The same examples each time, and no folder of found ones: a suite must be repeatable.
ALWAYS = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), min_size=2)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"])
NETWORKS = st.tuples(st.sampled_from(["rnn", "gru", "lstm"]), st.integers(1, 2))


def long_enough(text):
    return text * math.ceil((SHORTEST + 50) / len(text))


def as_read(text):
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", text)


@ALWAYS
@given(TEXTS, ENCODINGS)
def test_a_file_gives_the_text_that_was_written(text, encoding):
    text = long_enough(text)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text"
        path.write_bytes(text.encode(encoding))
        assert read_text(path) == as_read(text)


@ALWAYS
@given(TEXTS)
def test_what_is_encoded_is_decoded(text):
    vocabulary = Vocabulary.from_texts([text])
    integers = vocabulary.encode(text)
    assert vocabulary.decode(integers) == text
    assert set(integers.tolist()) == set(range(len(vocabulary)))


@ALWAYS
@given(TEXTS, NETWORKS, st.integers(1, 3), st.integers(5, 20), st.data())
def test_a_run_that_is_stopped_anywhere_is_the_run_that_was_not(text, network, B, T, data):
    text = as_read(long_enough(text))[: SHORTEST // 2]
    cell, layers = network
    vocabulary = Vocabulary.from_texts([text])
    parts = [vocabulary.encode(part) for part in split(text)]
    chosen = Settings(epochs=2, streams=B, steps=T, lr=0.01)

    def begin():
        torch.manual_seed(0)
        model = CharRNN(len(vocabulary), 3, cell, "auto", layers)
        return StreamTraining(model, vocabulary, *parts, chosen)

    losses = list(begin())
    stop = data.draw(st.integers(1, len(losses)), "updates")
    first = begin()
    begun = advance(first, stop)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        checkpoints.write(path, *first.snapshot())
        second = begin()
        second.load(path)
        assert begun + list(second) == losses
        checkpoints.write(path, *second.snapshot())
        model, own = checkpoints.load_model(path)
    assert own == vocabulary
    best = min(held_out for _, held_out in second.progress.losses)
    assert math.isfinite(best)
    assert costs(model, parts[1]).isfinite().all()
    written = sample(model, own, text[:1], 12, temperature=1.0)
    assert len(written) == 12
    assert set(written) <= set(text)
