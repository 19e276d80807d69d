"""The command ``tinygrad-mlp draw``: the graph that a function returns, or a file of weights."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tinygrad_mlp.drawing.charts.network import draw_network, network_svg
from tinygrad_mlp.drawing.formats import FORMATS, LAYOUTS, suffix_of
from tinygrad_mlp.drawing.picture import Picture
from tinygrad_mlp.drawing.printing import SCALE
from tinygrad_mlp.drawing.render import save_drawing
from tinygrad_mlp.drawing.sheet import SHEETS
from tinygrad_mlp.drawing.style import AUTO, COLORS, DIRECTIONS, LOCAL, SHOWN
from tinygrad_mlp.drawing.theme import THEMES
from tinygrad_mlp.errors import FileFormatError
from tinygrad_mlp.graphs.fold import MAXIMUM_NODES
from tinygrad_mlp.nn.network import Network
from tinygrad_mlp.nn.saving import read_array, weights_file

_ALL = ",".join((*SHOWN, LOCAL))


def add_parser(commands: Any) -> None:
    """Add the command to those of the program."""
    parser = commands.add_parser(
        "draw",
        help="draw the graph that a function returns, or a network",
        argument_default=argparse.SUPPRESS,  # what is not given is for save_drawing to choose
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=(
            "Draw a computation graph: every value that went into a result, and the operation\n"
            "that made it, from the inputs to the output.  After backward() each box has its\n"
            "gradient too: how much the output grows if that value grows a little."
        ),
        epilog=(
            "what can be drawn:\n"
            "  module:function  calls the function without arguments; it returns a Value, a list\n"
            "                   of Values, a Graph or a Network.  The module is looked for in the\n"
            "                   current folder first.\n"
            "  weights.npz      a trained network, as `tinygrad-mlp train` writes it\n\n"
            f"formats, by the end of the name; a network's are {', '.join(Picture.ENDS)}:\n"
            f"{_formats()}\n"
            "examples:\n"
            "  tinygrad-mlp draw tinygrad_mlp.commands:small_graph loss.svg\n"
            "  tinygrad-mlp draw tinygrad_mlp.commands:small_graph layers.svg --depth 1\n"
            "  tinygrad-mlp draw mymodel:loss loss.svg --show label,op,value,grad,local\n"
            "  tinygrad-mlp draw out/weights.npz network.svg"
        ),
    )
    add = parser.add_argument
    add("source", metavar="SOURCE", help="module:function, or a file of weights")
    add("path", type=_path, metavar="FILE", help="where to write, in a folder that exists")
    add = parser.add_argument_group("how a graph is drawn").add_argument
    add("--direction", choices=[AUTO, *DIRECTIONS], help="where arrows point (default: auto)")
    add("--page", choices=list(SHEETS), help="what the drawing must fit on")
    add("--digits", type=at_least(1), metavar="N", help="significant digits of each number")
    add("--compact", action="store_true", help="operations in the heads of their results")
    add("--show", type=_parts, metavar="PARTS", help=f"any of {_ALL}")
    add("--depth", type=at_least(1), metavar="N", help="1 draws each layer as one box")
    add("--expand", type=_names, metavar="NAMES", help="boxes that stay open")
    add("--unroll", action="store_true", help="every turn of a loop by itself")
    add("--highlight", type=_names, metavar="NAMES", help="labels that stand out")
    add("--color", choices=COLORS, help="what the fill of a box tells (default: role)")
    add("--legend", action="store_true", help="tell below the drawing what its colours mean")
    add("--max-nodes", type=at_least(1), metavar="N", help=f"fold larger ones ({MAXIMUM_NODES})")
    add("--theme", choices=list(THEMES), help="(default: light)")
    add("--layout", choices=LAYOUTS, help="(default: builtin)")
    add("--scale", type=float, metavar="S", help=f"pixels of a PNG for each of the SVG ({SCALE:g})")
    add("--dpi", type=float, metavar="N", help="or pixels for each inch of paper, such as 300")


def draw(options: argparse.Namespace) -> int:
    """Draw as the options say, and return the exit code."""
    look = dict(vars(options))
    for name in ("command", "source", "path"):
        del look[name]
    thing = _loaded(options.source)
    try:
        _save(thing, options.path, look)
    except ValueError as error:  # a box that does not exist, a format that does not fit
        raise argparse.ArgumentError(None, str(error)) from None
    print(f"wrote {options.path}")
    return 0


def _save(thing: Any, path: str, look: dict[str, Any]) -> None:
    picture = draw_network(thing) if isinstance(thing, Network) else thing
    if not isinstance(picture, Picture):
        save_drawing(thing, path, **look)
        return
    size = {name: look.pop(name) for name in ("scale", "dpi") if name in look}
    if look:
        given = ", ".join(f"--{name.replace('_', '-')}" for name in look)
        raise ValueError(f"{given} is for graphs; the picture of a network has one look")
    picture.save(path, **size)


def _loaded(source: str) -> Any:
    """Return what a source names: what a function returns, or the picture of a network."""
    if source.endswith(".npz"):
        if not Path(source).is_file():
            raise argparse.ArgumentError(None, f"there is no file {source}")
        return _network_of_weights(Path(source))
    module, _, name = source.partition(":")
    if not (name.isidentifier() and all(part.isidentifier() for part in module.split("."))):
        raise argparse.ArgumentError(
            None,
            "SOURCE must be module:function, such as tinygrad_mlp.commands:small_graph, or a file "
            f"that ends with .npz, got {source!r:.80}",
        )
    sys.path.insert(0, "")  # the current folder, as for `python -m`
    try:
        return _function(module, name)()
    except argparse.ArgumentError:
        raise
    except Exception as error:
        raise RuntimeError(f"{source} failed with {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove("")


def _function(module: str, name: str) -> Any:
    """Return a function of a module that is there, or say what there is."""
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # it is there, and imports what is not
        raise argparse.ArgumentError(
            None, f"there is no module {error.name}, neither installed nor in this folder"
        ) from None
    function = getattr(found, name, None)
    if not callable(function):
        here = [key for key, thing in vars(found).items() if callable(thing)]
        own = [key for key in here if getattr(vars(found)[key], "__module__", None) == module]
        there = f"it has {', '.join(own)}" if own else "it has none"
        raise argparse.ArgumentError(None, f"{module} has no function {name}; {there}"[:400])
    return function


def _network_of_weights(path: Path) -> Picture:
    """Return the picture of a saved network; its file does not tell the activations."""
    with weights_file(path) as archive:
        names = [name.removesuffix(".npy") for name in archive.namelist()]
        arrays = [read_array(archive, name) for name in names]
    weights, biases = arrays[::2], [bias.ravel() for bias in arrays[1::2]]
    pairs = len(weights) == len(biases) > 0
    if not pairs or any(matrix.ndim != 2 for matrix in weights):
        raise FileFormatError(f"{path} has no matrices and biases by turns, as save_weights writes")
    if strange := [array.dtype for array in arrays if array.dtype.kind not in "fiu"]:
        raise FileFormatError(
            f"{path} has an array of dtype {strange[0]}; weights are real numbers"
        )
    sizes = [len(weights[0]), *(matrix.shape[1] for matrix in weights)]
    return Picture(network_svg(sizes, [""] * len(weights), weights, biases))


# ----- Options -----


def _formats() -> str:
    """Return lines that say what each format of a graph's drawing needs."""
    ends: dict[str, str] = {}
    for suffix, kind in FORMATS.items():
        ends[kind.needs] = f"{ends.get(kind.needs, '')} {suffix}"
    width = max(map(len, ends.values()))
    return "".join(f" {suffixes:{width}}  {needs}\n" for needs, suffixes in ends.items())


def _path(text: str) -> str:
    try:
        suffix_of(text)  # before the function runs, which may take long
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def _parts(text: str) -> tuple[str, ...]:
    names = _names(text)
    if unknown := set(names) - {*SHOWN, LOCAL}:
        raise argparse.ArgumentTypeError(f"wanted any of {_ALL}, got {min(unknown)!r:.80}")
    return names


def at_least(minimum: int) -> Callable[[str], int]:
    """Return what reads a whole number from an option.

    >>> at_least(1)("64")
    64
    """

    def whole(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 100 else -1
        if number < minimum:
            raise argparse.ArgumentTypeError(
                f"wanted a whole number from {minimum}, got {text!r:.80}"
            )
        return number

    return whole
