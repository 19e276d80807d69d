"""Rows for a whole batch at once: each takes one more axis, in front of those of an example."""

from __future__ import annotations

import math
import string
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tinygrad_mlp.core.op import PROTECTED
from tinygrad_mlp.core.record import OPS

Rule = Callable[["_Call"], Any]
#: Parts of an index that are numbers, not slices and the like.
_PLACES = (np.ndarray, np.generic, int)


class Batched(NamedTuple):
    """An argument or result that differs from example to example: all of them, one by one."""

    whole: Any  # of shape (n, *shape of an example), an array or a Value


class Batch:
    """Calls rows for ``size`` examples at once; ``call`` is for ``Tape.run``.

    A row has a rule by what kind it is: elementwise, a reduction, one that changes the shape.  One
    that has none is called for each example by itself, which is right for every row.

    Examples
    --------
    >>> batch = Batch(2)
    >>> batch.call(OPS["sum"], Batched(np.ones((2, 3))), axis=None, keepdims=False).whole
    array([3., 3.])
    """

    def __init__(self, size: int) -> None:
        self.size = size

    def call(self, row: Any, *args: Any, **options: Any) -> Any:
        """Return what a row gives, ``Batched`` if an argument is."""
        if not any(type(x) is Batched for x in args):
            return row(*args, **options)
        call = _Call(self, row, args, options)
        rule = _rule_for(row, options)
        whole = rule(call) if rule else None
        return Batched(call.one_by_one() if whole is None else whole)

    def whole(self, x: Any) -> Any:
        """Return all examples of something, also if it is the same for each."""
        return x.whole if type(x) is Batched else np.broadcast_to(x, (self.size, *np.shape(x)))


class _Call(NamedTuple):
    """A row that is called, and with what."""

    batch: Batch
    row: Any
    args: tuple[Any, ...]
    options: dict[str, Any]

    def one_by_one(self) -> Any:
        """Return the results for each example by itself."""
        results = [
            self.row(*(x.whole[k] if type(x) is Batched else x for x in self.args), **self.options)
            for k in range(self.batch.size)
        ]
        return np.stack(results)

    def aligned(self, x: Any, rank: int) -> Any:
        """Return all examples with axes of length 1 in front so that each has ``rank`` axes."""
        if type(x) is not Batched:
            return x
        ones = (1,) * (rank - rank_of(x))
        return x.whole.reshape((self.batch.size, *ones, *x.whole.shape[1:])) if ones else x.whole


def rank_of(x: Any) -> int:
    """Return how many axes an example has."""
    return len(x.whole.shape) - 1 if type(x) is Batched else np.ndim(x)


# ----- Rules: what a row gives for all examples, or None if it is not as simple as that -----


def _elementwise(call: _Call) -> Any:
    rank = max(map(rank_of, call.args))
    return call.row(*(call.aligned(x, rank) for x in call.args), **call.options)


def _shifted(axis: Any) -> Any:
    """Return an axis, or several, behind one more in front; a negative one counts from the end."""
    if isinstance(axis, tuple):
        return tuple(map(_shifted, axis))
    return axis + 1 if axis >= 0 else axis


def _along(call: _Call) -> Any:
    axis = call.options["axis"]
    if axis is None:
        if "keepdims" not in call.options and call.row.name != "max_share":
            return None  # it flattens
        axis = tuple(range(rank_of(call.args[0])))
    return call.row(*map(call.batch.whole, call.args), **{**call.options, "axis": _shifted(axis)})


def _reshape(call: _Call) -> Any:
    return call.args[0].whole.reshape((call.batch.size, *call.options["shape"]))


def _transpose(call: _Call) -> Any:
    return call.row(call.args[0].whole, axes=(0, *_shifted(tuple(call.options["axes"]))))


def _broadcast_to(call: _Call) -> Any:
    shape = call.options["shape"]
    return call.row(call.aligned(call.args[0], len(shape)), shape=(call.batch.size, *shape))


def _sum_to(call: _Call) -> Any:
    shape = call.options["shape"]
    ones = (1,) * (rank_of(call.args[0]) - len(shape))
    summed = call.row(call.args[0].whole, shape=(call.batch.size, *ones, *shape))
    return summed.reshape((call.batch.size, *shape))


def _overlap_add(call: _Call) -> Any:
    shape = (call.batch.size, *call.options["shape"])
    changed = {**call.options, "axis": _shifted(call.options["axis"]), "shape": shape}
    return call.row(call.args[0].whole, **changed)


def _indexed(call: _Call) -> Any:
    index = call.options["index"]
    index = index if isinstance(index, tuple) else (index,)
    arrays = {place: np.asarray(x) for place, x in enumerate(index) if isinstance(x, _PLACES)}
    lists = [place for place, x in arrays.items() if x.ndim or x.dtype == bool]
    ints = [place for place in arrays if place not in lists]  # np.array(0) is one, too
    places = sorted({*lists, *ints}) if lists else []
    if places and places != list(range(places[0], places[-1] + 1)):
        return None  # NumPy puts the axes of lists that are apart in front
    changed: dict[str, Any] = {"index": (slice(None), *index)}
    if "shape" in call.options:
        changed["shape"] = (call.batch.size, *call.options["shape"])
    return call.row(call.args[0].whole, **changed)


def _assemble(call: _Call) -> Any:
    wholes = map(call.batch.whole, call.args)
    flat = [x.reshape((call.batch.size, math.prod(x.shape[1:]))) for x in wholes]
    return np.concatenate(flat, axis=1).reshape((call.batch.size, *call.options["shape"]))


def _product(call: _Call) -> Any:
    """Multiply or solve; a vector is a row before the sign and a column behind it."""
    x, y = call.args
    multiplies = call.row.name == "matmul"
    is_row, is_column = multiplies and rank_of(x) == 1, rank_of(y) == 1
    x = _with_axis(x, -2) if is_row else x
    y = _with_axis(y, -1) if is_column else y
    rank = max(rank_of(x), rank_of(y))
    found = call.row(call.aligned(x, rank), call.aligned(y, rank))
    axes = (-2,) * is_row + (-1,) * is_column
    return np.squeeze(found, axes) if axes else found


def _with_axis(x: Any, axis: int) -> Any:
    return Batched(np.expand_dims(x.whole, axis)) if type(x) is Batched else np.expand_dims(x, axis)


def _affine(call: _Call) -> Any:
    x, W, b = call.args
    product = call.batch.call(OPS["matmul"], x, W)
    return call.batch.call(OPS["add"], product, b).whole


def _stacked(call: _Call) -> Any:
    return call.row(call.args[0].whole, **call.options)


def _einsum(call: _Call) -> Any:
    terms, arrow, result = call.options["subscripts"].partition("->")
    letter = next((x for x in string.ascii_letters if x not in terms), None)
    if not arrow or "." in terms or letter is None:
        return None
    pairs = list(zip(terms.split(","), call.args, strict=True))
    terms = ",".join(letter + term if type(x) is Batched else term for term, x in pairs)
    wholes = (x.whole if type(x) is Batched else x for _, x in pairs)
    return call.row(*wholes, subscripts=f"{terms}->{letter}{result}")


def _for(rule: Rule, names: str) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


#: By the name of a row that is not elementwise.
RULES: dict[str, Rule] = {
    **_for(_along, "sum mean max min prod norm logsumexp max_share softmax log_softmax unit"),
    **_for(_along, "sum_of_others product_of_others sort sorted_by unsorted_by cumsum cumprod"),
    **_for(_along, "squeeze expand_dims stack concatenate sliding_window_view"),
    **_for(_indexed, "getitem place"),
    **_for(_stacked, "inv pinv det logabsdet sign_of_det cholesky eigvalsh eigenvectors svdvals"),
    **_for(_stacked, "left_singular_vectors right_singular_vectors orthonormal_columns expm"),
    **_for(_product, "matmul solve"),
    "reshape": _reshape,
    "transpose": _transpose,
    "broadcast_to": _broadcast_to,
    "sum_to": _sum_to,
    "assemble": _assemble,
    "overlap_add": _overlap_add,
    "affine": _affine,
    "einsum": _einsum,
}


def _rule_for(row: Any, options: dict[str, Any]) -> Rule | None:
    """Return the rule of a row of this package; what others do, nobody knows."""
    if row.name == "question":
        asked = getattr(np, options["function"], None)
        return _elementwise if isinstance(asked, np.ufunc) else None
    if row.name not in PROTECTED:
        return None
    return _elementwise if row.elementwise else RULES.get(row.name)
