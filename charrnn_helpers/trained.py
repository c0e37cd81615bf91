"""Networks of any wiring that were trained beforehand: their weights, and which code trained them.

A chapter shows how its networks are trained and trains one for a short while; the long runs, over
several seeds, are loaded. So that what is loaded is what the page describes, a file says by which
call of the chapter's own code it was made, and is refused where another one is expected.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

from charrnn_helpers.longtext import checkpoints

FOLDER = "BOOK_PRETRAINED"  # names another folder than the book's, for networks trained anew

Network = TypeVar("Network", bound=nn.Module)


def path_of(name: str) -> Path:
    """Return where a network of this name lies: in `pretrained`, beside the notebooks."""
    return Path(os.environ.get(FOLDER, "pretrained"), f"{name}.safetensors")


def save_trained(path: str | Path, model: nn.Module, made_by: str, **origin: Any) -> None:
    """Write a trained network's weights, in 32 bits, and where they come from.

    Args:
        path: Where to; its folder must exist.
        model: Any module.
        made_by: The call that has trained it, as Python text.
        origin: What else is to be known of its making; what JSON can hold.

    Raises:
        OSError: As `checkpoints.write` does.
    """
    weights = {name: weight.float() for name, weight in model.state_dict().items()}
    facts = {"network": repr(model), "made_by": made_by, "origin": origin}
    checkpoints.write(path, weights, facts)


def load_trained(name: str, model: Network, made_by: str) -> Network:
    """Give a network the weights that were trained beforehand, in its own precision.

    Args:
        name: Of the file in `pretrained`, without its ending.
        model: A network of the same layers; its weights are replaced.
        made_by: The call that must have trained it.

    Returns:
        The same model, ready to be used (`eval`).

    Raises:
        CheckpointError: If there is no such file, if it was made by another call, if its network
            has other layers, or if a weight is not finite. The model then stays as it was.
    """
    path = path_of(name)
    weights, facts = checkpoints.read(path)
    for fact, wanted in [("made_by", made_by), ("network", repr(model))]:
        if facts.get(fact) != wanted:
            raise checkpoints.CheckpointError(
                f"{path} was not made for this: its {fact} is {facts.get(fact)!r}, not {wanted!r}; "
                "train it anew with `make pretrained`"
            )
    if not all(torch.isfinite(weight).all() for weight in weights.values()):
        raise checkpoints.CheckpointError(f"{path} holds weights that are not finite")
    wanted = {name: weight.shape for name, weight in model.state_dict().items()}
    if {name: weight.shape for name, weight in weights.items()} != wanted:
        raise checkpoints.CheckpointError(f"{path} does not hold the weights of {wanted}")
    model.load_state_dict(weights)
    return model.eval()


def origin_of(name: str) -> dict[str, Any]:
    """Return what `save_trained` was told of a network's making.

    Raises:
        CheckpointError: If there is no such file.
    """
    return checkpoints.read(path_of(name))[1].get("origin", {})
