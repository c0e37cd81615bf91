"""One file that holds a network, its vocabulary, and all that its training needs to go on.

The file is in the safetensors format: tensors, and text beside them. Nothing in it is ever run, as
a pickle could be. It is written whole or not at all: first under another name, then renamed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as from_bytes
from safetensors.torch import save as to_bytes

from charrnn_helpers.longtext.whole_files import write_whole
from charrnn_helpers.models import CharRNN
from charrnn_helpers.vocabulary import Vocabulary

FORMAT = "charrnn-helpers checkpoint "
VERSION = 1  # of the format, which stands behind that name
TYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)  # that weights may have


class CheckpointError(ValueError):
    """A file is no checkpoint that can be used; the message says why."""


def write(path: str | Path, tensors: dict[str, torch.Tensor], facts: dict[str, Any]) -> None:
    """Write a checkpoint so that at any moment the old file or the new one is there, whole.

    Args:
        path: Where to; its folder must exist. Where a symbolic link leads is written to.
        tensors: By name.
        facts: What JSON can hold.

    Raises:
        OSError: If the folder cannot be written to, or the disk is full. The old file stays.
        ValueError: If there is something else than a file: a folder, a device or a pipe.
    """
    content = to_bytes(
        {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()},
        metadata={"format": f"{FORMAT}{VERSION}", "facts": json.dumps(facts)},
    )
    write_whole(path, content)


def read(path: str | Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Return what `write` was given. Nothing that becomes of the file later changes the tensors.

    Raises:
        CheckpointError: If it is missing, truncated, or no checkpoint of this package.
    """
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"there is no checkpoint {path}")
    content = path.read_bytes()  # all at once: a run that goes on may replace the file meanwhile
    try:
        tensors = from_bytes(content)  # which also proves that the header is whole
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        metadata = header.get("__metadata__") or {}
        _check_format(path, metadata.get("format", ""))
        facts = json.loads(metadata["facts"])
    except (SafetensorError, KeyError, json.JSONDecodeError, RecursionError) as error:
        raise CheckpointError(f"{path} is damaged, or no checkpoint: {error}") from None
    if not isinstance(facts, dict):
        raise CheckpointError(f"{path} is damaged: what it says of itself makes no sense")
    return tensors, facts


def _check_format(path: Path, found: str) -> None:
    version = found.removeprefix(FORMAT)
    if not found.startswith(FORMAT) or not version.isdecimal():
        raise CheckpointError(f"{path} is no checkpoint of a character model")
    if int(version) > VERSION:
        raise CheckpointError(
            f"{path} is of format {version}, and this version of the package reads {VERSION}: "
            "install a newer one"
        )


def facts_of(model: CharRNN, vocabulary: Vocabulary) -> dict[str, Any]:
    """Return what, beside its weights, makes up a network."""
    return {
        "vocabulary": vocabulary.characters,
        "hidden_size": model.hidden_size,
        "cell": model.cell,
        "layers": model.layers,
        "dropout": model.dropout,
    }


def model_from(
    tensors: dict[str, torch.Tensor], facts: dict[str, Any], prefix: str = "model."
) -> tuple[CharRNN, Vocabulary]:
    """Rebuild a network from its weights, whose names begin with `prefix`, and its facts.

    Memory is taken for the weights that are there, and not for those that the facts speak of: a
    made-up file cannot ask for more than its own size.

    Raises:
        CheckpointError: If facts or weights are missing, do not fit, or are not finite.
    """
    weights = {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
    try:
        vocabulary = Vocabulary(facts["vocabulary"])
        with torch.device("meta"):  # shapes without memory
            model = CharRNN(
                len(vocabulary),
                facts["hidden_size"],
                facts["cell"],
                "auto",
                facts.get("layers", 1),  # files of an older version lack both
                facts.get("dropout", 0.0),
            )
        model.load_state_dict(weights, assign=True)
        model.requires_grad_()
        types = {weight.dtype for weight in weights.values()}
        if len(types) > 1:
            raise ValueError("its weights are of different types")
        if not types <= set(TYPES):
            raise ValueError(f"its weights are {types.pop()}, which no network computes with")
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(f"the checkpoint does not fit together: {error}") from None
    if not all(weight.isfinite().all() for weight in weights.values()):
        raise CheckpointError("the checkpoint holds weights that are not finite")
    return model, vocabulary


def save_model(path: str | Path, model: CharRNN, vocabulary: Vocabulary) -> None:
    """Write a network and its vocabulary; `load_model` reads them, and `write` says what fails."""
    tensors = {f"model.{name}": weight for name, weight in model.state_dict().items()}
    write(path, tensors, facts_of(model, vocabulary))


def load_model(path: str | Path) -> tuple[CharRNN, Vocabulary]:
    """Read a network and its vocabulary; of a training run, the best weights it has found.

    Raises:
        CheckpointError: As `read` and `model_from` do.
    """
    tensors, facts = read(path)
    has_best = any(name.startswith("best.") for name in tensors)
    model, vocabulary = model_from(tensors, facts, "best." if has_best else "model.")
    return model.eval(), vocabulary


def keep_network(run: str | Path, path: str | Path) -> None:
    """Write a run's best network alone, to be handed on: without what its training needs to go on.

    Where it comes from stays beside it, as `origin` tells.

    Args:
        run: A checkpoint of a run of training.
        path: Where to.

    Raises:
        CheckpointError: If `run` is no checkpoint of a run.
        OSError: As `write` does.
    """
    _, facts = read(run)
    if "settings" not in facts:
        raise CheckpointError(f"{run} holds a network, but no run of training")
    model, vocabulary = load_model(run)
    tensors = {f"model.{name}": weight for name, weight in model.state_dict().items()}
    try:
        came_from = {name: facts[name] for name in ("settings", "texts")}
        came_from["losses"] = facts["progress"]["losses"]
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{run} does not fit together: it lacks {error}") from None
    write(path, tensors, facts_of(model, vocabulary) | {"origin": came_from})


def origin(path: str | Path) -> dict[str, Any]:
    """Return how a network that `keep_network` has written was trained.

    Returns:
        `settings` of the run; `texts`, the `fingerprint` of what was trained on and held out; and
        `losses`, `(training, held out)` of each epoch in nats a character.

    Raises:
        CheckpointError: If the file cannot be used, or does not tell.
    """
    _, facts = read(path)
    if "origin" not in facts:
        raise CheckpointError(f"{path} does not tell how its network was trained")
    return facts["origin"]
