"""A network as a table: what each layer takes, gives and learns."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tinygrad_mlp.nn.layer import Layer
from tinygrad_mlp.nn.stack import Stack, parts_of

_HEAD = ("layer", "what it is", "rows in", "rows out", "learned", "parameters")


def summary(layers: Sequence[Layer]) -> str:
    """Return a table with a line for each layer, and the sum of what is learned.

    Parameters
    ----------
    layers : sequence of Layer
        In a row, as in a network.  What a layer learns counts once, wherever it is used.

    Returns
    -------
    str
        n is the number of samples, ? a length that nobody knows before the first of them.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> network = tg.Network()
    >>> network.add(tg.FullyConnectedLayer(64, 10, rng=0))
    >>> network.add(tg.ActivationLayer("softmax"))
    >>> print(network.summary())
    layer     what it is                   rows in  rows out  learned                  parameters
    ─────────────────────────────────────────────────────────────────────────────────────────────
    layer1    FullyConnectedLayer(64, 10)  (n, 64)  (n, 10)   W1 (64, 10), b1 (1, 10)         650
    layer2    ActivationLayer('softmax')   (n, 10)  (n, 10)                                     0
    ─────────────────────────────────────────────────────────────────────────────────────────────
    2 layers                                                                                  650
    """
    rows = []
    total = 0
    width: int | None = None
    met: set[Layer] = set()
    for path, layer in parts_of(layers):
        came = width if layer.input_size is None else layer.input_size
        after = came if layer.output_size is None else layer.output_size
        if isinstance(layer, Stack):  # its layers follow
            kind = f"{type(layer).__name__}, of {_number(len(layer.layers))}"
            rows.append((path, kind, _row(came), _row(after), "", ""))
            continue
        width = after
        learned = layer.parameters()
        count = 0 if layer in met else sum(math.prod(parameter.shape) for parameter in learned)
        met.add(layer)
        total += count
        names = ", ".join(f"{p.label or 'parameter'} {p.shape}" for p in learned)
        rows.append((path, repr(layer), _row(came), _row(width), names, f"{count:,}"))
    number = _number(len(layers))
    foot = (number, "", "", "", "", f"{total:,}")
    widths = [max(map(len, column)) for column in zip(_HEAD, *rows, foot, strict=True)]
    line = "─" * (sum(widths) + 2 * (len(widths) - 1))
    return "\n".join(
        [
            _line(_HEAD, widths),
            line,
            *(_line(row, widths) for row in rows),
            line,
            _line(foot, widths),
        ]
    )


def _number(count: int) -> str:
    return f"{count} layer" + "s" * (count != 1)


def _row(width: int | None) -> str:
    return f"(n, {'?' if width is None else width})"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    *words, number = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    return "  ".join([*words, number.rstrip().rjust(widths[-1])]).rstrip()
