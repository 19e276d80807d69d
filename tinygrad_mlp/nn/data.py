"""What the data of a training must look like: rows, in the type of the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_mlp._support.structures import leaves
from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.errors import DataTypeError, ShapeError
from tinygrad_mlp.nn.layer import Array, Layer, through
from tinygrad_mlp.nn.objectives import Objective, Samples


def prepared(
    layers: Sequence[Layer],
    objective: Objective,
    x: Any,
    y: Any,
    sample_weight: Any = None,
    class_weight: str | Mapping[int, float] | None = None,
    *,
    check_finite: bool = True,
    names: tuple[str, str] = ("x_train", "y_train"),
) -> Samples:
    """Return the samples that the data of a training are, or say what does not fit."""
    samples = as_samples(
        layers, objective, x, y, sample_weight, class_weight, check_finite=check_finite, names=names
    )
    if not samples.weight:
        raise ValueError("all samples have weight 0: there is nothing to learn from")
    return samples


def as_samples(
    layers: Sequence[Layer],
    objective: Objective,
    x: Any,
    y: Any,
    sample_weight: Any,
    class_weight: str | Mapping[int, float] | None,
    *,
    check_finite: bool,
    names: tuple[str, str],
) -> Samples:
    """Return the samples that data are, of which perhaps none counts."""
    rows = samples_of(layers, x, names[0], check_finite)
    ignored = None
    if objective.classifies:
        y, ignored = _from_classes(layers, objective, y, rows, names[1])
    targets = targets_of(layers, y, rows, check_finite, names)
    if objective.classifies:
        _check_shares(objective, targets, names[1])
    if ignored is None and objective.ignore_index in range(targets.shape[1]):
        ignored = targets[:, objective.ignore_index] == 1.0  # rows of shares that are of one class
    weights = _weights(sample_weight, len(rows))
    if class_weight is not None:
        by_class = _class_weights(class_weight, objective, targets, ignored)
        weights = by_class if weights is None else weights * by_class
    if ignored is not None and ignored.any():
        weights = np.where(ignored, 0.0, 1.0 if weights is None else weights)
    if weights is not None:
        with np.errstate(over="ignore"):  # told below
            weights = weights.astype(rows.dtype)
            total = weights.sum()
        if total == np.inf:
            raise ValueError(f"the weights of all samples add up to more than {rows.dtype} holds")
    return Samples(rows, targets, weights)


def validation_of(
    layers: Sequence[Layer], objective: Objective, data: Any, check_finite: bool
) -> Samples:
    """Return the samples that ``validation_data`` are: inputs, targets, and perhaps weights."""
    if not isinstance(data, tuple | list) or len(data) not in (2, 3):
        raise TypeError(
            f"validation_data must be (x, y) or (x, y, sample_weight), got {type(data).__name__}"
        )
    names = ("validation_data[0]", "validation_data[1]")
    return prepared(layers, objective, *data, check_finite=check_finite, names=names)


def samples_of(layers: Sequence[Layer], data: Any, name: str, check_finite: bool = False) -> Array:
    """Return the samples as rows, shape (N, inputs)."""
    samples = as_numbers(data, name)
    width = next((layer.input_size for layer in layers if layer.input_size is not None), None)
    wanted = f"(N, 1, {width or 'inputs'}) or (N, {width or 'inputs'})"
    if samples.ndim == 3 and samples.shape[1] == 1:
        samples = samples[:, 0, :]
    if samples.ndim != 2:
        raise ShapeError(f"{name} has shape {samples.shape}, wanted {wanted}")
    if width is not None and samples.shape[1] != width:
        raise ShapeError(
            f"{name} has {samples.shape[1]} features in each sample, but the first layer, "
            f"{layers[0]!r}, expects {width}; wanted shape {wanted}"
        )
    return _in_own_dtype(layers, samples, name, check_finite)


def targets_of(
    layers: Sequence[Layer],
    data: Any,
    samples: Array,
    check_finite: bool,
    names: tuple[str, str] = ("x_train", "y_train"),
) -> Array:
    """Return the targets as rows, shape (N, outputs), one for each sample."""
    try:
        targets = as_numbers(data, names[1])
    except DataTypeError as error:
        raise DataTypeError(f"{error}{_way_from_names(data)}") from None
    count = len(targets) if targets.ndim else 0
    if len(samples) == 0:
        raise ValueError(f"{names[0]} is empty: there is nothing to learn from")
    if count != len(samples):
        raise ShapeError(
            f"{names[0]} has {len(samples)} samples, but {names[1]} has {count}; "
            "they must be equally many"
        )
    width = _width(layers, samples)
    shapes = [(1, width), (width,)] + ([()] if width == 1 else [])
    if targets.shape[1:] not in shapes:
        raise ShapeError(
            f"each target in {names[1]} has shape {targets.shape[1:]}, but each output of the "
            f"network has shape {(1, width)}{_way_from_labels(targets, width, names[1])}"
        )
    return _in_own_dtype(layers, targets.reshape(count, width), names[1], check_finite)


def _width(layers: Sequence[Layer], samples: Array) -> int:
    """Return the number of outputs; what a layer of one's own gives, only a sample can tell."""
    told = [layer.output_size for layer in layers if layer.output_size is not None]
    if told and all(layer.is_pure() for layer in layers):
        return told[-1]
    return int(through(layers, samples[:1]).shape[1])


def _in_own_dtype(layers: Sequence[Layer], numbers: Array, name: str, check_finite: bool) -> Array:
    """Return the data in the dtype of the parameters, in which everything is computed."""
    kinds = [parameter.dtype for layer in layers for parameter in layer.parameters()]
    dtype = kinds[0] if kinds else numbers.dtype
    if not check_finite:
        return numbers.astype(dtype, copy=False)
    with np.errstate(over="ignore"):  # told below, with the place
        own = numbers.astype(dtype, copy=False)
    is_finite = np.isfinite(own)
    if not is_finite.all():
        sample, position = np.argwhere(~is_finite)[0].tolist()
        number = numbers[sample, position]
        way = "remove nan and infinity, or say check_finite=False"
        if np.isfinite(number):
            way = f"that is too large for {dtype}, the type of the weights; scale the data"
        raise ValueError(f"{name} has {number} in sample {sample}, position {position}; {way}")
    return own


def _way_from_names(data: Any) -> str:
    """Return how names of classes become targets."""
    inside = leaves(data.tolist() if hasattr(data, "tolist") else data)
    if isinstance(data, str) or not (inside and isinstance(inside[0], str)):
        return ""
    return "; for names of classes, tg.datasets.one_hot(np.unique(names, return_inverse=True)[1])"


def _way_from_labels(targets: Array, width: int, name: str) -> str:
    """Return how numbers of classes become targets, where they look like such."""
    if targets.size != len(targets) or not np.isin(targets, np.arange(width)).all():
        return ""
    labels = name.split(maxsplit=1)[0]  # "y of batch 3" is what its owner calls y
    return f"; for labels, tg.datasets.one_hot(np.ravel({labels}).astype(int), {width})"


# ----- Classes -----


def are_classes(y: Any) -> bool:
    """Return whether there is one whole number, or bool, for each sample.

    >>> are_classes([0, 2, 1]), are_classes([[0], [2]]), are_classes([0.0, 2.0])
    (True, True, False)
    """
    given = np.asarray(y)
    return bool(given.ndim and given.dtype.kind in "biu" and given.size == len(given))


def _from_classes(
    layers: Sequence[Layer], objective: Objective, y: Any, samples: Array, name: str
) -> tuple[Any, Array | None]:
    """Return numbers of classes as targets, and which of them do not count; others as they are."""
    width = _width(layers, samples) if len(samples) else 0
    if objective.loss != "softmax_cross_entropy" or not are_classes(y) or width < 2:
        return y, None
    labels = np.asarray(y).reshape(-1).astype(np.int64)
    ignored = np.zeros(len(labels), bool)
    if objective.ignore_index is not None:
        ignored = labels == objective.ignore_index
    outside = np.flatnonzero(((labels < 0) | (labels >= width)) & ~ignored)
    if len(outside):
        first = int(outside[0])
        raise ValueError(
            f"{name}[{first}] is class {labels[first]}, but the network has {width} outputs, for "
            f"classes 0 to {width - 1}; np.unique(labels, return_inverse=True)[1] numbers them "
            f"from 0, and ignore_index={labels[first]} leaves one out"
        )
    targets = np.zeros((len(labels), width))
    counted = np.flatnonzero(~ignored)
    targets[counted, labels[counted]] = 1.0
    return targets, ignored


def _check_shares(objective: Objective, targets: Array, name: str) -> None:
    """Raise ValueError if targets are no shares of classes, as a loss of classes needs."""
    limit = 1.0
    if objective.loss == "softmax_cross_entropy":
        limit = np.inf
        if targets.shape[1] == 1:
            raise ValueError(
                "softmax_cross_entropy needs one output for each class, but the network has 1; for "
                "two classes say loss='binary_cross_entropy', or let the last layer have 2 outputs"
            )
    outside = (targets < 0) | (targets > limit)
    if outside.any():
        sample, position = np.argwhere(outside)[0].tolist()
        raise ValueError(
            f"{name} has {targets[sample, position]:g} in sample {sample}, but {objective.loss} "
            "takes 0 and 1, or shares between; for two other numbers, y == the larger one"
        )


def class_numbers(targets: Array) -> Array:
    """Return the class of each row: the largest column, or of one column whether it is above 1/2.

    >>> class_numbers(np.array([[0.0, 1.0], [1.0, 0.0]])), class_numbers(np.array([[1.0], [0.0]]))
    (array([1, 0]), array([1, 0]))
    """
    return targets.argmax(1) if targets.shape[1] > 1 else (targets[:, 0] > 0.5).astype(np.intp)


# ----- Weights -----


def _weights(sample_weight: Any, count: int) -> Array | None:
    if sample_weight is None:
        return None
    weights: Array = as_numbers(sample_weight, "sample_weight")
    if weights.shape != (count,):
        raise ShapeError(
            f"sample_weight has shape {weights.shape}, wanted ({count},), one for each sample"
        )
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise ValueError("sample_weight must be finite and at least 0 everywhere")
    return weights


def _class_weights(
    class_weight: str | Mapping[int, float],
    objective: Objective,
    targets: Array,
    ignored: Array | None,
) -> Array:
    """Return the weight of each sample by its class."""
    if not objective.classifies:
        raise ValueError(
            f"class_weight is for a loss of classes, such as loss='softmax_cross_entropy', "
            f"not for {objective.name}"
        )
    if objective.loss == "binary_cross_entropy" and targets.shape[1] > 1:
        raise ValueError(
            "class_weight with binary_cross_entropy is for one output, because with more a sample "
            "may be of several classes; give sample_weight"
        )
    numbers = class_numbers(targets)
    classes = max(targets.shape[1], 2)
    if class_weight == "balanced":
        counted = numbers if ignored is None else numbers[~ignored]
        counts = np.bincount(counted, minlength=classes)
        # n / (k n_c), as scikit-learn has it; a class without samples needs no weight.
        by_class = len(counted) / (classes * np.maximum(counts, 1))
    elif isinstance(class_weight, Mapping):
        by_class = np.ones(classes)
        for number, weight in class_weight.items():
            if number not in range(classes):
                raise ValueError(f"class_weight: there is no class {number!r:.80}")
            by_class[number] = weight
        if not (np.isfinite(by_class).all() and (by_class >= 0).all()):
            raise ValueError("class_weight must be finite and at least 0 for each class")
    else:
        raise TypeError(
            f"class_weight must be 'balanced' or a dict from classes to numbers, got "
            f"{class_weight!r:.80}"
        )
    weights: Array = by_class[numbers]
    return weights
