"""Reverse mode: the history of a value, the loop that walks it backwards, and the gradient."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from types import FunctionType
from typing import Any

import numpy as np
from numpy import ndarray

from tinygrad_mlp import kernels
from tinygrad_mlp.core.context import current
from tinygrad_mlp.core.functions import FUNCTIONS, METHODS
from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.core.ownership import locked, owned
from tinygrad_mlp.core.relatives import check_not_copied, note_primal
from tinygrad_mlp.core.unwrapped import OF_ARRAYS
from tinygrad_mlp.core.value import Value, leaf_of
from tinygrad_mlp.core.watching import check_recorded, check_unchanged
from tinygrad_mlp.errors import GraphError, ShapeError
from tinygrad_mlp.kernels import Array

_number_of = attrgetter("number")


def history(*values: Value, since: int = 0) -> list[Value]:
    """Return the values and all that they were made from, in the order of their birth.

    Parents stand before their children.  Takes time in proportion to the graph, without recursion.
    What was born before number ``since`` is there too, but not what that was made from.

    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(2.0, label="x")
    >>> history(x * x + 1.0)
    [Value(2.0, label='x'), Value(4.0, op='multiply'), Value(5.0, op='add')]
    """
    found = set(values)
    waiting = list(found)
    order = []
    while waiting:
        value = waiting.pop()  # the last found: what comes out is almost sorted
        order.append(value)
        number = value.number
        if number < since:
            continue
        for parent in value.args:
            if type(parent) is not Value:
                continue
            if parent.number >= number:
                raise ValueError(
                    f"the graph has a cycle: {parent.described()} is an argument of "
                    f"{value.described()}, which is not younger; the args of a value must not be "
                    "changed"
                )
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    order.sort(key=_number_of)  # the set's own order never shows
    return order


# ----- The loop -----


def pull_back(
    found: dict[Value, Any],
    order: list[Value],
    recorded: bool,
    kept: Any = None,
    inside: Any = None,
) -> None:
    """Find the cotangents of the values to be ``kept``, by default of all, and of all leaves.

    At first ``found`` has those of the outputs, and ``order`` is their history.  This is reverse
    mode: a value is reached when all its children have been, and hands each parent the share that
    the rule of its op gives.  With ``recorded`` the rules see Values, and the backward pass
    becomes a graph itself.  Parents that are not ``inside`` get nothing.  The witness of
    ``watching``, if there is one, sees every share.
    """
    guard, witness = None, current().witness
    for value in reversed(order):
        g = found.get(value)
        if g is None:
            continue  # every path from here to the output has derivative zero
        if recorded:
            note_primal(g, value)
        row = value.op
        if row is None:
            continue  # a leaf only gathers
        if kept is not None and value not in kept:
            del found[value]
        guard = row.selects or guard  # of the last choice met: all that is older may lie below it
        known = (g, value, *value.args) if recorded else (g, value._numbers, *value.inputs)
        for parent, seen, rule in zip(value.args, value.inputs, row.vjps):  # noqa: B905  some vjps are endless
            if rule is None or type(parent) is not Value or (inside and parent not in inside):
                continue
            share = share_of(value, parent, seen, rule, known, guard)
            if share is None:
                continue  # the answer to a question has no gradient
            if witness:
                witness(value, parent, g, share)
            earlier = found.get(parent)
            found[parent] = share if earlier is None else earlier + share


def share_of(
    value: Value, parent: Value, seen: Array, rule: Any, known: tuple[Any, ...], guard: Any
) -> Any:
    """Return the share of a parent in the gradient of a value, in the parent's shape and dtype."""
    if parent._numbers is not seen:
        check_unchanged(parent, seen, value)
    g, options = known[0], value.options
    if type(g) is not Value:  # on arrays there are quicker ways to the same bits
        if guard is None and value.slope is not None and rule is value.op.rule_of_slope:
            return g * value.slope  # all three of one shape and dtype
        if type(rule) is FunctionType:  # else it is the user's, and may have no hash
            rule = OF_ARRAYS.get(rule, rule)
    if guard is not None:
        share = guard(value.op, rule, known, options)
    else:
        share = rule(*known, **options) if options else rule(*known)
    kind = type(share)
    if kind is not type(seen) or (
        kind is ndarray and (share.shape != seen.shape or share.dtype is not seen.dtype)
    ):
        if seen.dtype.kind == "b":
            return None
        share = _fitted(share, seen)
    if share is g and kind is ndarray:
        locked(g)  # several values have this array for a gradient now
    return share


def _fitted(share: Any, like: Array) -> Any:
    """Return the share in the shape and dtype of the argument that it belongs to."""
    recorded = type(share) is Value
    shape = like.shape
    if share.shape != shape:
        share = FUNCTIONS["sum_to"](share, shape) if recorded else kernels.sum_to(share, shape)
    if share.dtype != like.dtype:
        share = FUNCTIONS["astype"](share, like.dtype) if recorded else share.astype(like.dtype)
    return share if recorded or share.ndim else share[()]


def _seed(output: Value, gradient: Any, create_graph: bool) -> Any:
    """Return the upstream gradient as data of the output's shape and dtype."""
    data = output._numbers
    if gradient is None and data.size != 1:
        raise GraphError(
            f"only a scalar has a gradient of its own, not {output.described()}; "
            "give the upstream gradient, an array of that shape, or reduce with .sum() first"
        ).about(output)
    if gradient is None:
        seed = np.ones_like(data) if type(data) is ndarray else data.dtype.type(1)
    elif isinstance(gradient, Value):
        seed = gradient if create_graph else gradient._numbers.copy()
    else:
        seed = as_numbers(gradient, "gradient", copy=True)
    if seed.shape != data.shape:
        wrong = f"gradient has shape {seed.shape}, wanted that of {output.described()}"
        raise ShapeError(wrong).about(output)
    if isinstance(seed, Value):
        return seed
    if seed.dtype is not data.dtype:
        seed = seed.astype(data.dtype)
    return leaf_of(seed) if create_graph else seed


# ----- The gradient -----


def _values(name: str, given: Any) -> list[Value]:
    """Return the Values that are given, one or a sequence of them."""
    if isinstance(given, Value):
        return [given]
    if not isinstance(given, Iterable):
        raise TypeError(f"grad: {name} must be a Value, got {type(given).__name__}")
    values = list(given)
    for position, value in enumerate(values):
        if type(value) is not Value:
            raise TypeError(f"grad: {name}[{position}] must be a Value, got {type(value).__name__}")
    return values


def grad(
    output: Value | Sequence[Value],
    inputs: Value | Sequence[Value],
    gradient: Any = None,
    *,
    create_graph: bool = False,
    since: int = 0,
) -> Any:
    """Return the gradient of ``output`` by ``inputs``, without touching any ``.grad``.

    Parameters
    ----------
    output : Value or sequence of Values
        What is differentiated; a scalar unless ``gradient`` is given.  The gradients of several
        add up.
    inputs : Value or sequence of Values
        By what; zeros come back for those that ``output`` was not made from.
    gradient : array_like, same shape as ``output``, optional
        The upstream gradient; 1 for a scalar.  A sequence of outputs has one for each.
    create_graph : bool
        Record the backward pass: the results are Values that can be differentiated again.
    since : int
        Paths through what was born before this number do not count.

    Returns
    -------
    ndarray, NumPy scalar or Value; or a list of them, one for each of ``inputs``
        Each with the shape and dtype of its input.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(2.0)
    >>> slope = tg.grad(x**3, x, create_graph=True)
    >>> slope.item(), tg.grad(slope, x)
    (12.0, np.float64(12.0))
    """
    wanted = _values("inputs", inputs)
    outputs = _values("output", output)
    create_graph = create_graph or current().recorder is not None
    upstream = [gradient] if isinstance(output, Value) else gradient
    order = history(*outputs, since=since)
    chosen = set(wanted)
    needed = set(wanted)  # and what leads from there to the outputs
    for value in order:
        for parent in value.args:
            if type(parent) is Value and parent in needed:
                needed.add(value)
                break
    found: dict[Value, Any] = {}
    for value, given in zip(outputs, upstream, strict=True):
        seed = _seed(value, given, create_graph)
        if value in needed:
            found[value] = found[value] + seed if value in found else seed
        else:
            check_recorded(value)
    pull_back(found, order, create_graph, kept=chosen, inside=needed)
    if len(found) < len(chosen):
        check_not_copied(outputs, order, chosen.difference(found))
    results: list[Any]
    if create_graph:
        results = [found[v] if v in found else Value(np.zeros_like(v._numbers)) for v in wanted]
    else:
        results = [owned(found[v]) if v in found else np.zeros_like(v._numbers)[()] for v in wanted]
        if len(chosen) < len(wanted):  # some are asked for twice
            results = [result.copy() for result in results]
    return results[0] if isinstance(inputs, Value) else results


def backward(output: Value, gradient: Any, create_graph: bool, retain_grads: bool) -> None:
    """Do what ``Value.backward`` says."""
    output.check_writable("backward()")
    check_recorded(output)
    order = history(output)
    seed = _seed(output, gradient, create_graph)
    found = {output: seed}
    pull_back(found, order, create_graph, kept=None if retain_grads else ())
    # Only now, when nothing can fail any more, does anything change.
    for value, cotangent in found.items():
        if value.op is not None:
            value._grad = cotangent
        elif value._grad is not None:
            value._grad = value._grad + cotangent
        else:
            value._grad = cotangent if create_graph else owned(cotangent)


METHODS["backward"] = backward
