"""The classic picture of a multilayer perceptron: columns of circles, and lines between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinygrad_mlp._support.display import counted
from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.charts import neurons, numbers
from tinygrad_mlp.drawing.charts.columns import columns_of
from tinygrad_mlp.drawing.picture import Picture
from tinygrad_mlp.drawing.svg import SANS_FONTS, document, text
from tinygrad_mlp.drawing.theme import THEMES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tinygrad_mlp.drawing.theme import Theme

_DISTANCE = 30.0
_COLUMN_GAP = 190.0
_MARGIN = 90.0
_TOP = 24.0
# Where numbers are written: between circles, between columns, and below the lowest circle.
_APART, _WIDE_GAP, _BELOW = 96.0, 300.0, 24.0


def draw_network(
    network: Any,
    *,
    values: Any = None,
    weights: bool = False,
    gradients: bool = False,
    theme: str = "light",
) -> Picture:
    """Return the picture of a network: neurons as circles, weights as lines.

    Blue lines are positive weights, dashed orange ones negative; the thickest is the largest of
    its layer.  The ring of a circle tells its bias in the same way.  A layer of one's own is drawn
    so too if its ``weights`` are a matrix of shape (inputs, outputs); of any other there is the
    name.  Of more than 12 neurons in a layer the picture says how many it leaves out.

    Parameters
    ----------
    network : Network
        With one fully connected layer or more.
    values : array_like, shape (inputs,) or (1, inputs), optional
        A sample; what each neuron makes of it is written into its circle.
    weights : bool
        Write the weights on the lines, as far as they fit, and the biases below the circles.
    gradients : bool
        Write the gradients below the weights and the biases: those that ``backward`` of a Value
        has left, or else the sums that ``layer.backward`` has collected.
    theme : str
        ``"light"``, ``"dark"`` or ``"print"``.

    Returns
    -------
    Picture
        Notebooks show it; ``.save("network.svg")`` writes it, and ``.svg`` is its text.

    Raises
    ------
    TypeError
        If it has no layers.
    ValueError
        If none of them has weights, ``values`` are no single sample, no gradient was computed, or
        there is no such theme.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> network = tg.Network()
    >>> network.add(tg.FullyConnectedLayer(2, 3, rng=0))
    >>> network.add(tg.ActivationLayer("sigmoid"))
    >>> picture = draw_network(network, values=[0.5, 1.0], weights=True)
    >>> "3 sigmoid" in picture.svg
    True
    """
    layers = getattr(network, "layers", None)
    if not isinstance(layers, list):
        raise TypeError(
            f"draw_network: network must be a tg.Network, got {type(network).__name__}; "
            "tg.draw draws Values, and an estimator has a network_"
        )
    chosen = style.checked(theme=theme).theme
    found = columns_of(layers, None if values is None else _sample(values), gradients=gradients)
    before, *activations = (", ".join(called) for called in found.names)
    if found.weights:
        drawn = network_svg(
            found.sizes,
            activations,
            found.weights,
            found.biases,
            before=before,
            values=found.values,
            gradients=found.gradients,
            written=weights or gradients,
            theme=chosen,
        )
        return Picture(drawn)
    if not any(hasattr(layer, "weights") for layer in layers):
        raise ValueError(
            "draw_network: this network has no layer with weights; add a "
            "tg.FullyConnectedLayer(inputs, outputs) first"
        )
    name = style.readable(before)
    page = (0.0, 0.0, style.text_width(name) + 2 * _TOP, 2 * _TOP)
    lines = [text(_TOP, _TOP + 4, name, fill=chosen.ink)]
    return Picture(document(page, before, lines, fonts=SANS_FONTS, page=chosen.page))


def _sample(values: Any) -> Any:
    """Return one sample as a row."""
    sample = as_numbers(values.numpy() if isinstance(values, Value) else values, "values")
    if sample.ndim == 0 or sample.ndim > 2 or (sample.ndim == 2 and len(sample) != 1):
        raise ValueError(
            "draw_network: values must be one sample, of shape (inputs,) or (1, inputs), got shape "
            f"{sample.shape}"
        )
    return sample.reshape(1, -1)


def network_svg(
    sizes: Sequence[int],
    activations: Sequence[str],
    weights: Sequence[Any | None] | None = None,
    biases: Sequence[Any | None] | None = None,
    *,
    before: str = "",
    values: Sequence[Any | None] | None = None,
    gradients: Sequence[tuple[Any | None, Any | None]] | None = None,
    written: bool = False,
    theme: Theme = THEMES["light"],
) -> str:
    """Return a picture of a multilayer perceptron.

    Parameters
    ----------
    sizes : sequence of int
        Number of inputs, then the number of units of every layer.
    activations : sequence of str
        A name for every layer but the inputs, such as ``"sigmoid"``; ``""`` where there is none.
    weights : sequence of array_like, optional
        One matrix of shape (inputs, outputs) for every layer.  Positive weights are blue,
        negative ones orange and dashed, and the thickest is the largest of its layer.  Without
        them, and for a layer that has None, the lines are grey.
    biases : sequence of array_like, optional
        As many numbers for every layer as it has units; drawn as the rings of the circles.  None
        for a layer that has none.
    before : str
        What happens to the inputs first, if anything.
    values : sequence of array_like, optional
        For each column, the inputs too, the numbers in its circles, or None.
    gradients : sequence of pairs of array_like, optional
        For each layer the gradients by its weights and by its biases, or None for what has none.
    written : bool
        Write weights, biases and gradients, as far as they fit.
    theme : Theme
        Its colours.

    Returns
    -------
    str
        A complete SVG document, the same in every process.

    Raises
    ------
    ValueError
        If there are fewer than two sizes, one that is not a positive whole number, or if
        activations, weights or biases do not fit the sizes.

    Examples
    --------
    >>> network_svg([2, 3, 1], ["sigmoid", "sigmoid"])[:4]
    '<svg'
    """
    _check(sizes, activations)
    wanted = list(zip(sizes, sizes[1:], strict=False))
    matrices = None if weights is None else _checked("weights", weights, wanted)
    rings = None if biases is None else _checked("biases", biases, [(n,) for n in sizes[1:]])
    labelled = [
        written and matrix is not None and numbers.fits(*pair)
        for matrix, pair in zip(matrices or [None] * len(wanted), wanted, strict=True)
    ]
    apart = any(labelled)
    columns, radius = _columns(sizes, large=values is not None or apart, apart=apart)
    bottom = max(height for column in columns for height in column.heights) + radius
    bottom += _BELOW * apart
    pairs = list(zip(columns, columns[1:], strict=False))
    lines: list[str] = []
    for layer, (left, right) in enumerate(pairs):
        lines += neurons.edges(left, right, matrices and matrices[layer], theme)
    slopes = gradients or [(None, None)] * len(pairs)
    for layer, pair in enumerate(pairs):
        if matrices and labelled[layer]:
            lines += numbers.on_lines(*pair, matrices[layer], slopes[layer][0], theme)
    for layer, column in enumerate(columns):
        own = rings[layer - 1] if rings and layer else None
        lines += neurons.circles(column, layer, own, theme, radius)
        if values is not None and values[layer] is not None:
            lines += numbers.in_circles(column, values[layer], theme)
        if own is not None and apart:
            lines += numbers.below_circles(column, radius, own, slopes[layer - 1][1], theme)
    lines += neurons.unit_names(columns[0], "x", "end", theme, radius)
    lines += neurons.unit_names(columns[-1], "ŷ", "start", theme, radius)
    captions = _captions(sizes, [before, *activations])
    quiet = {"text_anchor": "middle", "fill": theme.quiet_ink}
    bold = {"text_anchor": "middle", "font_weight": "bold", "fill": theme.ink}
    for column, caption, size in zip(columns, captions, sizes, strict=True):
        lines.append(text(column.x, bottom + 30, caption, **bold))
        if missing := neurons.left_out(size):
            lines.append(text(column.x, bottom + 46, missing, **quiet))
    bottom += 16 * any(map(neurons.left_out, sizes))
    for layer, pair in enumerate(pairs):
        if matrices and matrices[layer] is None:
            continue
        told = _told(*wanted[layer], matrices and matrices[layer], rings is None or rings[layer])
        told += ["too many to write"] * (written and not labelled[layer])
        x = (pair[0].x + pair[1].x) / 2
        lines += [text(x, bottom + 50 + 16 * row, part, **quiet) for row, part in enumerate(told)]
    bottom += 66 if matrices is None else 82
    bottom += 16 * (written and not all(labelled))
    if matrices:
        lines += neurons.legend(bottom, theme, with_biases=rings is not None)
        bottom += neurons.LEGEND_ROW * (3 if rings else 2) + 8
    page = (0.0, 0.0, columns[-1].x + _MARGIN, bottom)
    title = "Multilayer perceptron: " + ", ".join(captions)
    return document(page, title, lines, fonts=SANS_FONTS, page=theme.page)


def _told(inputs: int, outputs: int, matrix: Any, biases: Any) -> list[str]:
    """Return what stands below the lines of a layer."""
    count = inputs * outputs + outputs * (biases is not None)
    told = [counted(count, "parameter")]
    return told if matrix is None else [*told, f"|w| ≤ {numbers.short(neurons.largest_of(matrix))}"]


def _columns(
    sizes: Sequence[int], *, large: bool, apart: bool
) -> tuple[list[neurons.Column], float]:
    """Return the columns in their places, and the radius of their circles."""
    radius = neurons.LARGE_RADIUS if large else neurons.RADIUS
    distance = (_APART if apart else 2 * radius + 10) if large else _DISTANCE
    gap = _WIDE_GAP if apart else _COLUMN_GAP
    shown = [neurons.shown_units(size) for size in sizes]
    middle = _TOP + radius + distance * (max(map(len, shown)) - 1) / 2
    columns = [
        neurons.Column(
            _MARGIN + gap * place,
            [middle + distance * (row - (len(units) - 1) / 2) for row in range(len(units))],
            units,
        )
        for place, units in enumerate(shown)
    ]
    return columns, radius


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


def _checked(name: str, given: Sequence[Any], wanted: Sequence[tuple[int, ...]]) -> list[Any]:
    """Return weights or biases as arrays; a bias may be a row."""
    arrays = [None if one is None else np.asarray(one, dtype=float) for one in given]
    if name == "biases":
        arrays = [None if one is None else one.reshape(-1) for one in arrays]
    shapes = [None if one is None else one.shape for one in arrays]
    if len(shapes) != len(wanted) or any(
        shape not in (None, fitting) for shape, fitting in zip(shapes, wanted, strict=True)
    ):
        raise ValueError(f"network_svg: {name} must have shapes {wanted}, got {shapes!r:.200}")
    return arrays


def _captions(sizes: Sequence[int], names: list[str]) -> list[str]:
    """Return what stands under each column."""
    first = counted(sizes[0], "input") + (f", {style.readable(names[0], 16)}" if names[0] else "")
    pairs = zip(sizes[1:], names[1:], strict=True)
    units = [f"{n:,} {style.readable(x, 20)}" if x else counted(n, "unit") for n, x in pairs]
    return [first, *units]
