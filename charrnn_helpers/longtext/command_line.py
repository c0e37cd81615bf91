"""The command line: `train` on a text of your own, `sample` from what came of it."""

from __future__ import annotations

import argparse
import os
import sys
import unicodedata
from collections.abc import Callable
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import TextIO

from charrnn_helpers.progress import INTERRUPTED

FAILED = 1

ABOUT = """\
Train a character model on a text of your own, and let it write.

  python -m charrnn_helpers train mytext.txt
  python -m charrnn_helpers sample mytext.safetensors --prompt "It was"

Training writes a checkpoint, mytext.safetensors, every half minute and at the end of each epoch,
and beside it mytext.losses.csv. Losses are printed as bpc, bits per character.
Ctrl-C stops it and loses nothing; --resume goes on as if it had never stopped: on the same machine
and with the same --threads bit for bit.

Several files are one text, in the order given; - is standard input. A text is in UTF-8, or in
UTF-16 or UTF-32 if it begins with a byte order mark. Accents that stand apart from their letters
become one with them (NFC), line ends become newlines, and byte order marks are left out.

On several processes or GPUs:

  torchrun --nproc-per-node 2 -m charrnn_helpers train mytext.txt
"""


class _Defaults(argparse.ArgumentDefaultsHelpFormatter):
    """Tell the default of what has one."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        has_none = action.default is None or action.default is False
        return action.help if has_none else super()._get_help_string(action)


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, 1 if it failed, or 130 if Ctrl-C ended it (2: wrong usage)."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        _make_writable(stream)
    try:
        return options.run(options)
    except BrokenPipeError:  # whoever read the output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValueError, MemoryError) as error:  # a checkpoint's or a text's among them
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{error.filename or 'the file'}: {error.strerror or error}")
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return INTERRUPTED


def _make_writable(stream: TextIO) -> None:
    """Have a stream take every character: a file or a pipe gets UTF-8, a terminal what it can show.

    Where nobody says otherwise, Windows takes an old encoding for files and pipes, and a text would
    stop at the first character that it lacks. And a file's name may be no text in any encoding.
    """
    if not isinstance(stream, TextIOWrapper):
        return
    if stream.encoding.lower() == "utf-8":
        stream.reconfigure(errors="backslashreplace")
    elif stream.isatty() or "PYTHONIOENCODING" in os.environ:
        stream.reconfigure(errors="replace")
    else:
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _fail(message: str) -> int:
    if os.environ.get("RANK", "0") == "0":  # of several processes one is enough to say it
        print(f"charrnn_helpers: {message}", file=sys.stderr)
    return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m charrnn_helpers",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="{train,sample}")
    _add_train(commands)
    _add_sample(commands)
    return parser


def _command(commands, name: str, does: str, run: Callable) -> Callable:
    """Add a command, and return what adds its arguments."""
    parser = commands.add_parser(name, help=does, description=does, formatter_class=_Defaults)
    parser.set_defaults(run=run)
    return parser.add_argument


def _add_train(commands) -> None:
    does = "train a network on a text file, and write a checkpoint"
    add = _command(commands, "train", does, _train)
    add("text", type=Path, nargs="+", help="plain texts, the more the better; -: standard input")
    add("--output", type=Path, help="the checkpoint; default: the text's name, .safetensors")
    going_on = "go on from the checkpoint, with its settings; --epochs and --patience may be more"
    add("--resume", action="store_true", help=going_on)
    add("--overwrite", action="store_true", help="begin anew where there is a checkpoint already")
    # These have no default here: with --resume it counts whether they were given
    add("--cell", help="what remembers; a wrong name gets a list of all (default: gru)")
    add("--hidden-size", type=int, metavar="H", help="how much it can remember (default: 128)")
    add("--layers", type=int, metavar="K", help="how many lie on top of each other (default: 1)")
    dropped = "of what a layer hands on, left out in training against overfitting (default: 0)"
    add("--dropout", type=float, metavar="SHARE", help=dropped)
    add("--epochs", type=int, help="how often to read the text, at most (default: 20)")
    add("--patience", type=int, help="epochs without progress before it ends (default: 3)")
    add("--lr", type=float, help="highest learning rate (default: 0.004)")
    add("--steps", type=int, metavar="T", help="how far back a gradient reaches (default: 64)")
    add("--streams", type=int, metavar="B", help="texts read side by side (default: up to 32)")
    add("--clip", type=float, help="longest gradient that is taken as it is (default: 1.0)")
    decay = "how strongly weights are drawn to 0 (AdamW; default: 0, which is Adam)"
    add("--weight-decay", type=float, help=decay)
    last = "last part, to be tested on (default: 0.1)"
    add("--held-out", type=float, metavar="SHARE", help=last)
    add("--seed", type=int, help="of all that is random (default: 0)")
    add("--save-every", type=float, default=30, metavar="SECONDS", help="besides each epoch")
    add("--plot", type=Path, metavar="FILE", help="draw the losses into it: .svg, .png or .pdf")
    # Threads wait for each other at every time step. Where another program holds a core for a
    # moment, all of them stand still: two were measured to be five times slower than one.
    cores = "processor cores to use; more pay off for a large network on an idle machine"
    add("--threads", type=int, default=1, metavar="N", help=cores)
    add("--device", default="auto", help="cpu, cuda, …; auto: a GPU if there is one")


def _add_sample(commands) -> None:
    add = _command(commands, "sample", "let a trained network write", _sample)
    add("checkpoint", type=Path, help="what `train` has written")
    add("--prompt", help="how the text begins")
    from_file = "a file that holds it, but for a newline at its end; -: standard input"
    add("--prompt-file", metavar="FILE", help=from_file)
    add("--length", type=int, default=500, help="characters to write, after the prompt")
    add("--temperature", type=float, default=0.8, help="low: safe and dull; high: bold and wrong")
    add("--greedy", action="store_true", help="always the likeliest character")
    add("--top-k", type=int, metavar="K", help="draw among the K likeliest only")
    nucleus = "draw among the likeliest only that have this probability together"
    add("--top-p", type=float, metavar="P", help=nucleus)
    add("--count", type=int, default=1, help="how many texts, side by side")
    add("--seed", type=int, help="draws the same text each time")


def _train(options: argparse.Namespace) -> int:
    from charrnn_helpers.longtext.run import output_of, train_text

    given = {name: value for name, value in vars(options).items() if name != "run"}
    outcome = train_text(**given)
    if outcome.interrupted:
        return INTERRUPTED
    asked_for = output_of(options.text, options.output)
    return 0 if outcome.checkpoint == asked_for else FAILED


def _sample(options: argparse.Namespace) -> int:
    import torch

    from charrnn_helpers.checks import check_positive, check_whole
    from charrnn_helpers.longtext.checkpoints import load_model
    from charrnn_helpers.longtext.text_files import read_prompt
    from charrnn_helpers.sampling import sample_many, sample_stream

    model, vocabulary = load_model(options.checkpoint)
    prompt = options.prompt
    if options.prompt_file is not None:
        if prompt is not None:
            raise ValueError("give --prompt or --prompt-file, not both")
        prompt = read_prompt(options.prompt_file)
    if prompt is None:
        prompt = "\n" if "\n" in vocabulary else vocabulary.characters[0]
    elif not all(character in vocabulary for character in prompt):
        prompt = unicodedata.normalize("NFC", prompt)  # as texts are read
    check_positive("length", options.length)
    generator = torch.Generator()
    seed = generator.seed() if options.seed is None else options.seed
    check_whole("seed", seed, most=2**64 - 1)
    generator.manual_seed(seed)
    choice = {
        "temperature": None if options.greedy else options.temperature,
        "top_k": None if options.greedy else options.top_k,
        "top_p": None if options.greedy else options.top_p,
        "generator": generator,
    }
    if options.count == 1:
        written = sample_stream(model, vocabulary, prompt, **choice)
        print(prompt.lstrip("\n"), end="")
        for character in islice(written, options.length):
            print(character, end="", flush=True)
        print()
        return 0
    length = len(prompt) + options.length
    texts = sample_many(model, vocabulary, prompt, length, options.count, **choice)
    print("\n\n---\n\n".join(text.strip("\n") for text in texts))
    return 0
