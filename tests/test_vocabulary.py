import re
import subprocess
import sys
import tracemalloc

import pytest
import torch

from charrnn_helpers import Vocabulary


def test_characters_are_sorted_whatever_the_order_of_the_texts(texts):
    vocabulary = Vocabulary.from_texts(texts)
    assert vocabulary.characters == "".join(sorted(set("".join(texts))))
    assert len(vocabulary) == 17
    assert Vocabulary.from_texts(texts[::-1]) == vocabulary


def test_the_same_under_every_hash_seed(texts):
    code = f"from charrnn_helpers import Vocabulary; print(Vocabulary.from_texts({texts}))"
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ["0", "1", "2"]
    }
    assert printed == {f"{Vocabulary.from_texts(texts)}\n"}


def test_decode_undoes_encode(texts, vocabulary):
    for text in texts:
        integers = vocabulary.encode(text)
        assert integers.shape == (len(text),)
        assert integers.dtype == torch.long
        assert vocabulary.decode(integers) == text
        assert vocabulary.decode(integers.tolist()) == text


def test_characters_beyond_ascii():
    vocabulary = Vocabulary.from_texts(["żółć 🙂 é"])
    assert vocabulary.decode(vocabulary.encode("🙂éż")) == "🙂éż"


def test_empty_text_encodes_to_no_integers(vocabulary):
    assert vocabulary.encode("").shape == (0,)


def test_unknown_character_is_named_with_its_position_and_what_is_allowed(vocabulary):
    with pytest.raises(
        ValueError, match="'z' at position 2 is not in the vocabulary; allowed are"
    ) as error:
        vocabulary.encode("hez")
    assert repr(vocabulary.characters) in str(error.value)


def test_encode_finds_each_character_whatever_its_place_in_unicode():
    vocabulary = Vocabulary("a\x00é\ud800\uffff🙂\U0010ffff")  # \ud800: half of a pair, alone
    text = vocabulary.characters[::-1] * 3
    assert vocabulary.encode(text).tolist() == [vocabulary.characters.index(c) for c in text]
    assert vocabulary.decode(vocabulary.encode(text)) == text


def test_a_long_text_is_encoded_in_little_more_than_its_integers_take():
    text = "abc🙂" * 250_000
    vocabulary = Vocabulary("abc🙂")
    tracemalloc.start()
    integers = vocabulary.encode(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert vocabulary.decode(integers) == text
    assert peak <= 9.5 * len(text)
    with pytest.raises(ValueError, match=r"character 'd' at position 1000000, in '"):
        vocabulary.encode(text + "d" + text)


@pytest.mark.parametrize("unknown", ["\x00", "b", "ć", "\ud800", "\U0010ffff"])
def test_every_unknown_character_is_named_and_the_first_of_several(unknown):
    named = re.escape(f"character {unknown!r} at position 2 is not in")
    with pytest.raises(ValueError, match=named):
        Vocabulary("aé").encode(f"aé{unknown}z")


def test_the_other_case_is_suggested_if_it_is_known(vocabulary):
    with pytest.raises(ValueError, match=r"'H' at position 0 .*\(try 'h'\)"):
        vocabulary.encode("Hey")


@pytest.mark.parametrize(
    ("texts", "error", "words"),
    [
        ([], ValueError, "texts is empty"),
        (["hey", ""], ValueError, r"texts\[1\] is empty"),
        ("hey", TypeError, r"write \['hey'\]"),
        (["hey", 3], TypeError, r"texts\[1\] must be a string, not int"),
    ],
)
def test_bad_texts(texts, error, words):
    with pytest.raises(error, match=words):
        Vocabulary.from_texts(texts)


@pytest.mark.parametrize(
    ("characters", "error", "words"),
    [
        ("", ValueError, "at least one character"),
        ("abca", ValueError, "only once: 'a' do not"),
        (["a"], TypeError, "must be a string, not list"),
    ],
)
def test_bad_characters(characters, error, words):
    with pytest.raises(error, match=words):
        Vocabulary(characters)


def test_encode_wants_a_string(vocabulary):
    with pytest.raises(TypeError, match="text must be a string, not bytes"):
        vocabulary.encode(b"hey")


@pytest.mark.parametrize("integer", [-1, 17])
def test_decode_wants_integers_of_the_vocabulary(vocabulary, integer):
    with pytest.raises(ValueError, match=f"{integer} stands for no character: 0 to 16 do"):
        vocabulary.decode([0, integer])


def test_decode_takes_integers_from_anywhere(vocabulary):
    integers = vocabulary.encode("good i am fine")
    for given in (integers.int(), integers[:, None], integers.numpy(), iter(integers), [*integers]):
        assert vocabulary.decode(given) == "good i am fine"
    with pytest.raises(ValueError, match="17 stands for no character"):
        vocabulary.decode(torch.tensor([0, 17]))


def test_equal_vocabularies_are_interchangeable():
    assert len({Vocabulary("ab"), Vocabulary("ba")}) == 1
    assert "a" in Vocabulary("ab")
    assert repr(Vocabulary("ba")) == "Vocabulary('ab')"


MANY = Vocabulary("".join(map(chr, range(0x4E00, 0x4E00 + 20_000))))


def test_of_many_characters_a_message_shows_the_nearest():
    text = MANY.characters[:5000] + "z" + MANY.characters[:5000]
    with pytest.raises(ValueError, match="'z' at position 5000, in '") as error:
        MANY.encode(text)
    assert MANY.characters[4988:5000] + "z" + MANY.characters[:12] in str(error.value)
    nearest = re.escape(f"allowed are 20,000 others, nearest to it in Unicode {'一丁丂七丄'!r}")
    assert re.search(nearest, str(error.value))
    assert len(str(error.value)) < 300


def test_whatever_is_wrong_is_said_in_short():
    with pytest.raises(ValueError, match=r"only once: .* and 19,900 more do not") as error:
        Vocabulary(MANY.characters * 2)
    assert len(str(error.value)) < 200
    assert len(repr(MANY)) < 200
    assert repr(MANY).endswith(" and 19,900 more)")
