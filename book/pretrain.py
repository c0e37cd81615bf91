"""Train the networks that the chapters on real text load, and write them to book/pretrained.

Run by `make pretrained`, for all of them or for those named after it:
`python book/pretrain.py gru-0 lstm-2`. All together they take about an hour of one core. A run that
was interrupted goes on where it was.

They are trained by the command line that a reader would use on a text of their own. On the same
processor they come out the same to the bit, on another one as good; the chapters measure how good.
"""

import sys
from itertools import product
from pathlib import Path

import torch

from charrnn_helpers import checkpoints
from charrnn_helpers.command_line import main
from charrnn_helpers.settings import Settings
from charrnn_helpers.stream_training import StreamTraining, new_model
from charrnn_helpers.tasks import speeches
from charrnn_helpers.widgets.packed import round_weights

ROOT = Path(__file__).parent.parent
PRETRAINED = ROOT / "book" / "pretrained"
WORK = ROOT / "_build" / "pretraining"  # runs that can be gone on with

HIDDEN_SIZES = {"rnn": 343, "gru": 192, "lstm": 166}  # about 173,000 weights each
SEEDS = range(3)
SETTINGS = ["--epochs", "3", "--streams", "32", "--steps", "64", "--lr", "0.006"]

SMALL = 48  # hidden units of the network that is watched while it learns
MOMENTS = (
    0,
    30,
    100,
    300,
    1000,
    3000,
)  # updates after which it is kept; and after the last one


def train(cell: str, seed: int) -> int:
    """Train a network by the command line, and keep its best weights; return the exit code."""
    parts = [speeches.messages(split) for split in ("training", "held out")]
    text = WORK / "speeches.txt"
    text.write_text("".join(parts), encoding="utf-8")
    run = WORK / f"{cell}-{seed}.safetensors"
    shape = ["--cell", cell, "--hidden-size", HIDDEN_SIZES[cell], "--seed", seed]
    held_out = ["--held-out", len(parts[1]) / sum(map(len, parts))]
    files = [text, "--output", run, *(["--resume"] if run.exists() else [])]
    code = main(
        list(
            map(
                str,
                ["train", *files, *shape, *held_out, *SETTINGS, "--device", "cpu"],
            )
        )
    )
    if code == 0:
        checkpoints.keep_network(run, PRETRAINED / run.name)
    return code


def train_small() -> int:
    """Train a small network, and keep it as it was at some moments, a byte a weight."""
    vocabulary = speeches.vocabulary()
    parts = [
        vocabulary.encode(speeches.messages(split))
        for split in ("training", "held out")
    ]
    settings = Settings(epochs=4, streams=48, steps=100, lr=0.01)
    model = new_model(vocabulary, SMALL, "gru", settings.seed)
    training = StreamTraining(model, vocabulary, *parts, settings)

    def keep():
        tensors, facts = training.snapshot()
        kept, _ = checkpoints.model_from(tensors, facts)
        name = f"small-{training.progress.step:05}.safetensors"
        checkpoints.save_model(PRETRAINED / name, round_weights(kept), vocabulary)

    keep()
    for loss in training:
        if training.progress.step in MOMENTS:
            print(f"update {training.progress.step}: loss {loss:.3f}", flush=True)
            keep()
    keep()
    return 0


if __name__ == "__main__":
    torch.set_num_threads(
        1
    )  # else the last bits would depend on the number of cores
    for folder in (PRETRAINED, WORK):
        folder.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or [
        *(f"{c}-{s}" for s, c in product(SEEDS, HIDDEN_SIZES)),
        "small",
    ]:
        print(name, flush=True)
        if code := train_small() if name == "small" else train(*name.split("-")):
            sys.exit(code)
