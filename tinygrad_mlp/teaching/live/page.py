"""``save_page``: one file in which a function is played with, in any browser, without Python."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.files import write_whole
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.drawing.page.document import base_sheet, put_together, text_beside
from tinygrad_mlp.drawing.picture import checked_suffix, checked_title
from tinygrad_mlp.programs.writing.javascript.text import array, text_of
from tinygrad_mlp.teaching.live.contents import contents
from tinygrad_mlp.teaching.live.picture import picture
from tinygrad_mlp.teaching.live.recording import LARGEST_EDITED, recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tinygrad_mlp.programs.writing.printing import Source
    from tinygrad_mlp.teaching.live.contents import Range

FORMAT = "tinygrad_mlp live page 1"
#: A page of more nodes could not be read, and would not be quick.
MAXIMUM_NODES = 300
#: The scripts of a page, each of which uses those before it.
SCRIPTS = ("numbers.js", "state.js", "controls.js", "graph.js", "curves.js", "plane.js", "main.js")


def save_page(
    f: Callable[..., Any],
    path: str | os.PathLike[str],
    *,
    inputs: Mapping[str, Any],
    ranges: Mapping[str, Range] | None = None,
    title: str | None = None,
) -> None:
    r"""Write a page on which you move the inputs of a function, and see what follows.

    The page draws the graph with all values and gradients $\partial f / \partial v$, tells
    backpropagation step by step, and draws f and its derivative as curves, and as a map over two of
    the numbers.  It computes by itself, from the JavaScript that ``source`` prints: one file that
    opens in any browser, without Python and without a network.

    Parameters
    ----------
    f : callable
        Takes the inputs by name, and returns one number.  What it refers to, such as the weights
        of a network, can be changed in the page too.
    path : str or path
        Where to write, in a folder that exists; the name ends with ``.html``.
    inputs : dict of str to numbers or array_likes
        The names of the arguments, and what they are at first; of up to 64 numbers each.
    ranges : dict of str to (low, high), optional
        From where to where sliders, curves and maps go; by default a range around the number.
    title : str, optional
        The heading; by default the names of the function and of its arguments.

    Raises
    ------
    TraceError
        If the function looks at numbers; choose with ``tg.where``.
    ValueError
        If JavaScript has no word for an operation, see the table of operations; if a name, number
        or range cannot be; if the graph has more than 300 nodes.
    TypeError, GraphError
        If f does not return a Value with one number.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import tinygrad_mlp as tg
    >>> path = pathlib.Path(tempfile.mkdtemp(), "wave.html")
    >>> save_page(lambda x: tg.sin(x) * x, path, inputs={"x": 2.0}, ranges={"x": (-9, 9)})
    >>> path.exists()
    True
    """
    checked_suffix("save_page", path, [".html"], ".html")
    if not callable(f):
        raise TypeError(f"save_page: f must be a function, got {type(f).__name__} {f!r:.80}")
    given = _checked_inputs(inputs)
    _check_names(f, given)
    heading = None if title is None else checked_title("save_page", title)
    document = page_of(f, given, _checked_ranges(ranges or {}, given), heading)
    write_whole(path, document.encode())


def page_of(
    f: Callable[..., Any],
    inputs: Mapping[str, Any],
    ranges: Mapping[str, Range],
    title: str | None = None,
) -> str:
    """Return the HTML document; see ``save_page`` for the parameters.

    >>> page_of(lambda x: x * x, {"x": np.float64(3.0)}, {})[:15]
    '<!DOCTYPE html>'
    """
    page = recorded(f, inputs)
    if len(page.graph) > MAXIMUM_NODES:
        raise ValueError(
            f"save_page: the graph of f has {len(page.graph):,} nodes, more than {MAXIMUM_NODES}, "
            "which a page can show; take fewer steps, or larger ones such as tg.affine"
        )
    script = [_bound(page.everything), _bound(page.result), *map(_part, SCRIPTS)]
    data = contents(page, ranges)
    if title is not None:
        data["title"] = title
    return put_together(
        _part("live.html"),
        data,
        FORMAT,
        base_sheet() + _part("live.css"),
        "\n".join(script),
        picture=picture(page.graph),
    )


def _part(name: str) -> str:
    return text_beside(__file__, name)


def _bound(source: Source) -> str:
    """Return a printed function as a constant of the script; its constants are in it.

    Its comments go: scopes stand in them, which are a user's text.
    """
    text = re.sub(r"^\s*//.*\n", "", str(source), flags=re.MULTILINE)
    fixed = ", ".join(f"{name}: {text_of(array(x))}" for name, x in source.constants.items())
    call = f"(...given) => {source.name}(...given, {{ {fixed} }})" if fixed else source.name
    return f"const {source.name} = (() => {{\n{text}return {call};\n}})();\n"


# ----- What is given -----


def _checked_inputs(inputs: Any) -> dict[str, Any]:
    """Return the inputs as arrays of float64."""
    if not hasattr(inputs, "items") or not inputs:
        raise TypeError(
            f"save_page: inputs must be a dict of names and numbers, such as {{'x': 2.0}}, "
            f"got {inputs!r:.80}"
        )
    checked = {}
    for name, x in inputs.items():
        if not isinstance(name, str) or not name.isidentifier():
            raise ValueError(f"save_page: inputs must have names of arguments, got {name!r:.80}")
        numbers = x.numpy() if isinstance(x, Value) else x
        try:
            numbers = np.array(numbers, float)
        except (TypeError, ValueError):
            raise TypeError(
                f"save_page: inputs[{name!r}] must be a number or an array of them, got {x!r:.80}"
            ) from None
        if not 1 <= numbers.size <= LARGEST_EDITED:
            raise ValueError(
                f"save_page: inputs[{name!r}] must have 1 to {LARGEST_EDITED} numbers, got shape "
                f"{numbers.shape}; let f refer to what is larger"
            )
        if not np.isfinite(numbers).all():
            raise ValueError(f"save_page: inputs[{name!r}] must be finite, got {x!r:.80}")
        checked[name] = numbers[()]
    return checked


def _check_names(f: Callable[..., Any], inputs: Mapping[str, Any]) -> None:
    """Raise if the function cannot be called with these names."""
    from inspect import signature

    try:
        declared = signature(f)
    except (TypeError, ValueError):  # written in C
        return
    try:
        declared.bind(**inputs)
    except TypeError as error:
        raise TypeError(
            f"save_page: inputs must have the names of the arguments of f, which takes {declared}, "
            f"got {', '.join(inputs)}: {error}"
        ) from None


def _checked_ranges(ranges: Any, inputs: Mapping[str, Any]) -> dict[str, Range]:
    """Return the ranges as pairs of floats, with the numbers inside of them."""
    if not hasattr(ranges, "items"):
        raise TypeError(
            f"save_page: ranges must be a dict, such as {{'x': (-3, 3)}}, got {ranges!r:.80}"
        )
    checked = {}
    for name, given in ranges.items():
        if name not in inputs:
            raise ValueError(
                f"save_page: ranges has {name!r:.80}, which is none of the inputs "
                f"({', '.join(inputs)})"
            )
        try:
            low, high = map(float, given)
        except (TypeError, ValueError):
            low = high = np.nan
        if not (low < high and high - low < np.inf):
            raise ValueError(
                f"save_page: ranges[{name!r}] must be two numbers (low, high), low < high, not "
                f"further apart than floats go, got {given!r:.80}"
            )
        if np.min(inputs[name]) < low or np.max(inputs[name]) > high:
            raise ValueError(
                f"save_page: inputs[{name!r}] must be in its range ({low:g}, {high:g}), got "
                f"{inputs[name]!r:.80}"
            )
        checked[name] = low, high
    return checked
