"""A network as a table: what each layer takes, gives and learns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tinygrad_mlp.nn.layer import Layer

_HEAD = ("layer", "what it is", "rows in", "rows out", "learned", "parameters")


def summary(layers: Sequence[Layer]) -> str:
    """Return a table with a line for each layer, and the sum of what is learned.

    Parameters
    ----------
    layers : sequence of Layer
        In a row, as in a network.

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
    for layer in layers:
        came = width if layer.input_size is None else layer.input_size
        width = came if layer.output_size is None else layer.output_size
        learned = layer.parameters()
        count = sum(math.prod(parameter.shape) for parameter in learned)
        total += count
        names = ", ".join(f"{p.label or 'parameter'} {p.shape}" for p in learned)
        rows.append((layer.name, repr(layer), _row(came), _row(width), names, f"{count:,}"))
    number = f"{len(rows)} layer" + "s" * (len(rows) != 1)
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


def _row(width: int | None) -> str:
    return f"(n, {'?' if width is None else width})"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    *words, number = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    return "  ".join([*words, number.rstrip().rjust(widths[-1])])
