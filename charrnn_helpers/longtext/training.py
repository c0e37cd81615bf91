"""Train a character model on a long text; stop it, kill it, and take it up again."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from charrnn_helpers.checks import check_whole
from charrnn_helpers.longtext import checkpoints, processes
from charrnn_helpers.longtext.settings import Settings
from charrnn_helpers.longtext.streams import chunks, evaluate, parallel_streams
from charrnn_helpers.models import CharRNN
from charrnn_helpers.training import check_finite, sequence_loss, training_mode, update
from charrnn_helpers.vocabulary import BLOCK, Vocabulary

MAY_GROW = ("epochs", "patience")  # settings of which a run that goes on may have more


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


class StreamTraining:
    """A run of training; iterate over it to let it go on.

    Each epoch reads the text once, in B parallel streams, from a random offset of less than a
    chunk. The state is carried from chunk to chunk and detached in between (truncated BPTT).

    Attributes:
        model: Trained in place.
        progress: How far it has come.
        best: The weights with the lowest held-out loss so far; none before the first epoch.
    """

    def __init__(
        self,
        model: CharRNN,
        vocabulary: Vocabulary,
        training: torch.Tensor,
        held_out: torch.Tensor,
        settings: Settings,
    ):
        """Set up a run, from its beginning.

        Args:
            model: V characters.
            vocabulary: V characters.
            training: Integers `(N,)`.
            held_out: Integers `(M,)`, never trained on.
            settings: How to train.

        Raises:
            ValueError: If a text is too short.
        """
        self.model, self.vocabulary, self.settings = model, vocabulary, settings
        self.training, self.held_out = training, held_out
        self.texts = fingerprint(training, held_out)
        self.progress = Progress()
        self.best: dict[str, torch.Tensor] = {}
        self.generator = torch.Generator().manual_seed(settings.seed)
        self.optimizer = optimizer_of(model, settings)
        self.runner = processes.together(model)
        self.rows = processes.own_rows(settings.streams)
        self.streams = parallel_streams(training, settings.streams)  # (B, L)
        self.length = len(range(0, self.streams.shape[1] - 1, settings.steps))  # chunks at most
        self._begin_epoch()

    def __iter__(self) -> Iterator[float]:
        """Yield the loss of each chunk, in nats a character, once its update has been made."""
        while not self.finished:
            for inputs, targets in self._chunks_ahead():
                with training_mode(self.model), self._dice():
                    loss = self._update(inputs, targets)
                yield loss
            self._end_epoch()

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or the held-out loss has stopped falling."""
        losses = [held_out for _, held_out in self.progress.losses]
        since_best = len(losses) - 1 - losses.index(min(losses)) if losses else 0
        return len(losses) >= self.settings.epochs or since_best >= self.settings.patience

    def use_best(self) -> None:
        """Give the model the best weights found, if an epoch has been finished."""
        if self.best:
            self.model.load_state_dict(self.best)
        self.model.eval()

    def snapshot(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        """Return all that `load` needs to go on as if nothing had happened, for a checkpoint.

        Of several processes all must ask for it, as each has a part of the states.
        """
        tensors = {f"model.{n}": w for n, w in self.model.state_dict().items()}
        tensors |= {f"best.{n}": w for n, w in self.best.items()}
        for name, weight in self.model.named_parameters():
            moments = self.optimizer.state.get(weight, {})
            tensors |= {f"optimizer.{kind}.{name}": value for kind, value in moments.items()}
        for i, part in enumerate(self.state):
            tensors[f"state.{i}"] = processes.gathered(part)
        tensors["generator"] = self.generator.get_state()
        return tensors, checkpoints.facts_of(self.model, self.vocabulary) | {
            "settings": asdict(self.settings),
            "progress": asdict(self.progress),
            "offset": self.offset,
            "texts": self.texts,
        }

    def load(self, path: str | Path) -> None:
        """Take a run up again from where a checkpoint, written from a `snapshot`, left it.

        Raises:
            CheckpointError: If there is no usable checkpoint, or if it belongs to another text or
                other settings; the run is then as it was. It may have more epochs or patience than
                the checkpoint's; its learning rate is then that of so many epochs from here on.
        """
        tensors, facts = checkpoints.read(path)
        network, vocabulary = checkpoints.model_from(tensors, facts)
        if facts.get("texts") != self.texts or vocabulary != self.vocabulary:
            raise checkpoints.CheckpointError(f"{path} was trained on another text")
        try:
            there = settings_in(facts)
            if self._differ(there):
                raise checkpoints.CheckpointError(
                    f"{path} was trained with other settings: {asdict(there)}"
                )
            if network.dropout != self.model.dropout:  # no weight has another shape for it
                raise ValueError(f"its dropout is {network.dropout}, not {self.model.dropout}")
            self._take_up(tensors, facts)
        except checkpoints.CheckpointError:
            raise
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise checkpoints.CheckpointError(f"{path} does not fit together: {error}") from None

    def _differ(self, there: Settings) -> bool:
        """Tell whether settings are others than the run's, which may have more of what can grow."""
        own = {name: getattr(self.settings, name) for name in MAY_GROW}
        less = any(value < getattr(there, name) for name, value in own.items())
        return less or replace(there, **own) != self.settings

    def _take_up(self, tensors: dict[str, torch.Tensor], facts: dict[str, Any]) -> None:
        """Check all, then take all over: what raises leaves the run as it was."""
        progress = Progress(**{f.name: facts["progress"][f.name] for f in fields(Progress)})
        offset = facts["offset"]
        check_whole("offset", offset, most=self.offsets() - 1)
        check_whole("chunk", progress.chunk, most=min(self.length, progress.step))
        T = self.settings.steps
        if progress.chunk != math.ceil(progress.count / T):  # the last of an epoch may be shorter
            raise ValueError(
                f"{progress.count} time steps are not those of {progress.chunk} chunks"
            )
        weights = self.model.state_dict()
        own = {n: _fitting(tensors, f"model.{n}", weight) for n, weight in weights.items()}
        best = {
            n: _fitting(tensors, f"best.{n}", weight)
            for n, weight in weights.items()
            if progress.losses
        }
        name_of = {weight: name for name, weight in self.model.named_parameters()}
        in_order = [weight for group in self.optimizer.param_groups for weight in group["params"]]
        moments = {
            i: _moments(tensors, name_of[weight], weight)
            for i, weight in enumerate(in_order)
            if progress.step
        }
        all_rows = self.model.init_state(self.settings.streams)
        state = [_fitting(tensors, f"state.{i}", part) for i, part in enumerate(all_rows)]
        dice = _fitting(tensors, "generator", self.generator.get_state())
        self.generator.set_state(dice)  # raises for numbers that no generator has
        self.model.load_state_dict(own)
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": moments, "param_groups": groups})
        self.best, self.progress, self.offset = best, progress, offset
        device = self.model.head.weight.device
        self.state = tuple(part[:, self.rows].to(device) for part in state)

    def offsets(self) -> int:
        """Return how many characters an epoch may begin with leaving out, from 0 on."""
        return min(self.settings.steps, self.streams.shape[1] - 1)

    def _begin_epoch(self) -> None:
        self.offset = int(torch.randint(self.offsets(), (), generator=self.generator))
        self.state = self.model.init_state(len(self.streams[self.rows]))

    def _chunks_ahead(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        first = self.offset + self.progress.chunk * self.settings.steps
        yield from chunks(self.streams[self.rows], self.settings.steps, first)

    def _update(self, inputs: torch.Tensor, targets: torch.Tensor) -> float:
        progress, device = self.progress, self.model.head.weight.device
        inputs, targets = inputs.to(device), targets.to(device)
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate(progress.step)
        logits, state = self.runner(inputs, self.state)
        mean = update(
            self.model,
            self.optimizer,
            sequence_loss(logits, targets),
            self._when(),
            self.settings.lr,
            clip=self.settings.clip,
            mean=lambda loss: processes.mean(loss, device),
        )
        # The state goes on; the gradient does not (truncated BPTT).
        self.state = tuple(part.detach() for part in state)
        progress.step += 1
        progress.chunk += 1
        progress.total += mean * targets.shape[1]
        progress.count += targets.shape[1]
        return mean

    @contextmanager
    def _dice(self) -> Iterator[None]:
        """Give each update random numbers of its own for what it drops, if it drops anything.

        So a run that is taken up again draws what it would have drawn, and none has to be saved.
        """
        if not self.model.dropout:
            yield
            return
        own = [self.settings.seed, self.progress.step, self.rows.start or 0]
        (seed,) = np.random.SeedSequence(own).generate_state(1, np.uint64)
        device = self.model.head.weight.device
        # A caller's own random numbers stay as they are. Other devices are left in peace: each one
        # that is forked takes time at every update, and several at once bring a warning.
        with torch.random.fork_rng([] if device.type == "cpu" else [device]):
            torch.manual_seed(int(seed))
            yield

    def _when(self) -> str:
        return f"after update {self.progress.step:,}"

    def _end_epoch(self) -> None:
        progress = self.progress
        self.model.eval()
        B = min(self.settings.streams, len(self.held_out) // 2)
        held_out = evaluate(self.model, self.held_out, B, self.settings.steps)
        held_out = processes.mean(held_out, self.model.head.weight.device)
        check_finite("the loss of the held-out text", held_out, self._when(), self.settings.lr)
        if not progress.losses or held_out < min(loss for _, loss in progress.losses):
            self.best = {n: w.detach().clone() for n, w in self.model.state_dict().items()}
        progress.losses.append((progress.total / progress.count, held_out))
        progress.epoch += 1
        progress.chunk = progress.count = 0
        progress.total = 0.0
        self._begin_epoch()

    def learning_rate(self, step: int) -> float:
        """Return the learning rate of an update, counted from 0."""
        steps = self.settings.epochs * self.length
        rising = max(1, steps // 20)
        if step < rising:
            return self.settings.lr * (step + 1) / rising
        share = min(1.0, (step - rising) / max(1, steps - rising))
        return self.settings.lr * (0.01 + 0.99 * (1 + math.cos(math.pi * share)) / 2)


def new_model(
    vocabulary: Vocabulary,
    hidden_size: int,
    cell: str,
    seed: int,
    layers: int = 1,
    dropout: float = 0.0,
) -> CharRNN:
    """Return a network with first weights that suit a long text, and engine "auto".

    Raises:
        TypeError, ValueError: As `CharRNN` does.
    """
    with torch.random.fork_rng(devices=[]):  # a caller's own random numbers stay as they are
        torch.manual_seed(seed)
        model = CharRNN(len(vocabulary), hidden_size, cell, "auto", layers, dropout)
        # PyTorch's small first weights suit inputs of many numbers. Of a character a unit sees but
        # one weight; larger ones let it learn in fewer epochs.
        nn.init.normal_(model.recurrent.weight_ih_l0, std=0.3)
    return model


def optimizer_of(model: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """Return Adam, or where weights decay AdamW: all but the biases do."""
    if not settings.weight_decay:
        return torch.optim.Adam(model.parameters(), lr=settings.lr, fused=True)
    weights = list(model.parameters())
    groups = [
        {"params": [w for w in weights if w.dim() > 1], "weight_decay": settings.weight_decay},
        {"params": [w for w in weights if w.dim() == 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=settings.lr, fused=True)


def settings_in(facts: dict[str, Any]) -> Settings:
    """Return the settings of a checkpoint; one that it does not have yet is as if not given.

    Raises:
        KeyError, TypeError, ValueError: If there are none, or they make no sense.
    """
    found = facts["settings"]
    if not isinstance(found, dict):
        raise TypeError("its settings are none")
    if others := sorted(set(found) - {f.name for f in fields(Settings)}):
        raise ValueError(f"it has settings of a newer version: {', '.join(others)}")
    return Settings(**found)


def fingerprint(*texts: torch.Tensor) -> str:
    """Return what tells these texts from all others, whatever the type of their integers `(N,)`."""
    found = hashlib.sha256()
    for i, text in enumerate(texts):
        if i:
            found.update(b"|")
        for block in text.split(BLOCK):  # in 64 bits a whole text takes much memory
            found.update(block.long().numpy(force=True).tobytes())
    return found.hexdigest()


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
