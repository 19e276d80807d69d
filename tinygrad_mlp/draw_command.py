"""The command ``tinygrad-mlp draw``: the graph that a function returns, or a file of weights."""

from __future__ import annotations

import argparse
import importlib
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_mlp.drawing.architecture import draw_network, network_svg
from tinygrad_mlp.drawing.fold import MAXIMUM_NODES
from tinygrad_mlp.drawing.picture import Picture
from tinygrad_mlp.drawing.render import save_drawing, suffix_of
from tinygrad_mlp.drawing.style import DIRECTIONS, LOCAL, SHOWN
from tinygrad_mlp.drawing.theme import THEMES
from tinygrad_mlp.errors import FileFormatError
from tinygrad_mlp.nn.network import Network
from tinygrad_mlp.nn.saving import check_format


def add_parser(commands: Any) -> None:
    """Add the command to those of the program."""
    parser = commands.add_parser(
        "draw",
        help="draw the graph that a function returns, or a network",
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
            "formats, by the end of the name:\n"
            "  .svg .dot .gv .json .txt  always; networks are drawn as .svg\n"
            "  .png .pdf                 with Graphviz\n\n"
            "examples:\n"
            "  tinygrad-mlp draw tinygrad_mlp.cli:small_graph loss.svg\n"
            "  tinygrad-mlp draw tinygrad_mlp.cli:small_graph layers.svg --depth 1\n"
            "  tinygrad-mlp draw mymodel:loss loss.svg --show label,op,value,grad,local\n"
            "  tinygrad-mlp draw out/weights.npz network.svg"
        ),
    )
    add = parser.add_argument
    add("source", metavar="SOURCE", help="module:function, or a file of weights")
    add("path", metavar="FILE", help="where to write, in a folder that exists")
    add("--direction", default="LR", choices=DIRECTIONS, help="where arrows point (default: LR)")
    add("--show", type=_names, default=SHOWN, metavar="PARTS", help=f"any of {_all()}")
    add("--depth", type=_whole, metavar="N", help="1 draws each layer as one box")
    add("--expand", type=_names, default=(), metavar="NAMES", help="boxes that stay open")
    add("--highlight", type=_names, default=(), metavar="NAMES", help="labels that stand out")
    add("--max-nodes", type=_whole, default=MAXIMUM_NODES, metavar="N", help="fold what is larger")
    add("--theme", default="light", choices=list(THEMES), help="(default: light)")


def draw(options: argparse.Namespace) -> int:
    """Draw as the options say, and return the exit code."""
    suffix_of(options.path)  # before the function runs, which may take long
    thing = _loaded(options.source)
    if isinstance(thing, Network):
        thing = draw_network(thing)
    if isinstance(thing, Picture):
        thing.save(options.path)
    else:
        names = ("direction", "show", "depth", "expand", "highlight", "max_nodes", "theme")
        save_drawing(thing, options.path, **{name: getattr(options, name) for name in names})
    print(f"wrote {options.path}")
    return 0


def _loaded(source: str) -> Any:
    """Return what a source names: what a function returns, or the picture of a network."""
    if source.endswith(".npz"):
        return _network_of_weights(Path(source))
    module, _, name = source.partition(":")
    if not (name.isidentifier() and all(part.isidentifier() for part in module.split("."))):
        raise ValueError(
            f"SOURCE must be module:function, such as tinygrad_mlp.cli:small_graph, or a file "
            f"that ends with .npz, got {source!r:.80}"
        )
    sys.path.insert(0, "")  # the current folder, as for `python -m`
    try:
        return getattr(importlib.import_module(module), name)()
    except Exception as error:
        raise ValueError(f"{source} failed with {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove("")


def _network_of_weights(path: Path) -> Picture:
    """Return the picture of a saved network; its file does not tell the activations."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            check_format(archive, path)
            arrays = [
                np.lib.format.read_array(archive.open(name), allow_pickle=False)
                for name in archive.namelist()
            ]
    except FileFormatError:
        raise
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise FileFormatError(f"{path} is not a whole file of weights: {error}") from None
    weights, biases = arrays[::2], [bias.ravel() for bias in arrays[1::2]]
    if not weights or any(matrix.ndim != 2 for matrix in weights):
        raise FileFormatError(f"{path} has no matrices and biases by turns, as save_weights writes")
    sizes = [len(weights[0]), *(matrix.shape[1] for matrix in weights)]
    return Picture(network_svg(sizes, [""] * len(weights), weights, biases))


# ----- Options -----


def _all() -> str:
    return ",".join((*SHOWN, LOCAL))


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def _whole(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"wanted a whole number from 1, got {text!r:.80}")
    return number
