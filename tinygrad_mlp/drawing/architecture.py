"""The classic picture of a multilayer perceptron: columns of circles, and lines between them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.svg import SANS_FONTS, document, text
from tinygrad_mlp.drawing.svg import coordinate as _f
from tinygrad_mlp.drawing.theme import Look

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

#: Circles of one layer that are drawn; where there are more, dots stand for those in the middle.
MAXIMUM_CIRCLES = 12

_RADIUS = 11.0
_DISTANCE = 30.0
_COLUMN_GAP = 190.0
_MARGIN = 90.0
_TOP = 24.0
_POSITIVE, _NEGATIVE, _UNKNOWN = "#1f6fb4", "#d9730d", "#b5b5b5"


def network_svg(
    sizes: Sequence[int],
    activations: Sequence[str],
    weights: Sequence[Any] | None = None,
) -> str:
    """Return a picture of a multilayer perceptron.

    Parameters
    ----------
    sizes : sequence of int
        Number of inputs, then the number of units of every layer.
    activations : sequence of str
        A name for every layer but the inputs, such as ``"sigmoid"``.
    weights : sequence of array_like, optional
        One matrix of shape (inputs, outputs) for every layer.  Positive weights are blue,
        negative ones orange, and the thickest is the largest of its layer.  Without them the
        lines are grey.

    Returns
    -------
    str
        A complete SVG document, the same in every process.

    Raises
    ------
    ValueError
        If there are fewer than two sizes, one that is not a positive whole number, or if
        activations or weights do not fit the sizes.

    Examples
    --------
    >>> network_svg([2, 3, 1], ["sigmoid", "sigmoid"])[:4]
    '<svg'
    """
    _check(sizes, activations)
    matrices = None if weights is None else _checked_weights(sizes, weights)
    shown = [_shown(size) for size in sizes]
    rows = max(map(len, shown))
    middle = _TOP + _RADIUS + _DISTANCE * (rows - 1) / 2
    bottom = middle * 2 - _TOP
    columns = [_MARGIN + _COLUMN_GAP * place for place in range(len(sizes))]
    heights = [
        [middle + _DISTANCE * (row - (len(units) - 1) / 2) for row in range(len(units))]
        for units in shown
    ]
    lines = []
    for layer in range(len(sizes) - 1):
        sources = list(zip(shown[layer], heights[layer], strict=True))
        targets = list(zip(shown[layer + 1], heights[layer + 1], strict=True))
        lines += _edges(columns[layer], sources, targets, matrices and matrices[layer])
    captions = [f"{sizes[0]} input" + "s" * (sizes[0] != 1)]
    captions += [
        f"{size} {style.readable(name, 16)}"
        for size, name in zip(sizes[1:], activations, strict=True)
    ]
    for layer, (x, caption) in enumerate(zip(columns, captions, strict=True)):
        look = style.LOOKS["op" if layer else "input"]
        for unit, y in zip(shown[layer], heights[layer], strict=True):
            lines += _circle(x, y, look) if unit is not None else _dots(x, y)
        lines.append(
            text(x, bottom + 30, caption, text_anchor="middle", font_weight="bold", fill=style.INK)
        )
    for layer, (inputs, outputs) in enumerate(zip(sizes, sizes[1:], strict=False)):
        x = columns[layer] + _COLUMN_GAP / 2
        parameters = f"{inputs * outputs + outputs:,} parameters"
        lines.append(text(x, bottom + 50, parameters, text_anchor="middle", fill=style.QUIET_INK))
    page = (0.0, 0.0, columns[-1] + _MARGIN, bottom + 66)
    title = "Multilayer perceptron: " + ", ".join(captions)
    return document(page, title, lines, fonts=SANS_FONTS)


def _check(sizes: Sequence[int], activations: Sequence[str]) -> None:
    if len(sizes) < 2:
        raise ValueError(
            f"network_svg: sizes must name two layers or more, got {list(sizes)!r:.80}"
        )
    for size in sizes:
        if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
            raise ValueError(f"network_svg: sizes must be positive whole numbers, got {size!r:.80}")
    if isinstance(activations, str) or len(activations) != len(sizes) - 1:
        raise ValueError(
            f"network_svg: activations must be {len(sizes) - 1} names, one for each layer but the "
            f"inputs, got {activations!r:.80}"
        )


def _checked_weights(sizes: Sequence[int], weights: Sequence[Any]) -> list[Any]:
    matrices = [np.asarray(matrix, dtype=float) for matrix in weights]
    shapes = [matrix.shape for matrix in matrices]
    wanted = list(zip(sizes, sizes[1:], strict=False))
    if shapes != wanted:
        raise ValueError(f"network_svg: weights must have shapes {wanted}, got {shapes!r:.200}")
    return matrices


def _shown(size: int) -> list[int | None]:
    """Return the units to draw from top to bottom, None for the dots between them."""
    if size <= MAXIMUM_CIRCLES:
        return list(range(size))
    half = MAXIMUM_CIRCLES // 2
    return [*range(half), None, *range(size - half, size)]


def _edges(
    left: float,
    sources: list[tuple[int | None, float]],
    targets: list[tuple[int | None, float]],
    matrix: Any,
) -> list[str]:
    """Return the lines between two columns, the strongest in front."""
    largest = 0.0
    if matrix is not None:
        finite = np.abs(matrix[np.isfinite(matrix)])
        largest = float(finite.max(initial=0.0))
    lines = []
    for i, y0 in sources:
        for j, y1 in targets:
            if i is None or j is None:
                continue
            weight = math.nan if matrix is None else float(matrix[i, j])
            strength = abs(weight) / largest if largest and math.isfinite(weight) else 0.0
            colour = _UNKNOWN if not strength else _POSITIVE if weight > 0 else _NEGATIVE
            width = 1.0 if matrix is None else 0.5 + 2.5 * strength
            path = f"M{_f(left)},{_f(y0)}L{_f(left + _COLUMN_GAP)},{_f(y1)}"
            look = f'stroke="{colour}" stroke-width="{width:.2f}"'
            fade = f'stroke-opacity="{0.35 + 0.6 * strength:.2f}"'
            lines.append((strength, f'<path d="{path}" {look} {fade}/>'))
    return [line for _, line in sorted(lines, key=lambda pair: pair[0])]


def _circle(x: float, y: float, look: Look) -> list[str]:
    place = f'cx="{_f(x)}" cy="{_f(y)}" r="{_f(_RADIUS)}"'
    return [f'<circle {place} fill="{look.fill}" stroke="{look.border}" stroke-width="1.5"/>']


def _dots(x: float, y: float) -> list[str]:
    return [
        f'<circle cx="{_f(x)}" cy="{_f(y + step)}" r="1.8" fill="{style.INK}"/>'
        for step in (-7.0, 0.0, 7.0)
    ]
