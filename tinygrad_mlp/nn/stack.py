"""Layers in a row, as one layer."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, overload

from tinygrad_mlp._support.structures import leaves
from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.nn.layer import Array, Layer, through
from tinygrad_mlp.nn.layers import way_in

if TYPE_CHECKING:
    from tinygrad_mlp.nn.training_pass import TrainingPass


class Stack(Layer):
    """Layers in a row: the output of each is the input of the next.

    Attributes
    ----------
    layers : list of Layer
        In the order of ``add``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers: list[Any] = []  # Layers; each kind has attributes of its own

    def add(self, layer: Layer) -> None:
        """Append a layer, and name it and its parameters by their place.

        A layer that is in the row already is used a second time, with the same parameters, and
        keeps its name.

        Warns
        -----
        UserWarning
            If it holds Values, or layers with parameters, and does not define ``parameters``:
            ``fit`` would leave them as they are.

        Raises
        ------
        TypeError
            If it is not a Layer object, or was not made as one.
        ValueError
            If it does not fit to the layer before, or holds this row itself.
        """
        if not isinstance(layer, Layer):
            raise TypeError(f"layer must be a Layer object, got {layer!r:.80}{way_in(layer)}")
        _check_made(layer)
        if layer is self or any(part is self for _, part in parts_of([layer])):
            raise ValueError(f"{type(self).__name__} cannot be a layer of itself")
        before = self.output_size
        if None not in (before, layer.input_size) and before != layer.input_size:
            raise ShapeError(
                f"layer {layer!r} takes {layer.input_size} inputs, "
                f"but {self.layers[-1]!r} gives {before} outputs"
            )
        if frozen := forgotten(layer):
            kind, names = type(layer).__name__, ", ".join(f"self.{name}" for name in frozen)
            warnings.warn(
                f"{names} of {kind} will not learn, because {kind} does not define "
                "parameters(self); let it return the list of the Values that learn, or [] for none",
                stacklevel=2,
            )
        self._name(layer)
        self.layers.append(layer)

    def _name(self, layer: Layer) -> None:
        """Name a layer that is to be added, and what it learns, unless it is there already."""
        known = [part for _, part in parts_of(self.layers)]
        own = [part for _, part in parts_of([layer])]
        for part in own:
            part.is_shared = part.is_shared or part in known
        if layer not in known:
            taken = [other.name for other in self.layers]  # of a slice, others than 1, 2, ...
            places = (f"layer{place}" for place in count(len(taken) + 1))
            layer.name = next(name for name in places if name not in taken)
        number = sum(bool(part.parameters()) for part in dict.fromkeys(known) if is_leaf(part))
        for part in dict.fromkeys(own):
            if is_leaf(part) and part not in known and part.parameters():
                number += 1
                for value in (*part.parameters(), *part.statistics()):
                    value.label = f"{(value.label or 'p').rstrip('0123456789')}{number}"

    # ----- As one layer -----

    @property
    def input_size(self) -> int | None:  # type: ignore[override]
        """Length of the rows that it takes; None where any length will do."""
        return next((x.input_size for x in self.layers if x.input_size is not None), None)

    @property
    def output_size(self) -> int | None:  # type: ignore[override]
        """Length of the rows that it gives; None where that is not known."""
        told = [x.output_size for x in self.layers if x.output_size is not None]
        return told[-1] if told else None

    def parameters(self) -> list[Value]:
        """Return everything that is learned, layer by layer, each once."""
        return [*dict.fromkeys(p for layer in self.layers for p in layer.parameters())]

    def statistics(self) -> list[Value]:
        """Return everything that is measured in training, layer by layer, each once."""
        return [*dict.fromkeys(p for layer in self.layers for p in layer.statistics())]

    def formula(self, x: Any, *parameters: Any) -> Any:
        """Return what the layers make of ``x``, one after the other."""
        return applied(self.layers, x, dict(zip(self.parameters(), parameters, strict=True)))

    def training_formula(self, x: Any, *parameters: Any, training: TrainingPass) -> Any:
        """Return what they make of ``x`` in training."""
        numbers = dict(zip(self.parameters(), parameters, strict=True))
        return applied(self.layers, x, numbers, training)

    @overload
    def __call__(self, x: Value, training: TrainingPass | None = None) -> Value: ...
    @overload
    def __call__(self, x: Any, training: TrainingPass | None = None) -> Array: ...
    def __call__(self, x: Any, training: TrainingPass | None = None) -> Any:
        """Return the outputs for rows ``x``: a Value, with its graph, for a Value.

        Parameters
        ----------
        x : array_like or Value, shape (n, inputs)
            One sample in each row.
        training : TrainingPass, optional
            Compute as ``fit`` does, with dropout and the like.

        Returns
        -------
        ndarray or Value, shape (n, outputs)
        """
        return through(self.layers, x, training)

    def step(self, eta: float) -> None:
        """Let every layer make its step, once."""
        for layer in self._leaves():
            if layer.parameters():
                layer.step(eta)
        self.passes = 0

    def in_a_row(self) -> list[Layer]:
        """Return the layers that do the same one after the other, without rows inside of rows."""
        return [part for layer in self.layers for part in layer.in_a_row()]

    def _leaves(self) -> list[Layer]:
        return [*dict.fromkeys(part for _, part in parts_of(self.layers) if is_leaf(part))]

    def _as_rows(self, input_data: Any) -> Array:
        rows: Array = as_numbers(input_data, f"{self.name}: input")
        return rows.reshape(1, -1) if rows.ndim == 1 else rows

    def _collect(self, by_parameters: list[Array], rows: int) -> None:
        super()._collect(by_parameters, rows)
        by = dict(zip(self.parameters(), by_parameters, strict=True))
        for layer in self._leaves():
            layer._collect([by[p] for p in layer.parameters()], rows)


def applied(
    layers: Sequence[Layer],
    x: Any,
    numbers: Mapping[Value, Any],
    training: TrainingPass | None = None,
) -> Any:
    """Return what layers in a row make of ``x``, with numbers for each parameter; in no scope."""
    for layer in layers:
        parameters = [numbers[p] for p in layer.parameters()]
        if training is None:
            x = layer.formula(x, *parameters)
        else:
            x = layer.training_formula(x, *parameters, training=training)
    return x


def parts_of(layers: Sequence[Layer], path: str = "") -> Iterator[tuple[str, Layer]]:
    """Yield layers, and those that rows among them consist of, with their paths.

    >>> import tinygrad_mlp as tg
    >>> inner = tg.Network([tg.Dropout(0.5)])
    >>> [path for path, _ in parts_of(tg.Network([tg.Dropout(0.1), inner]).layers)]
    ['layer1', 'layer2', 'layer2/layer1']
    """
    for layer in layers:
        yield path + layer.name, layer
        if isinstance(layer, Stack):
            yield from parts_of(layer.layers, f"{path}{layer.name}/")


def is_leaf(layer: Layer) -> bool:
    """Return whether a layer is no row of others."""
    return not isinstance(layer, Stack)


def named_values(layers: Sequence[Layer]) -> dict[str, Value]:
    """Return what layers learn and what they measure, each once, by the place of its layer.

    >>> import tinygrad_mlp as tg
    >>> list(named_values(tg.Network([tg.FullyConnectedLayer(2, 1, rng=0)]).layers))
    ['layer1.W1', 'layer1.b1']
    """
    names: dict[Value, str] = {}
    uses: Counter[str] = Counter()
    for path, layer in parts_of(layers):
        for value in (*layer.parameters(), *layer.statistics()) if is_leaf(layer) else ():
            if value not in names:
                name = f"{path}.{value.label}"
                uses[name] += 1
                names[value] = name if uses[name] == 1 else f"{name}:{uses[name]}"
    return {name: value for value, name in names.items()}


def has_modes(layer: Layer) -> bool:
    """Return whether a layer, itself, computes something else in training."""
    return is_leaf(layer) and type(layer).training_formula is not Layer.training_formula


# ----- Layers of one's own that are not finished -----


def _check_made(layer: Layer) -> None:
    """Raise TypeError for what those forget who write a layer."""
    kind = type(layer).__name__
    if "name" not in vars(layer):
        raise TypeError(f"{kind}.__init__ must call super().__init__() before anything else")
    for parameter in layer.parameters():
        if not isinstance(parameter, Value):
            raise TypeError(
                f"{kind}.parameters must return Values, which __init__ makes once, such as "
                f"self.factors = tg.Value(np.ones((1, 3))), got {type(parameter).__name__}"
            )


def forgotten(layer: Layer, outside: tuple[Layer, ...] = ()) -> list[str]:
    """Return the attributes that could learn, of a layer that does not tell of its parameters."""
    if getattr(layer.parameters, "__func__", None) is not Layer.parameters:
        return []
    around = (*outside, layer)
    return [
        name
        for name, thing in vars(layer).items()
        if name != "_pending" and any(_could_learn(leaf, around) for leaf in leaves(thing))
    ]


def _could_learn(thing: Any, around: tuple[Layer, ...]) -> bool:
    if isinstance(thing, Layer):
        return thing not in around and bool(thing.parameters() or forgotten(thing, around))
    return isinstance(thing, Value)
