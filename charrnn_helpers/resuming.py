"""What a run of training needs to go on as if nothing had happened: to a checkpoint, and back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from charrnn_helpers import checkpoints, processes
from charrnn_helpers.checks import check_whole
from charrnn_helpers.models import State

if TYPE_CHECKING:
    from charrnn_helpers.stream_training import StreamTraining


@dataclass
class Progress:
    """How far a run has come; a checkpoint holds it as it is.

    Attributes:
        epoch: Epochs that are finished.
        chunk: Chunks of the current epoch that are finished.
        step: Updates since the beginning.
        total: Sum of the losses of the current epoch so far, each times its number of time steps.
        count: How many time steps these were.
        losses: Of each finished epoch, in nats a character: `(training, held out)`.
    """

    epoch: int = 0
    chunk: int = 0
    step: int = 0
    total: float = 0.0
    count: int = 0
    losses: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self):
        for name in ("epoch", "chunk", "step", "count"):
            check_whole(name, getattr(self, name), most=2**63 - 1)
        self.total = float(self.total)
        self.losses = [(float(training), float(held_out)) for training, held_out in self.losses]
        if len(self.losses) != self.epoch:
            raise ValueError(f"there are losses of {len(self.losses)} epochs, not of {self.epoch}")


def snapshot(run: StreamTraining) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Return tensors and facts for a checkpoint, see `StreamTraining.snapshot`."""
    tensors = {f"model.{n}": w for n, w in run.model.state_dict().items()}
    tensors |= {f"best.{n}": w for n, w in run.best.items()}
    names = [name for name, _ in run.model.named_parameters()]
    for name, moments in zip(names, run.optimizer.state.values(), strict=False):
        tensors |= {f"optimizer.{kind}.{name}": value for kind, value in moments.items()}
    for i, part in enumerate(_parts(run.state)):
        tensors[f"state.{i}"] = processes.gathered(part)
    tensors["generator"] = run.generator.get_state()
    return tensors, checkpoints.facts_of(run.model, run.vocabulary) | {
        "settings": asdict(run.settings),
        "progress": asdict(run.progress),
        "offset": run.offset,
        "texts": run.texts,
    }


def load(run: StreamTraining, path: str | Path) -> None:
    """Take a run up again, see `StreamTraining.load`."""
    tensors, facts = checkpoints.read(path)
    _, vocabulary = checkpoints.model_from(tensors, facts)
    if facts.get("texts") != run.texts or vocabulary != run.vocabulary:
        raise checkpoints.CheckpointError(f"{path} was trained on another text")
    if facts.get("settings") != asdict(run.settings):
        there = facts.get("settings")
        raise checkpoints.CheckpointError(f"{path} was trained with other settings: {there}")
    try:
        _take_up(run, tensors, facts)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise checkpoints.CheckpointError(f"{path} does not fit together: {error}") from None


def _take_up(run: StreamTraining, tensors: dict[str, torch.Tensor], facts: dict[str, Any]) -> None:
    """Check all, then take all over: what raises leaves the run as it was."""
    progress = Progress(**{f.name: facts["progress"][f.name] for f in fields(Progress)})
    offset = facts["offset"]
    check_whole("offset", offset, most=run.offsets() - 1)
    weights = run.model.state_dict()
    own = {n: _fitting(tensors, f"model.{n}", weight) for n, weight in weights.items()}
    best = {
        n: _fitting(tensors, f"best.{n}", weight)
        for n, weight in weights.items()
        if progress.losses
    }
    moments = {
        i: _moments(tensors, name, weight)
        for i, (name, weight) in enumerate(run.model.named_parameters())
        if progress.step
    }
    all_rows = _parts(run.model.init_state(run.settings.streams))
    state = [_fitting(tensors, f"state.{i}", part) for i, part in enumerate(all_rows)]
    dice = _fitting(tensors, "generator", run.generator.get_state())
    run.generator.set_state(dice)  # raises for numbers that no generator has
    run.model.load_state_dict(own)
    groups = run.optimizer.state_dict()["param_groups"]
    run.optimizer.load_state_dict({"state": moments, "param_groups": groups})
    run.best, run.progress, run.offset = best, progress, offset
    device = run.model.head.weight.device
    state = [part[:, run.rows].to(device) for part in state]
    run.state = tuple(state) if run.model.cell == "lstm" else state[0]


def _parts(state: State) -> tuple[torch.Tensor, ...]:
    """Return the hidden state, and of an LSTM the cell state too."""
    return state if isinstance(state, tuple) else (state,)


def _fitting(tensors: dict[str, torch.Tensor], name: str, own: torch.Tensor) -> torch.Tensor:
    """Return the tensor of this name, if it has the shape and type of the run's own."""
    found = tensors[name]
    if (found.shape, found.dtype) != (own.shape, own.dtype):
        what = [f"{t.dtype} {tuple(t.shape)}" for t in (own, found)]
        raise ValueError(f"{name} must be {what[0]}, not {what[1]}")
    return found


def _moments(
    tensors: dict[str, torch.Tensor], name: str, weight: torch.Tensor
) -> dict[str, torch.Tensor]:
    """Return what Adam remembers of a weight."""
    like = {"step": torch.zeros((), dtype=torch.float32), "exp_avg": weight, "exp_avg_sq": weight}
    return {kind: _fitting(tensors, f"optimizer.{kind}.{name}", t) for kind, t in like.items()}
