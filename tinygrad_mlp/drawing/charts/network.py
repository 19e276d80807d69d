"""The classic picture of a multilayer perceptron: columns of circles, and lines between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinygrad_mlp._support.display import summarize
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.drawing import style
from tinygrad_mlp.drawing.charts import neurons
from tinygrad_mlp.drawing.picture import Picture
from tinygrad_mlp.drawing.svg import SANS_FONTS, document, text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_DISTANCE = 30.0
_COLUMN_GAP = 190.0
_MARGIN = 90.0
_TOP = 24.0


def draw_network(network: Any) -> Picture:
    """Return the picture of a network: neurons as circles, weights as lines.

    Blue lines are positive weights, dashed orange ones negative; the thickest is the largest of
    its layer.  The ring of a circle tells its bias in the same way.  A layer of one's own is drawn
    so too if its ``weights`` are a matrix of shape (inputs, outputs); of any other there is the
    name.

    Parameters
    ----------
    network : Network
        With one fully connected layer or more.

    Returns
    -------
    Picture
        Notebooks show it; ``.save("network.svg")`` writes it, and ``.svg`` is its text.

    Raises
    ------
    TypeError
        If it has no layers.
    ValueError
        If none of them has weights.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> network = tg.Network()
    >>> network.add(tg.FullyConnectedLayer(2, 3, rng=0))
    >>> network.add(tg.ActivationLayer("sigmoid"))
    >>> picture = draw_network(network)
    >>> "3 sigmoid" in picture.svg
    True
    """
    layers = getattr(network, "layers", None)
    if not isinstance(layers, list):
        raise TypeError(
            f"draw_network: network must be a tg.Network, got {type(network).__name__}; "
            "tg.draw draws Values"
        )
    sizes: list[int] = []
    weights: list[Any] = []
    biases: list[Any] = []
    names: list[list[str]] = [[]]  # what happens to the inputs, then to each column of units
    for layer in layers:
        matrix = _numbers(getattr(layer, "weights", None))
        if matrix is None or matrix.ndim != 2 or not matrix.size:
            names[-1].append(_name(layer))
            continue
        inputs, outputs = matrix.shape
        if sizes and sizes[-1] != inputs:  # a layer before it has made other units, unknown how
            sizes.append(inputs)
            weights.append(None)
            biases.append(None)
            names.append([])
        bias = _numbers(getattr(layer, "bias", None))
        sizes += [outputs] if sizes else [inputs, outputs]
        weights.append(matrix)
        biases.append(bias if bias is not None and bias.size == outputs else None)
        names.append([])
    before, *activations = (", ".join(called) for called in names)
    if weights:
        return Picture(network_svg(sizes, activations, weights, biases, before=before))
    if not any(hasattr(layer, "weights") for layer in layers):
        raise ValueError(
            "draw_network: this network has no layer with weights; add a "
            "tg.FullyConnectedLayer(inputs, outputs) first"
        )
    name = style.readable(before)
    page = (0.0, 0.0, style.text_width(name) + 2 * _TOP, 2 * _TOP)
    lines = [text(_TOP, _TOP + 4, name, fill=style.INK)]
    return Picture(document(page, before, lines, fonts=SANS_FONTS))


def _numbers(found: Any) -> Any:
    """Return the real numbers that a layer of one's own may have somewhere, or None."""
    try:
        array = np.asarray(found.numpy() if isinstance(found, Value) else found)
    except (TypeError, ValueError):
        return None
    return array if array.dtype.kind in "fiub" else None


def _name(layer: Any) -> str:
    activation = getattr(layer, "activation", None)
    return activation if isinstance(activation, str) else type(layer).__name__


def network_svg(
    sizes: Sequence[int],
    activations: Sequence[str],
    weights: Sequence[Any | None] | None = None,
    biases: Sequence[Any | None] | None = None,
    *,
    before: str = "",
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
    shown = [neurons.shown_units(size) for size in sizes]
    middle = _TOP + neurons.RADIUS + _DISTANCE * (max(map(len, shown)) - 1) / 2
    bottom = middle * 2 - _TOP
    columns = [
        neurons.Column(
            _MARGIN + _COLUMN_GAP * place,
            [middle + _DISTANCE * (row - (len(units) - 1) / 2) for row in range(len(units))],
            units,
        )
        for place, units in enumerate(shown)
    ]
    lines: list[str] = []
    for layer, (left, right) in enumerate(zip(columns, columns[1:], strict=False)):
        lines += neurons.edges(left, right, matrices and matrices[layer])
    for layer, column in enumerate(columns):
        lines += neurons.circles(column, layer, rings[layer - 1] if rings and layer else None)
    lines += neurons.unit_names(columns[0], "x", "end")
    lines += neurons.unit_names(columns[-1], "ŷ", "start")
    captions = _captions(sizes, [before, *activations])
    for column, caption in zip(columns, captions, strict=True):
        bold = {"text_anchor": "middle", "font_weight": "bold", "fill": style.INK}
        lines.append(text(column.x, bottom + 30, caption, **bold))
    quiet = {"text_anchor": "middle", "fill": style.QUIET_INK}
    for layer, (inputs, outputs) in enumerate(wanted):
        x = columns[layer].x + _COLUMN_GAP / 2
        if matrices and matrices[layer] is None:
            continue
        count = inputs * outputs + (outputs if rings is None or rings[layer] is not None else 0)
        lines.append(text(x, bottom + 50, f"{count:,} parameter{'s' * (count != 1)}", **quiet))
        if matrices:
            largest = summarize(np.float64(f"{neurons.largest_of(matrices[layer]):.3g}"))
            lines.append(text(x, bottom + 66, f"|w| ≤ {largest}", **quiet))
    bottom += 66 if matrices is None else 82
    if matrices:
        lines += neurons.legend(bottom, with_biases=rings is not None)
        bottom += neurons.LEGEND_ROW * (3 if rings else 2) + 8
    page = (0.0, 0.0, columns[-1].x + _MARGIN, bottom)
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
    plural = "s" * (sizes[0] != 1)
    captions = [f"{sizes[0]:,} input{plural}"]
    if names[0]:
        captions[0] += f", {style.readable(names[0], 16)}"
    for size, name in zip(sizes[1:], names[1:], strict=True):
        kind = style.readable(name, 20) if name else "unit" + "s" * (size != 1)
        captions.append(f"{size:,} {kind}")
    return captions
