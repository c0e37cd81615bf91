"""A text that is encoded while it is read: as the whole would be, in a few bytes a character."""

import random
import tracemalloc

import pytest
import torch

from charrnn_helpers import Vocabulary
from charrnn_helpers.longtext import run as run_training
from charrnn_helpers.longtext.encoded_text import encode_pieces
from charrnn_helpers.longtext.run import Outcome, train_text

ASCII = "".join(map(chr, range(32, 127)))
CHINESE = "".join(map(chr, range(0x4E00, 0x4E00 + 1673)))
ALPHABETS = {
    "one": ("x", torch.uint8),
    "ASCII": (ASCII, torch.uint8),
    "256": ("".join(map(chr, range(1000, 1256))), torch.uint8),
    "257": ("".join(map(chr, range(1000, 1257))), torch.int16),
    "Chinese": (CHINESE + "🙂\U0010ffff\0", torch.int16),
    "32,768": ("".join(map(chr, range(0x10000, 0x18000))), torch.int16),
    "32,769": ("".join(map(chr, range(0x10000, 0x18001))), torch.int32),
}


@pytest.mark.parametrize("name", ALPHABETS)
@pytest.mark.parametrize("size", [7, 1000, 10**6])
def test_pieces_are_encoded_as_the_whole_would_be(name, size):
    alphabet, dtype = ALPHABETS[name]
    dice = random.Random(0)
    # First some characters and then all: what has been encoded has to make room for more
    text = "".join(dice.choices(alphabet[:30], k=2000)) + "".join(
        dice.sample(alphabet, len(alphabet))
    )
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    vocabulary, integers = encode_pieces(["", *pieces, ""])
    assert vocabulary == Vocabulary.from_texts([text])
    assert integers.dtype == dtype
    assert torch.equal(integers.long(), vocabulary.encode(text))
    assert vocabulary.decode(integers) == text


def test_of_no_characters_there_is_no_vocabulary():
    with pytest.raises(ValueError, match="a vocabulary needs at least one character"):
        encode_pieces(["", ""])


@pytest.mark.parametrize(
    ("alphabet", "encoding", "newline"),
    [
        (ASCII, "utf-8", "\n"),
        (CHINESE + "🙂🙃", "utf-8", "\n"),
        (CHINESE + "🙂🙃", "utf-16", "\r\n"),
        ([*ASCII, "e\u0301", "o\u0302\u0323", "\u1112\u1161\u11ab"], "utf-8", "\r"),
    ],
    ids=["ASCII", "Chinese", "UTF-16", "accents"],
)
def test_a_long_text_takes_a_few_bytes_a_character(
    tmp_path, monkeypatch, alphabet, encoding, newline
):
    lines = ["".join(random.Random(i).choices(alphabet, k=199)) for i in range(20)]
    path, short = tmp_path / "text", tmp_path / "short"
    short.write_text("\n".join(lines), encoding=encoding, newline=newline)
    path.write_text("\n".join(lines * 1000), encoding=encoding, newline=newline)
    monkeypatch.setattr(
        run_training, "_go", lambda training, output, _: Outcome(training, output, False)
    )
    options = {"device": "cpu", "hidden_size": 8}
    train_text(short, **options)  # what is imported on the way is no part of the text
    for resume in (False, True):
        tracemalloc.start()
        run = train_text(path, resume=resume, **options).training
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        characters = len(run.training) + len(run.held_out)
        assert characters >= 3_999_999
        assert peak <= 6 * characters
