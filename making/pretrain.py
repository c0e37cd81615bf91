"""Train the networks that chapters load, into book/pretrained.

Run by `make pretrained`, for all of them or for those named after it, networks or
chapters: `python making/pretrain.py gru-0 lstm-2 captions`. All together they take
about an hour of one core, nearly all of it for those on real text. `--into FOLDER`
keeps them elsewhere.

Those on real text are trained as the command line does it, which a reader would use on
a text of their own; such a run, when interrupted, goes on where it was. Those of the other
chapters are trained by the cells of the chapter itself (`recipes.py`). On the same
processor they come out the same to the bit, on another one about as good; the
chapters measure how good.
"""

import argparse
import sys
from itertools import product
from pathlib import Path

import recipes
import torch

from charrnn_helpers import trained
from charrnn_helpers.longtext import checkpoints
from charrnn_helpers.longtext.run import train_text
from charrnn_helpers.longtext.settings import Settings
from charrnn_helpers.longtext.training import StreamTraining, new_model, settings_in
from charrnn_helpers.tasks import speeches
from charrnn_helpers.widgets.packed import round_weights

PRETRAINED = Path(__file__).parent.parent / "book" / "pretrained"
WORK = Path(__file__).parent.parent / ".pretraining"  # runs to go on with

HIDDEN_SIZES = {"rnn": 343, "gru": 192, "lstm": 166}  # 174,000 to 179,000 weights
SEEDS = range(3)
LARGE = 384  # hidden units of a GRU that is to be as good as patience allows
SETTINGS = {"epochs": 3, "streams": 32, "steps": 64, "lr": 0.006}

SMALL = 48  # hidden units of the network that is watched while it learns
MOMENTS = (100, 300, 1000, 3000)  # after so many updates it is kept


def train(name: str, cell: str, hidden_size: int, seed: int) -> int:
    """Train a network as the command line would, and keep it; return the exit code."""
    parts = [speeches.messages(split) for split in ("training", "held out")]
    text = WORK / "speeches.txt"
    text.write_text("".join(parts), encoding="utf-8")
    run = WORK / f"{name}.safetensors"
    settings = SETTINGS | {"seed": seed, "held_out": len(parts[1]) / sum(map(len, parts))}
    outcome = train_text(
        text,
        run,
        cell=cell,
        hidden_size=hidden_size,
        resume=is_run_of(run, cell, hidden_size, Settings(**settings)),
        overwrite=True,
        device="cpu",
        **settings,
    )
    if outcome.interrupted or outcome.checkpoint != run:
        return 1
    checkpoints.keep_network(run, PRETRAINED / run.name)
    return 0


def is_run_of(run: Path, cell: str, hidden_size: int, settings: Settings) -> bool:
    """Tell whether a file holds a run of this very network, to go on with."""
    try:
        _, facts = checkpoints.read(run)
        there = facts["cell"], facts["hidden_size"], settings_in(facts)
    except (checkpoints.CheckpointError, KeyError, TypeError, ValueError):
        return False
    return there == (cell, hidden_size, settings)


def train_small() -> int:
    """Train a small network, and keep it at some moments, a byte a weight."""
    vocabulary = speeches.vocabulary()
    splits = "training", "held out"
    parts = [vocabulary.encode(speeches.messages(split)) for split in splits]
    settings = Settings(epochs=4, streams=32, steps=64, lr=0.01)
    model = new_model(vocabulary, SMALL, "gru", settings.seed)
    training = StreamTraining(model, vocabulary, *parts, settings)

    def keep():
        kept, _ = checkpoints.model_from(*training.snapshot())
        name = f"small-{training.progress.step:05}.safetensors"
        checkpoints.save_model(PRETRAINED / name, round_weights(kept), vocabulary)

    keep()
    for loss in training:
        if training.progress.step in MOMENTS:
            print(f"update {training.progress.step}: loss {loss:.3f}", flush=True)
            keep()
    keep()
    return 0


def train_of_chapter(name: str) -> int:
    """Train a network by the cells of its chapter, and keep it."""
    chapter, call = recipes.NETWORKS[name]
    model = recipes.make(chapter, call)
    path = PRETRAINED / f"{name}.safetensors"
    recipe = recipes.fingerprint(chapter)
    trained.save_trained(path, model, call, chapter=chapter, recipe=recipe)
    return 0


def make(name: str) -> int:
    """Train what has this name; return the exit code."""
    if name in recipes.NETWORKS:
        return train_of_chapter(name)
    if name == "small":
        return train_small()
    if name == "large":
        return train(name, "gru", LARGE, seed=0)
    cell, seed = name.split("-")
    return train(name, cell, HIDDEN_SIZES[cell], int(seed))


def names_of(wanted: list[str]) -> list[str]:
    """Return the networks that are meant; a chapter means all of its own."""
    compared = [f"{cell}-{seed}" for seed, cell in product(SEEDS, HIDDEN_SIZES)]
    on_text = [*compared, "small", "large"]
    names: list[str] = []
    for word in wanted or [*recipes.NETWORKS, *on_text]:
        found = [name for name, (chapter, _) in recipes.NETWORKS.items() if chapter == word]
        if not found and word not in recipes.NETWORKS and word not in on_text:
            chapters = sorted({chapter for chapter, _ in recipes.NETWORKS.values()})
            sys.exit(f"{word!r} is no network, and no chapter ({', '.join(chapters)})")
        names += found or [word]
    return names


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train the networks that chapters load.")
    parser.add_argument("names", nargs="*", help="networks or chapters; none: all")
    parser.add_argument("--into", type=Path, default=PRETRAINED, help="the folder to keep them in")
    options = parser.parse_args()
    PRETRAINED = options.into.resolve()
    torch.set_num_threads(1)  # else the last bits depend on the number of cores
    for folder in (PRETRAINED, WORK):
        folder.mkdir(parents=True, exist_ok=True)
    for name in names_of(options.names):
        print(name, flush=True)
        if code := make(name):
            sys.exit(code)
