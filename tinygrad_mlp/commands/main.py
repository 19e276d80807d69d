"""The command ``tinygrad-mlp``: train a network, and see it and any graph drawn."""

from __future__ import annotations

import argparse
import io
import signal
import sys
from collections.abc import Sequence

from tinygrad_mlp import __version__
from tinygrad_mlp.commands import applying, draw, train
from tinygrad_mlp.commands.ending import Ending


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code.

    It is 0 if all went well, 1 if something failed, 2 if an argument is wrong, and 128 plus the
    number of the signal, such as 130 for Ctrl-C, if one ended it.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name may have letters that the console has not; a pipe gets each line at once.
        sys.stdout.reconfigure(errors="backslashreplace", line_buffering=True)
    try:
        with Ending() as ending:
            try:
                return _run(arguments, ending)
            except KeyboardInterrupt as end:
                ending.is_final = arguments is None
                return _ended(end)
    except KeyboardInterrupt as end:
        return _ended(end)


def _run(arguments: Sequence[str] | None, ending: Ending) -> int:
    """Do what the arguments say, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="tinygrad-mlp",
        description="A multilayer perceptron whose gradients come from a graph that one can see.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command")
    train.add_parser(commands)
    applying.add_parsers(commands)
    draw.add_parser(commands)
    try:
        options = _parsed(parser, arguments)
        if options.command is None:
            parser.print_help()
            return 0
        if options.command == "draw":
            return draw.draw(options)
        if options.command == "evaluate":
            return applying.evaluate(options)
        if options.command == "predict":
            return applying.predict(options)
        return train.train(options, ending)
    except argparse.ArgumentError as error:
        print(f"tinygrad-mlp: error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader has gone; a second complaint at exit would only repeat it.
        sys.stdout = None
        return 1
    except (OSError, ValueError, TypeError, ArithmeticError, RuntimeError, MemoryError) as error:
        print(f"tinygrad-mlp: error: {' '.join(str(error).split())}", file=sys.stderr)
        return 1


def _parsed(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> argparse.Namespace:
    options = parser.parse_args(arguments)
    if [] in vars(options).values():  # argparse before Python 3.13 makes this of --out=--
        raise argparse.ArgumentError(None, "-- is no value of an option; a file can be called ./--")
    return options


def _ended(end: KeyboardInterrupt) -> int:
    """Tell that a signal ended the command, and return the exit code that a shell would give."""
    # If an interrupt has passed through an eval of text, as in the making of a NamedTuple, CPython
    # ends as if nobody had handled it, until the next such eval.
    eval("None")  # noqa: S307  our own text
    try:
        print("\ninterrupted", *getattr(end, "__notes__", ()), sep="; ")
    except OSError:
        sys.stdout = None  # the terminal was closed
    return 128 + int(end.args[0] if end.args else signal.SIGINT)
