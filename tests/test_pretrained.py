"""The networks that chapters load: what they are, and what makes them."""

import nbformat
import pretrain
import pytest
import recipes
import torch

from charrnn_helpers import sample, trained
from charrnn_helpers.longtext import checkpoints
from charrnn_helpers.longtext.training import fingerprint
from charrnn_helpers.tasks import speeches
from charrnn_helpers.widgets.packed import packed

COMPARED = [f"{cell}-{seed}" for cell in pretrain.HIDDEN_SIZES for seed in pretrain.SEEDS]
MOMENTS = sorted(pretrain.PRETRAINED.glob("small-*.safetensors"))


@pytest.fixture(scope="module")
def texts():
    vocabulary = speeches.vocabulary()
    parts = [vocabulary.encode(speeches.messages(split)) for split in ("training", "held out")]
    return fingerprint(*parts)


def test_there_are_no_others():
    names = {path.stem for path in pretrain.PRETRAINED.iterdir()}
    on_text = {*COMPARED, "large", *(path.stem for path in MOMENTS)}
    assert names == on_text | set(recipes.NETWORKS)


@pytest.mark.parametrize("name", recipes.NETWORKS)
def test_made_by_the_cells_that_the_chapter_shows(name, monkeypatch):
    monkeypatch.setenv(trained.FOLDER, str(pretrain.PRETRAINED))
    chapter, call = recipes.NETWORKS[name]
    _, facts = checkpoints.read(trained.path_of(name))
    assert facts["made_by"] == call
    stale = f"the recipe of {chapter} has changed: run `python making/pretrain.py {chapter}`"
    assert facts["origin"] == {"chapter": chapter, "recipe": recipes.fingerprint(chapter)}, stale


def test_a_network_of_a_chapter_is_made_by_its_tagged_cells_alone(monkeypatch, tmp_path):
    tagged = {"tags": ["recipe"]}
    cells = [
        nbformat.v4.new_code_cell("import torch\ntorch.set_default_dtype(torch.float64)"),
        nbformat.v4.new_code_cell("raise ValueError('this is no part of it')"),
        nbformat.v4.new_code_cell("def train(out):\n    return torch.nn.Linear(2, out)"),
    ]
    cells[0].metadata = cells[2].metadata = tagged
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "tiny.ipynb")
    monkeypatch.setattr(recipes, "BOOK", tmp_path)
    monkeypatch.setattr(recipes, "NETWORKS", {"tiny-3": ("tiny", "train(3)")})
    monkeypatch.setattr(pretrain, "PRETRAINED", tmp_path)
    monkeypatch.setenv(trained.FOLDER, str(tmp_path))
    assert pretrain.names_of(["tiny"]) == ["tiny-3"]
    assert pretrain.make("tiny-3") == 0
    trained.load_trained("tiny-3", torch.nn.Linear(2, 3), made_by="train(3)")
    before = recipes.fingerprint("tiny")
    assert trained.origin_of("tiny-3") == {"chapter": "tiny", "recipe": before}
    cells[2].source += "  # changed"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "tiny.ipynb")
    assert recipes.fingerprint("tiny") != before


def test_what_is_neither_a_network_nor_a_chapter_is_named():
    with pytest.raises(SystemExit, match="'gru-9' is no network, and no chapter"):
        pretrain.names_of(["gru-9"])


@pytest.mark.parametrize("name", [*COMPARED, "large"])
def test_trained_on_these_texts_in_this_way(name, texts):
    path = pretrain.PRETRAINED / f"{name}.safetensors"
    model, vocabulary = checkpoints.load_model(path)
    assert vocabulary == speeches.vocabulary()
    came_from = checkpoints.origin(path)
    assert came_from["texts"] == texts
    assert {n: came_from["settings"][n] for n in pretrain.SETTINGS} == pretrain.SETTINGS
    held_out = [loss for _, loss in came_from["losses"]]
    assert len(held_out) == 3
    assert held_out[-1] == min(held_out)  # so that nothing was chosen on the held-out text
    if name != "large":
        cell, seed = name.split("-")
        assert (model.cell, model.hidden_size) == (cell, pretrain.HIDDEN_SIZES[cell])
        assert came_from["settings"]["seed"] == int(seed)


def test_the_small_one_fits_into_a_page_at_each_moment():
    updates = [int(path.stem.split("-")[1]) for path in MOMENTS]
    assert updates[0] == 0
    assert tuple(updates[1:-1]) == pretrain.MOMENTS
    for path in MOMENTS:
        model, _ = checkpoints.load_model(path)
        assert (model.cell, model.hidden_size) == ("gru", pretrain.SMALL)
        packed(model)  # raises if it is not rounded


@pytest.fixture
def short_text(monkeypatch, tmp_path):
    parts = {"training": "the quick brown fox. " * 150, "held out": "the lazy dog. " * 30}
    monkeypatch.setattr(speeches, "messages", parts.get)
    monkeypatch.setattr(pretrain, "WORK", tmp_path)
    monkeypatch.setattr(pretrain, "PRETRAINED", tmp_path / "kept")
    (tmp_path / "kept").mkdir()
    return parts


def test_one_is_made_as_the_command_line_does_it_and_only_once(
    short_text, monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(pretrain, "HIDDEN_SIZES", {"rnn": 8})
    monkeypatch.setattr(pretrain, "SETTINGS", {"epochs": 2, "streams": 2, "steps": 16})
    assert pretrain.make("rnn-1") == 0
    assert "8 hidden units" in capsys.readouterr().out
    model, vocabulary = checkpoints.load_model(tmp_path / "kept" / "rnn-1.safetensors")
    assert sample(model, vocabulary, "the ", 9).startswith("the ")
    came_from = checkpoints.origin(tmp_path / "kept" / "rnn-1.safetensors")
    parts = [vocabulary.encode(part) for part in short_text.values()]
    assert came_from["texts"] == fingerprint(*parts)
    assert pretrain.make("rnn-1") == 0
    assert "Going on after update" in capsys.readouterr().out
    monkeypatch.setattr(pretrain, "SETTINGS", {"epochs": 3, "streams": 2, "steps": 16})
    assert pretrain.make("rnn-1") == 0  # another run, even if it only is a longer one
    assert "Going on" not in capsys.readouterr().out
    came_from = checkpoints.origin(tmp_path / "kept" / "rnn-1.safetensors")
    assert came_from["settings"]["epochs"] == 3
    (tmp_path / "rnn-1.safetensors").write_bytes(b"damaged")
    assert pretrain.make("rnn-1") == 0


def test_the_small_one_is_kept_at_its_moments(short_text, monkeypatch, tmp_path):
    monkeypatch.setattr(pretrain, "SMALL", 6)
    monkeypatch.setattr(pretrain, "MOMENTS", (1, 3))
    assert pretrain.make("small") == 0
    kept = sorted((tmp_path / "kept").iterdir())
    updates = [int(path.stem.split("-")[1]) for path in kept]
    assert updates[:3] == [0, 1, 3]
    assert len(updates) == 4
    assert updates[-1] > 3  # the end
    first, last = (checkpoints.load_model(path)[0].head.weight for path in (kept[0], kept[-1]))
    assert not torch.equal(first, last)
