"""Train a network on a text file: seen, saved, and stopped without loss."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from numbers import Real
from pathlib import Path
from typing import Any, NamedTuple

import torch

from charrnn_helpers.checks import check_positive, is_number
from charrnn_helpers.longtext import checkpoints, losses, processes
from charrnn_helpers.longtext.encoded_text import EncodedText, encode_pieces
from charrnn_helpers.longtext.settings import Settings
from charrnn_helpers.longtext.streams import bits, perplexity, split
from charrnn_helpers.longtext.text_files import STANDARD_INPUT, name_of, read_pieces
from charrnn_helpers.longtext.training import MAY_GROW, StreamTraining, new_model, settings_in
from charrnn_helpers.longtext.whole_files import check_folder, check_writable
from charrnn_helpers.models import CharRNN
from charrnn_helpers.progress import interruptible, progress_bar
from charrnn_helpers.training import pick_device

NETWORK = {"hidden_size": 128, "cell": "gru", "layers": 1, "dropout": 0.0}  # if not given

# The bar's own estimate is left out: it does not know that a run may end before its last epoch.
BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]"


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


def train_text(
    text: str | Path | Sequence[str | Path],
    output: str | Path | None = None,
    *,
    hidden_size: int | None = None,
    cell: str | None = None,
    layers: int | None = None,
    dropout: float | None = None,
    resume: bool = False,
    overwrite: bool = False,
    device: str = "auto",
    threads: int = 1,
    save_every: float = 30,
    plot: str | Path | None = None,
    **settings: Any,
) -> Outcome:
    """Train a network on a text file, and write a checkpoint on the way and at the end.

    Beside it lies a table of the losses, as `losses.table_of` names it, of all epochs so far. The
    command line `python -m charrnn_helpers train` is a caller of this.

    Args:
        text: A plain text, or several that are one in the order given, as `read_texts` reads them.
        output: The checkpoint; None for the text's name with `.safetensors`.
        hidden_size: H, units of each layer; None for 128.
        cell: A name in `cells.CELLS`, such as `"rnn"` or `"lstm"`; None for `"gru"`.
        layers: How many lie on top of each other; None for 1.
        dropout: As `CharRNN` has it; None for 0.
        resume: Go on from the checkpoint, with its network and its settings. What is given beside
            it must be the same there; `epochs` and `patience` alone may be more.
        overwrite: Begin anew where there is a checkpoint already.
        device: As PyTorch names it; `"auto"` for a GPU if there is one.
        threads: Processor cores to use.
        save_every: Seconds from one checkpoint to the next, besides those at the end of each epoch.
        plot: Where to draw the losses against the epochs at the end: an SVG, PNG or PDF file.
        **settings: As `Settings` has them; None is as if not given, and `streams` are then as many
            as suit the text.

    Raises:
        TextError, CheckpointError, ValueError, TypeError, OSError: If the text, the checkpoint, a
            setting or the folder cannot be used; nothing is written then.
        MemoryError: If memory does not suffice; what was saved before is whole.
    """
    texts = [text] if isinstance(text, str | Path) else list(text)
    output = output_of(texts, output)
    plot = None if plot is None else Path(plot)
    _check_call(texts, output, plot, resume, overwrite, save_every)
    network = {"hidden_size": hidden_size, "cell": cell, "layers": layers, "dropout": dropout}
    given = network | settings
    given = {name: value for name, value in given.items() if value is not None}
    try:
        with using_threads(threads), processes.joined(device) as own:
            training = _begun(texts, output, given, resume, own or _device(device))
            snapshot = training.snapshot()
            if processes.is_first():  # a folder that cannot be written to is better known now
                if plot is not None:
                    check_folder(plot)
                checkpoints.write(output, *snapshot)
                _tabulate(training, output)  # what an earlier run has left here is not of this one
            outcome = _go(training, output, save_every)
            if plot is not None and processes.is_first():
                _draw(plot, outcome)
            return outcome
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
    texts: Sequence[str | Path],
    output: Path,
    plot: Path | None,
    resume: bool,
    overwrite: bool,
    save_every: float,
) -> None:
    table = losses.table_of(output)
    written = {"--output": output, "--output's table of losses": table, "--plot": plot}
    for option, path in written.items():
        for text in map(Path, texts):
            if path and path.exists() and text.exists() and path.samefile(text):
                raise ValueError(f"{path} is the text itself: {option} must name another file")
    check_writable(output)
    losses.check_table(table)
    if plot and os.path.realpath(plot) in map(os.path.realpath, (output, table)):
        raise ValueError(f"{plot} is the checkpoint or its table: --plot must name another file")
    if plot is not None:
        losses.check_curve(plot, resume, overwrite)
    if output.exists() and not (resume or overwrite):
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
        network = {name: given.pop(name) for name in NETWORK if name in given}
        training = _from_the_beginning(text, NETWORK | network, given, device)
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
    text: EncodedText, network: dict[str, Any], settings: dict[str, Any], device: torch.device
) -> StreamTraining:
    chosen = settings_for(len(text.integers), **settings)
    model = new_model(text.vocabulary, **network, seed=chosen.seed)
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
    settings = _agreeing({n: getattr(model, n) for n in NETWORK}, there, given, output)
    training = _training_on(text, model, settings, device)
    training.load(output)
    return training


def _agreeing(
    network: dict[str, Any], settings: Settings, given: dict[str, Any], output: Path
) -> Settings:
    """Return the settings to go on with: a checkpoint's, but for what may be more now."""
    found = network | asdict(settings)
    for name, value in given.items():
        more = name in MAY_GROW and is_number(value) and value > found[name]
        if name in found and value != found[name] and not more:
            option = f"--{name.replace('_', '-')}"
            raise ValueError(
                f"{output} was trained with {option} {found[name]}, and not {value}: leave it out "
                "to go on, or begin anew with --overwrite"
            )
    return replace(settings, **{n: v for n, v in given.items() if n not in network})


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
    layers = f"{model.layers} layers of " if model.layers > 1 else ""
    others = f", {processes.count()} processes" if processes.count() > 1 else ""
    _say(
        f"{name}: {length:,} characters, {len(training.vocabulary):,} different ones.\n"
        f"{model.cell.upper()} with {layers}{model.hidden_size} hidden units: {weights:,} weights, "
        f"on {model.head.weight.device}{others}; {settings.streams} streams, "
        f"{settings.steps} steps."
    )
    if training.progress.step:
        _say(
            f"Going on after update {training.progress.step:,}, to {settings.epochs} epochs; the "
            f"learning rate is {training.learning_rate(training.progress.step):.2g} there."
        )


def _go(training: StreamTraining, output: Path, save_every: float) -> Outcome:
    """Train to the end, or to Ctrl-C; save on the way."""
    total, first = training.length * training.settings.epochs, training.progress.step
    began, saved = time.monotonic(), time.monotonic()
    epochs = len(training.progress.losses)
    with interruptible() as interrupted, progress_bar(total, "update", first) as bar:
        bar.disable |= not processes.is_first()
        bar.bar_format = BAR
        for loss in training:
            seconds = (time.monotonic() - began) / (training.progress.step - first)
            speed = training.settings.streams * training.settings.steps / seconds
            left = in_words(seconds * _updates_left(training))
            words = f"at most {left} left, loss {loss:.3f}, {speed:,.0f} characters/s"
            bar.set_postfix_str(words, refresh=False)
            bar.update()
            stop = _agreed(interrupted.is_set(), training)
            due = time.monotonic() - saved > save_every
            if stop or _agreed(due or epochs < len(training.progress.losses), training):
                epochs = _report(training, epochs, seconds, bar.write)
                _save(training, output)
                saved = time.monotonic()
            if stop:
                break
    _report(training, epochs, 0.0, _say)
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


def _report(
    training: StreamTraining, epochs: int, seconds: float, say: Callable[[str], None]
) -> int:
    """Say how the epochs since the last report went; return how many there are now.

    Args:
        training: The run.
        epochs: How many have been told of.
        seconds: That an update takes, with all that comes between two.
        say: Prints.
    """
    found, total = training.progress.losses, training.settings.epochs
    for epoch, (trained, held_out) in enumerate(found[epochs:], start=epochs + 1):
        left = ""
        if epoch == len(found) and not training.finished:
            left = in_words(seconds * _updates_left(training))
            left = f"; at most {left} left" if seconds else ""
        if processes.is_first():
            say(
                f"epoch {epoch:3} of {total}: {bits(trained):.3f} bpc, held out "
                f"{bits(held_out):.3f} bpc (perplexity {perplexity(held_out):.2f}){left}"
            )
    return len(found)


def _updates_left(training: StreamTraining) -> int:
    """Return how many updates are still to be made, if no epoch is spared."""
    progress = training.progress
    return training.length * (training.settings.epochs - progress.epoch) - progress.chunk


def in_words(seconds: float) -> str:
    """Return a span of time as one says it: 40 s, 3 min, 2.5 h."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 99.5 * 60 else f"{seconds / 3600:.1f} h"


def _save(training: StreamTraining, output: Path, elsewhere: bool = False) -> Path:
    """Save, or say why not and go on; at the end, rather save elsewhere than lose the weights."""
    snapshot = training.snapshot()
    if not processes.is_first():
        return output
    try:
        checkpoints.write(output, *snapshot)
    except (OSError, ValueError) as error:
        before = "The one before is as it was." if output.is_file() else "The one before is gone."
        _say(f"{_not_written(output, error)} {before}")
        if not elsewhere:
            return output
        spare = f"{output.stem}-{training.progress.step}.safetensors"
        output = Path(tempfile.mkdtemp(prefix="charrnn-")) / spare
        checkpoints.write(output, *snapshot)
    _tabulate(training, output)
    return output


def _tabulate(training: StreamTraining, output: Path) -> None:
    """Write the table of losses, or say why not and go on: the checkpoint has them too."""
    table = losses.table_of(output)
    try:
        losses.check_table(table)  # it may be another file by now
        losses.write_table(table, training.progress.losses)
    except (OSError, ValueError) as error:
        _say(_not_written(table, error))


def _draw(plot: Path, outcome: Outcome) -> None:
    try:
        losses.draw_curve(plot, outcome.training.progress.losses, outcome.checkpoint.stem)
    except (OSError, ValueError) as error:
        _say(_not_written(plot, error))
    else:
        _say(f"{plot} shows the losses.")


def _not_written(path: Path, error: OSError | ValueError) -> str:
    return f"{path} could not be written: {getattr(error, 'strerror', None) or error}."


def _say_the_end(training: StreamTraining, where: Path) -> None:
    found = [held_out for _, held_out in training.progress.losses]
    best = min(found)
    if len(found) < training.settings.epochs:
        _say(f"The held-out loss has not fallen for {training.settings.patience} epochs.")
    _say(
        f"Done: {bits(best):.3f} bpc (bits per character) on held-out text. {where} holds the "
        "network.\n"
        f"Let it write: python -m charrnn_helpers sample {where}"
    )


def _say(words: str) -> None:
    if processes.is_first():
        print(words, flush=True)
