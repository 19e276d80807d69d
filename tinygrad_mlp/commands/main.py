"""The command ``tinygrad-mlp``: train a network, and see it and any graph drawn."""

from __future__ import annotations

import argparse
import io
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tinygrad_mlp import __version__
from tinygrad_mlp.commands import draw, train

#: What asks a program to end, where the system has it: Ctrl-C, kill, a terminal that is closed.
_ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code.

    It is 0 if all went well, 1 if something failed, 2 if an argument is wrong, and 128 plus the
    number of the signal, such as 130 for Ctrl-C, if one ended it.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name may have letters that the console has not; a pipe gets each line at once.
        sys.stdout.reconfigure(errors="backslashreplace", line_buffering=True)
    try:
        with _ending_as_interrupt() as signals:
            try:
                return _run(arguments)
            except KeyboardInterrupt as end:
                if arguments is None:  # this process ends now, and no later signal disturbs that
                    signals.clear()
                return _ended(end)
    except KeyboardInterrupt as end:
        return _ended(end)


def _run(arguments: Sequence[str] | None) -> int:
    """Do what the arguments say, and return the exit code."""
    parser = _parser()
    try:
        options = _parsed(parser, arguments)
        if options.command is None:
            parser.print_help()
            return 0
        return draw.draw(options) if options.command == "draw" else train.train(options)
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


@contextmanager
def _ending_as_interrupt() -> Iterator[dict[int, Any]]:
    """Let the first signal that asks for the end raise, and no later one disturb what follows.

    Gives the handlers that will be put back at the end.
    """
    earlier: dict[int, Any] = {}
    first: list[int] = []

    def end(number: int, _: Any) -> None:
        if not first:  # a handler may be interrupted by the next signal, so it does no more
            first.append(number)
            raise KeyboardInterrupt(number)

    if threading.current_thread() is threading.main_thread():  # no other may handle signals
        for number in (getattr(signal, name) for name in _ENDING if hasattr(signal, name)):
            # What is ignored, as nohup does it, stays ignored.
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                earlier[number] = signal.signal(number, end)
    try:
        yield earlier
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tinygrad-mlp",
        description="A multilayer perceptron whose gradients come from a graph that one can see.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command")
    train.add_parser(commands)
    draw.add_parser(commands)
    return parser
