"""Train a network on a text file: seen, saved, and stopped without loss."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from numbers import Real
from pathlib import Path
from typing import Any, NamedTuple

import torch

from charrnn_helpers.checks import check_positive
from charrnn_helpers.longtext import checkpoints, processes
from charrnn_helpers.longtext.encoded_text import EncodedText, encode_pieces
from charrnn_helpers.longtext.settings import Settings
from charrnn_helpers.longtext.streams import bits, perplexity, split
from charrnn_helpers.longtext.text_files import STANDARD_INPUT, name_of, read_pieces
from charrnn_helpers.longtext.training import StreamTraining, new_model, settings_in
from charrnn_helpers.models import CharRNN
from charrnn_helpers.progress import interruptible, progress_bar
from charrnn_helpers.training import pick_device


class Outcome(NamedTuple):
    """How a run of training ended.

    Attributes:
        training: The run; `training.model` has the weights of its last update.
        checkpoint: The file that holds it all; another one than was asked for, if that could not
            be written at the end.
        interrupted: Whether Ctrl-C has stopped it before its end.
    """

    training: StreamTraining
    checkpoint: Path
    interrupted: bool


def train_on_text(
    text: str | Path | Sequence[str | Path],
    output: str | Path | None = None,
    *,
    hidden_size: int | None = None,
    cell: str | None = None,
    resume: bool = False,
    overwrite: bool = False,
    device: str = "auto",
    threads: int = 1,
    save_every: float = 30,
    **settings: Any,
) -> Outcome:
    """Train a network on a text file, and write a checkpoint on the way and at the end.

    The command line `python -m charrnn_helpers train` is a caller of this.

    Args:
        text: A plain text, or several that are one in the order given, as `read_texts` reads them.
        output: The checkpoint; None for the text's name with `.safetensors`.
        hidden_size: H, units of the network; None for 128.
        cell: `"rnn"`, `"gru"` or `"lstm"`; None for `"gru"`.
        resume: Go on from the checkpoint, with its network and its settings. What is given beside
            it must be the same there; `epochs` alone may be more.
        overwrite: Begin anew where there is a checkpoint already.
        device: As PyTorch names it; `"auto"` for a GPU if there is one.
        threads: Processor cores to use.
        save_every: Seconds from one checkpoint to the next, besides those at the end of each epoch.
        **settings: As `Settings` has them; None is as if not given, and `streams` are then as many
            as suit the text.

    Raises:
        TextError, CheckpointError, ValueError, TypeError, OSError: If the text, the checkpoint, a
            setting or the folder cannot be used; nothing is written then.
        MemoryError: If memory does not suffice; what was saved before is whole.
    """
    texts = [text] if isinstance(text, str | Path) else list(text)
    output = output_of(texts, output)
    _check_call(texts, output, resume or overwrite, save_every)
    given = {"hidden_size": hidden_size, "cell": cell} | settings
    given = {name: value for name, value in given.items() if value is not None}
    try:
        with using_threads(threads), processes.joined(device) as own:
            training = _begun(texts, output, given, resume, own or _device(device))
            snapshot = training.snapshot()
            if processes.is_first():  # a folder that cannot be written to is better known now
                checkpoints.write(output, *snapshot)
            return _go(training, output, save_every)
    except (MemoryError, RuntimeError) as error:
        if not _is_out_of_memory(error):
            raise
        saved = f" {output} holds what was saved last." if output.exists() else ""
        raise MemoryError(
            "there is not enough memory: fewer streams, fewer steps, fewer hidden units or a "
            f"shorter text need less.{saved}"
        ) from None


def output_of(texts: Sequence[str | Path], output: str | Path | None) -> Path:
    """Return the checkpoint of a run on these texts: what was asked for, or named like the first.

    Raises:
        ValueError: If there is no text, or no name to take.
    """
    if not texts:
        raise ValueError("there is no text: name at least one file")
    if output is None and str(texts[0]) == STANDARD_INPUT:
        raise ValueError("standard input has no name: name the checkpoint with --output")
    return Path(texts[0]).with_suffix(".safetensors") if output is None else Path(output)


def _check_call(
    texts: Sequence[str | Path], output: Path, may_replace: bool, save_every: float
) -> None:
    for text in map(Path, texts):
        if output.exists() and text.exists() and output.samefile(text):
            raise ValueError(f"{output} is the text itself: --output must name another file")
    checkpoints.check_writable(output)
    if output.exists() and not may_replace:
        raise ValueError(
            f"{output} exists already: --resume goes on from it, --overwrite begins anew, "
            "--output names another file"
        )
    if not isinstance(save_every, Real) or not save_every >= 0:
        raise ValueError(f"save_every must be a number of seconds, not {save_every!r}")


def _is_out_of_memory(error: Exception) -> bool:
    known = isinstance(error, MemoryError | torch.OutOfMemoryError)
    return known or "allocate memory" in str(error)


def _begun(
    texts: Sequence[str | Path],
    output: Path,
    given: dict[str, Any],
    resume: bool,
    device: torch.device,
) -> StreamTraining:
    text = encode_pieces(read_pieces(texts))
    if resume:
        training = _going_on(text, output, given, device)
    else:
        network = {"hidden_size": 128, "cell": "gru"}
        network |= {name: given.pop(name) for name in network if name in given}
        training = _from_the_beginning(text, **network, settings=given, device=device)
    _describe(training, name_of(texts), len(text.integers))
    return training


@contextmanager
def using_threads(count: int) -> Iterator[None]:
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
        torch.zeros(1, device=device).item()  # "meta" has shapes, but no numbers
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"there is no device {name!r}: {str(error).splitlines()[0]}") from None
    return device


def _from_the_beginning(
    text: EncodedText, hidden_size: int, cell: str, settings: dict[str, Any], device: torch.device
) -> StreamTraining:
    chosen = settings_for(len(text.integers), **settings)
    model = new_model(text.vocabulary, hidden_size, cell, chosen.seed)
    return _training_on(text, model, chosen, device)


def _going_on(
    text: EncodedText, output: Path, given: dict[str, Any], device: torch.device
) -> StreamTraining:
    tensors, facts = checkpoints.read(output)
    model, _ = checkpoints.model_from(tensors, facts)
    if "settings" not in facts:
        raise checkpoints.CheckpointError(
            f"{output} holds a network, but no run of training to go on with"
        )
    there = _settings_of(facts, output)
    settings = _agreeing(
        asdict(there) | {"hidden_size": model.hidden_size, "cell": model.cell}, given, there, output
    )
    training = _training_on(text, model, settings, device)
    training.load(output)
    return training


def _agreeing(
    found: dict[str, Any], given: dict[str, Any], settings: Settings, output: Path
) -> Settings:
    """Return the settings to go on with: a checkpoint's, but for more epochs."""
    for name, value in given.items():
        if (
            name in found
            and value != found[name]
            and not (name == "epochs" and value > found[name])
        ):
            option = f"--{name.replace('_', '-')}"
            raise ValueError(
                f"{output} was trained with {option} {found[name]}, and not {value}: leave it out "
                "to go on, or begin anew with --overwrite"
            )
    return replace(settings, **{n: v for n, v in given.items() if n not in ("hidden_size", "cell")})


def _training_on(
    text: EncodedText, model: CharRNN, settings: Settings, device: torch.device
) -> StreamTraining:
    parts = split(text.integers, settings.held_out)
    return StreamTraining(model.to(device), text.vocabulary, *parts, settings)


def settings_for(length: int, **given: Any) -> Settings:
    """Return settings for a text of this length; a short one gets fewer streams, but longer ones.

    Args:
        length: Characters of the text.
        **given: Settings; where `streams` is missing or None, they are chosen.

    Raises:
        TypeError, ValueError: As `Settings` does.
    """
    if given.get("streams") is None:
        steps = given.get("steps", Settings.steps)
        steps = steps if isinstance(steps, int) and steps > 0 else length  # refused below
        most = length // (100 * max(1, steps) * processes.count())
        given["streams"] = max(1, min(32 // processes.count(), most)) * processes.count()
    return Settings(**given)


def _settings_of(facts: dict[str, Any], output: Path) -> Settings:
    try:
        return settings_in(facts)
    except (TypeError, ValueError) as error:
        raise checkpoints.CheckpointError(f"{output} does not fit together: {error}") from None


def _describe(training: StreamTraining, name: str, length: int) -> None:
    model, settings = training.model, training.settings
    weights = sum(weight.numel() for weight in model.parameters())
    others = f", {processes.count()} processes" if processes.count() > 1 else ""
    _say(
        f"{name}: {length:,} characters, {len(training.vocabulary)} different ones.\n"
        f"{model.cell.upper()} with {model.hidden_size} hidden units: {weights:,} weights, on "
        f"{model.head.weight.device}{others}; {settings.streams} streams, {settings.steps} steps."
    )
    if training.progress.step:
        _say(
            f"Going on after update {training.progress.step:,}, to {settings.epochs} epochs; the "
            f"learning rate is {training.learning_rate(training.progress.step):.2g} there."
        )


def _go(training: StreamTraining, output: Path, save_every: float) -> Outcome:
    """Train to the end, or to Ctrl-C; save on the way."""
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
        return Outcome(training, where, interrupted=True)
    _say_the_end(training, where)
    return Outcome(training, where, interrupted=False)


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
        before = "The one before is as it was." if output.is_file() else "The one before is gone."
        _say(f"{output} could not be written: {error.strerror}. {before}")
        if elsewhere:
            spare = f"{output.stem}-{training.progress.step}.safetensors"
            output = Path(tempfile.mkdtemp(prefix="charrnn-")) / spare
            checkpoints.write(output, *snapshot)
    return output


def _say_the_end(training: StreamTraining, where: Path) -> None:
    losses = [held_out for _, held_out in training.progress.losses]
    best = min(losses)
    if len(losses) < training.settings.epochs:
        _say(f"The held-out loss has not fallen for {training.settings.patience} epochs.")
    _say(
        f"Done: {bits(best):.3f} bits a character on held-out text. {where} holds the network.\n"
        f"Let it write: python -m charrnn_helpers sample {where}"
    )


def _say(words: str) -> None:
    if processes.is_first():
        print(words, flush=True)
