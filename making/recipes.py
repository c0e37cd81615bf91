"""A chapter's cells that train its networks, run without the rest of the chapter.

A chapter marks the cells that a training needs with the tag `recipe`: imports,
data, the network, its loss, the function that trains. Run from top to bottom, they
are the program that has made the chapter's networks in `pretrained`; so what a page
shows is what was run.
"""

import contextlib
import functools
import hashlib
from pathlib import Path

import nbformat
import torch
from torch import nn

BOOK = Path(__file__).parent.parent / "book"
TAG = "recipe"

# By the name of a network: the chapter whose recipe makes it, and by which call.
NETWORKS: dict[str, tuple[str, str]] = {
    # training_loop
    **{f"windows-{k}": ("training_loop", f"train_seeds_on_windows({k})[0]") for k in (8, 16, 24)},
    "windows-every-step-8": ("training_loop", "train_seeds_on_windows(8, every_step)[0]"),
    # truncated_bptt
    **{f"streams-{k}": ("truncated_bptt", f"train_on_stream({k})") for k in (8, 16)},
    # vanishing_gradients
    **{f"signs-{d}": ("vanishing_gradients", f"train_signs({d})") for d in (2, 8, 24)},
    # gates_in_practice
    **{
        f"recall-{cell}-{d}{name}": ("gates_in_practice", f"train_recall({cell!r}, {added!r}, {d})")
        for cell, name, added in [
            ("rnn", "", {}),
            ("rnn", "-orthogonal", "orthogonal"),
            ("rnn", "-orthogonal-0", "orthogonal, biases 0"),
            ("rnn", "-orthogonal-0-weak", "orthogonal, biases 0, weak"),
            ("relu", "-identity-0-weak", "identity, biases 0, weak"),
            ("gru", "", {}),
            ("gru", "-z+3", {"z": 3}),
            ("lstm", "", {}),
            ("lstm", "-i+3o+3", {"i": 3, "o": 3}),
            ("lstm", "-i+3", {"i": 3}),
            ("lstm", "-o+3", {"o": 3}),
            ("lstm", "-f+1", {"f": 1}),
            ("lstm", "-f+3", {"f": 3}),
            ("lstm", "-i-3", {"i": -3}),
            ("lstm", "-f+3i-3", {"f": 3, "i": -3}),
        ]
        for d in (8, 24)
        if (cell, added, d) != ("lstm", {}, 8)  # this one is trained in the chapter
    },
    "recall-lstm-24-longer": ("gates_in_practice", "train_recall('lstm', {}, 24, steps=1500)"),
    "recall-relu-24-slow": (
        "gates_in_practice",
        "train_recall('relu', 'identity, biases 0, weak', 24, lr=0.002)",
    ),
    **{
        f"recall-two-{name}": (
            "gates_in_practice",
            f"train_recall({cell!r}, {added!r}, 24, steps=450, draw=draw_two)",
        )
        for name, cell, added in [
            ("rnn", "rnn", "orthogonal, biases 0"),
            ("gru", "gru", {"z": 3}),
            ("lstm", "lstm", {}),
            ("lstm-f+3i-3", "lstm", {"f": 3, "i": -3}),
        ]
    },
    # captions
    **{f"captions-{seed}": ("captions", f"train({seed})") for seed in range(3)},
    "captions-forgetful": (
        "captions",
        "fitted(make_captioner(Forgetful), examples, epochs=2)",
    ),
    "captions-unread": ("captions", "train(0, epochs=2, numbers=rest)"),
    "captions-endless": (
        "captions",
        "fitted(make_captioner(), without_stop, epochs=2)",
    ),
    "captions-shuffled": (
        "captions",
        "fitted(make_captioner(), shuffled, epochs=2)",
    ),
    # translation
    **{f"translation-{seed}": ("translation", f"train({seed})") for seed in range(3)},
    "translation-whole": ("translation", "train_small(targets, loss_of)"),
    "translation-endless": ("translation", "train_small(without_stop, loss_of)"),
    "translation-without-lengths": (
        "translation",
        "train_small(targets, loss_without_lengths)",
    ),
    # shapes
    **{
        f"shapes-{name}": ("shapes", f"train_{name}()")
        for name in ["captioner", "critic", "translator", "spotter", "watcher"]
    },
}

# Clips, frames, sentiment
NETWORKS |= {
    f"clips-{cell}-{seed}": (
        "clips",
        f"train(lambda: classifier({cell!r}), {seed})",
    )
    for cell in ("gru", "rnn")
    for seed in range(3)
}
NETWORKS["clips-rnn-patient"] = (
    "clips",
    "train(lambda: classifier('rnn'), 0, epochs=40)",
)
NETWORKS |= {f"frames-gru-{seed}": ("frames", f"train({seed})") for seed in range(3)}
NETWORKS["frames-rnn-0"] = ("frames", "train(0, cell='rnn')")
NETWORKS |= {
    f"sentiment-{cell}-{seed}": (
        "sentiment",
        f"train_critic({seed}, {cell!r}, epochs={epochs})",
    )
    for cell, epochs in (("gru", 10), ("rnn", 20))
    for seed in range(3)
}
NETWORKS |= {
    f"sentiment-asked-{seed}": ("sentiment", f"ask_at_every_word({seed})") for seed in range(3)
}
NETWORKS |= {
    f"sentiment-naive-{cell}": (
        "sentiment",
        f"train_without_lengths({cell!r}, epochs={epochs})",
    )
    for cell, epochs in (("gru", 10), ("rnn", 20))
}
NETWORKS |= {
    f"sentiment-small-{size}-{seed}": (
        "sentiment",
        f"train_critic({seed}, hidden_size={size})",
    )
    for size in (4, 16)
    for seed in range(2)
}


def source_of(chapter: str) -> str:
    """Return the recipe of a chapter: the source of its tagged cells."""
    notebook = nbformat.read(BOOK / f"{chapter}.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if TAG in cell.metadata.get("tags", [])]
    return "\n\n".join(cell.source for cell in cells)


def fingerprint(chapter: str) -> str:
    """Return what changes with every change of a chapter's recipe."""
    return hashlib.sha256(source_of(chapter).encode()).hexdigest()[:16]


@functools.cache
def run(chapter: str) -> dict:
    """Run a chapter's recipe in its folder; return the names that it defines."""
    namespace: dict = {"__name__": "__main__"}
    code = compile(source_of(chapter), f"the recipe of {chapter}", "exec")
    with contextlib.chdir(BOOK):
        exec(code, namespace)
    return namespace


def make(chapter: str, call: str) -> nn.Module:
    """Train a network as its chapter does; return it."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)  # as each such chapter does first
    try:
        with contextlib.chdir(BOOK):
            return eval(call, run(chapter))
    finally:
        torch.set_default_dtype(before)
