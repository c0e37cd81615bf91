"""The losses of a run as a table beside its checkpoint, and as a curve.

They are given in nats, and as *bpc*, bits per character, as the field reports them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from charrnn_helpers.longtext.streams import bits
from charrnn_helpers.longtext.whole_files import check_writable, write_whole

COLUMNS = ("epoch", "training_nats", "held_out_nats", "training_bpc", "held_out_bpc")
FORMATS = (".svg", ".png", ".pdf")
CREATOR = "charrnn_helpers, losses of a run"  # stands in every curve


def table_of(checkpoint: Path) -> Path:
    """Return where the table lies that belongs to a checkpoint."""
    name = checkpoint.stem if checkpoint.suffix == ".safetensors" else checkpoint.name
    return checkpoint.with_name(f"{name}.losses.csv")


def write_table(path: Path, losses: Sequence[tuple[float, float]]) -> None:
    """Write the losses of all epochs, whole or not at all.

    Args:
        path: Where to.
        losses: Of each epoch, in nats a character: `(training, held out)`.

    Raises:
        OSError, ValueError: As `write_whole` does.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for epoch, pair in enumerate(losses, start=1):
        writer.writerow([epoch, *(f"{x:.6f}" for x in (*pair, *map(bits, pair)))])
    write_whole(path, text.getvalue().encode())


def check_table(path: Path) -> None:
    """Raise a ValueError if something else lies where the table is to be written."""
    check_writable(path)
    if not path.exists():
        return
    with path.open("rb") as file:
        beginning = file.read(len(",".join(COLUMNS)))
    if beginning != ",".join(COLUMNS).encode():
        raise ValueError(
            f"{path} is no table of losses, but would become one: move it, or name the checkpoint "
            "otherwise with --output"
        )


def draw_curve(path: Path, losses: Sequence[tuple[float, float]], title: str) -> None:
    """Draw both losses against the epoch, in bpc, into an SVG, PNG or PDF file.

    Args:
        path: Where to; its ending tells the format.
        losses: Of each epoch, in nats a character: `(training, held out)`.
        title: Of the picture; one with characters that its font lacks is left out.

    Raises:
        OSError, ValueError: As `write_whole` does.
    """
    from matplotlib.figure import Figure  # takes long to load, and needs no display like this
    from matplotlib.font_manager import FontProperties, findfont, get_font
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    ax = figure.subplots()
    epochs = range(1, len(losses) + 1)
    for values, name, style in zip(
        zip(*losses, strict=True), ("training", "held out"), ("--", "-"), strict=False
    ):
        ax.plot(epochs, list(map(bits, values)), style, marker="o", markersize=3, label=name)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="epoch", ylabel="bits per character (bpc)")
    if set(map(ord, title)) <= get_font(findfont(FontProperties())).get_charmap().keys():
        ax.set_title(title, parse_math=False)  # it may be any file's name
    if losses:
        ax.legend()
    content = io.BytesIO()
    figure.savefig(content, format=path.suffix[1:].lower(), metadata={"Creator": CREATOR})
    write_whole(path, content.getvalue())


def check_curve(path: Path, resume: bool, overwrite: bool) -> None:
    """Raise a plain error unless a curve can be drawn into this file.

    Args:
        path: Where to.
        resume: Replace a curve that is there.
        overwrite: Replace any file that is there.

    Raises:
        OSError, ValueError: If it cannot be.
    """
    if path.suffix.lower() not in FORMATS:
        raise ValueError(f"--plot must end in {', '.join(FORMATS)}, not {path.suffix!r}")
    try:
        import_module("matplotlib.figure")  # what is lacking is better known before training
    except ImportError as error:
        raise ValueError(f"--plot needs matplotlib, which cannot be loaded: {error}") from None
    check_writable(path)
    if not path.parent.is_dir():
        raise ValueError(f"there is no folder {path.parent} for the curve")
    is_ours = resume and path.exists() and CREATOR.encode() in path.read_bytes()
    if path.exists() and not (overwrite or is_ours):
        raise ValueError(f"{path} exists already: name another file, or give --overwrite")
