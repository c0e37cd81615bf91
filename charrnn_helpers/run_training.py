"""A run of training as the command line does it: seen, saved, and stopped without loss."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch

from charrnn_helpers import checkpoints, processes
from charrnn_helpers.checks import check_positive
from charrnn_helpers.runs import INTERRUPTED, interruptible, progress_bar
from charrnn_helpers.settings import Settings
from charrnn_helpers.stream_training import StreamTraining, new_model
from charrnn_helpers.streams import bits, perplexity, split
from charrnn_helpers.text_files import read_text
from charrnn_helpers.training import pick_device
from charrnn_helpers.vocabulary import Vocabulary


def run(options: argparse.Namespace) -> int:
    """Train as the options of the command line ask; return the exit code.

    Raises:
        TextError, CheckpointError, ValueError, OSError: If the text, the checkpoint, an option or
            the folder cannot be used; nothing is written then.
    """
    with threads(options.threads), processes.joined() as own_gpu:
        device = own_gpu or _device(options.device)
        output = options.output or options.text.with_suffix(".safetensors")
        if output.exists() and not (options.resume or options.overwrite):
            raise ValueError(
                f"{output} exists already: --resume goes on from it, --overwrite begins anew, "
                "--output names another file"
            )
        training = _set_up(options, output, device)
        snapshot = training.snapshot()
        if processes.is_first():  # a folder that cannot be written to is better known now
            checkpoints.write(output, *snapshot)
        return _go(training, output, options.save_every)


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Let PyTorch use so many processor cores, and as many as before afterwards.

    Raises:
        ValueError: If the count is no positive integer.
    """
    check_positive("threads", count)
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _device(name: str) -> torch.device:
    if name == "auto":
        return pick_device(_say)
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"there is no device {name!r}: {str(error).splitlines()[0]}") from None
    return device


def _set_up(options: argparse.Namespace, output: Path, device: torch.device) -> StreamTraining:
    text = read_text(options.text)
    vocabulary = Vocabulary.from_texts([text])
    if options.resume:
        tensors, facts = checkpoints.read(output)
        model, _ = checkpoints.model_from(tensors, facts)
        if "settings" not in facts:
            raise checkpoints.CheckpointError(
                f"{output} holds a network, but no run of training to go on with"
            )
        settings = _settings_of(facts, output)
    else:
        settings = _settings(options, len(text))
        model = new_model(vocabulary, options.hidden_size, options.cell, settings.seed)
    parts = [vocabulary.encode(part) for part in split(text, settings.held_out)]
    training = StreamTraining(model.to(device), vocabulary, *parts, settings)
    if options.resume:
        training.load(output)
    _describe(training, options.text, len(text))
    return training


def _settings(options: argparse.Namespace, length: int) -> Settings:
    """Take the settings from the options; a short text gets fewer streams, but longer ones."""
    given = {f.name: getattr(options, f.name) for f in fields(Settings)}
    if given["streams"] is None:
        most = length // (100 * options.steps * processes.count()) if options.steps > 0 else 1
        given["streams"] = max(1, min(32 // processes.count(), most)) * processes.count()
    return Settings(**given)


def _settings_of(facts: dict[str, Any], output: Path) -> Settings:
    try:
        return Settings(**facts["settings"])
    except (TypeError, ValueError) as error:
        raise checkpoints.CheckpointError(f"{output} does not fit together: {error}") from None


def _describe(training: StreamTraining, path: Path, length: int) -> None:
    model, settings = training.model, training.settings
    weights = sum(weight.numel() for weight in model.parameters())
    others = f", {processes.count()} processes" if processes.count() > 1 else ""
    _say(
        f"{path}: {length:,} characters, {len(training.vocabulary)} different ones.\n"
        f"{model.cell.upper()} with {model.hidden_size} hidden units: {weights:,} weights, on "
        f"{model.head.weight.device}{others}; {settings.streams} streams, {settings.steps} steps."
    )
    if training.progress.step:
        _say(f"Going on after update {training.progress.step:,}.")


def _go(training: StreamTraining, output: Path, save_every: float) -> int:
    """Train to the end, or to Ctrl-C; save on the way; return the exit code."""
    total = training.length * training.settings.epochs
    began, saved, read = time.monotonic(), time.monotonic(), 0
    epochs = len(training.progress.losses)
    with interruptible() as interrupted, progress_bar(total, unit="update") as bar:
        bar.disable |= not processes.is_first()
        bar.update(training.progress.step)
        for loss in training:
            read += training.settings.streams * training.settings.steps
            speed = read / (time.monotonic() - began)
            bar.set_postfix_str(f"loss {loss:.3f}, {speed:,.0f} characters/s", refresh=False)
            bar.update()
            stop = _agreed(interrupted.is_set(), training)
            due = time.monotonic() - saved > save_every
            if stop or _agreed(due or epochs < len(training.progress.losses), training):
                epochs = _report(training, epochs, bar.write)
                _save(training, output)
                saved = time.monotonic()
            if stop:
                break
    _report(training, epochs, _say)
    where = _save(training, output, elsewhere=True)
    if not training.finished:
        _say(f"\nStopped after update {training.progress.step:,}; {where} holds it all.")
        _say("Give --resume to go on.")
        return INTERRUPTED
    return _finish(training, where, output)


def _agreed(wish: bool, training: StreamTraining) -> bool:
    """Tell whether any of the processes wishes so; all of them get the same answer."""
    return processes.mean(float(wish), training.model.head.weight.device) > 0


def _report(training: StreamTraining, epochs: int, say: Callable[[str], None]) -> int:
    """Say how the epochs since the last report went; return how many there are now."""
    losses = training.progress.losses
    for epoch, (trained, held_out) in enumerate(losses[epochs:], start=epochs + 1):
        if processes.is_first():
            say(
                f"epoch {epoch:3} of {training.settings.epochs}: {bits(trained):.3f} bits a "
                f"character, held out {bits(held_out):.3f} (perplexity {perplexity(held_out):.2f})"
            )
    return len(losses)


def _save(training: StreamTraining, output: Path, elsewhere: bool = False) -> Path:
    """Save, or say why not and go on; at the end, rather save elsewhere than lose the weights."""
    snapshot = training.snapshot()
    if not processes.is_first():
        return output
    try:
        checkpoints.write(output, *snapshot)
    except OSError as error:
        _say(f"{output} could not be written: {error.strerror}. The one before is as it was.")
        if elsewhere:
            spare = f"{output.stem}-{training.progress.step}.safetensors"
            output = Path(tempfile.gettempdir()) / spare
            checkpoints.write(output, *snapshot)
    return output


def _finish(training: StreamTraining, where: Path, output: Path) -> int:
    losses = [held_out for _, held_out in training.progress.losses]
    best = min(losses)
    if len(losses) < training.settings.epochs:
        _say(f"The held-out loss has not fallen for {training.settings.patience} epochs.")
    _say(
        f"Done: {bits(best):.3f} bits a character on held-out text. {where} holds the network.\n"
        f"Let it write: python -m charrnn_helpers sample {where}"
    )
    return 0 if where == output else 1


def _say(words: str) -> None:
    if processes.is_first():
        print(words, flush=True)
