"""The watch over values and gradients: of changes, and of what the user asked to be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_mlp.core.context import Context, Setting, current, remember_line
from tinygrad_mlp.core.explaining import told
from tinygrad_mlp.core.protocols import bare_numbers
from tinygrad_mlp.errors import AnomalyError, GraphError


class detect_anomaly(Setting):  # noqa: N801  used like a function, as contextlib's are
    """Raise at the first operation that makes nan or infinity of finite numbers.

    The forward pass is watched where it is inside the block, and so is the backward pass.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(-1.0, label="x")
    >>> with np.errstate(invalid="ignore"), tg.detect_anomaly():
    ...     y = tg.sqrt(x * 3.0) + 1.0
    Traceback (most recent call last):
        ...
    tinygrad_mlp.errors.AnomalyError: sqrt gave nan for x of shape () made by multiply
    """

    def _changed(self, outer: Context) -> Context:
        return outer.inner(anomaly=True, witness=check_share)


class witnessed(Setting):  # noqa: N801  as above
    """Let ``witness(value, parent, g, share)`` see every share of a backward pass.

    It is told what the loop hands over, when it does: of a value, whose gradient is ``g``, to a
    parent.  Only the innermost witness is asked.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = tg.Value(3.0)
    >>> with witnessed(lambda value, parent, g, share: print(value.op.name, g, share)):
    ...     (2.0 * (x * x)).backward()
    multiply 1.0 2.0
    multiply 2.0 6.0
    multiply 2.0 6.0
    """

    def __init__(self, witness: Callable[[Any, Any, Any, Any], None]) -> None:
        super().__init__()
        self._witness = witness

    def _changed(self, outer: Context) -> Context:
        return outer.inner(witness=self._witness)


def watch(value: Any) -> None:
    """Do for a new value what ``trace_lines`` and ``detect_anomaly`` ask for."""
    context = current()
    if context.tracing:
        remember_line(value)
    if not context.anomaly or value.op is None or np.isfinite(value._numbers).all():
        return
    if all(np.isfinite(x).all() for x in value.inputs):
        bad = "nan" if np.isnan(value._numbers).any() else "inf"
        inputs = told(value.op.names(len(value.args)), value.args, value.inputs)
        raise AnomalyError(f"{value.op.name} gave {bad} for {inputs}").about(value)


def check_share(value: Any, parent: Any, g: Any, share: Any) -> None:
    """Raise if a rule made nan or infinity of finite numbers."""
    numbers, upstream = bare_numbers(share), bare_numbers(g)
    if not np.isfinite(numbers).all() and np.isfinite(upstream).all():
        bad = "nan" if np.isnan(numbers).any() else "inf"
        raise AnomalyError(
            f"the backward pass of {value.described()} gave {bad} for {parent.described()}"
        ).about(value, parent)


def check_unchanged(value: Any, seen: Any, child: Any) -> None:
    """Raise if a value no longer holds the numbers that its child was computed from."""
    if not np.array_equal(value._numbers, seen, equal_nan=True):
        raise GraphError(
            f"{value.described()} was modified after {child.described()} was computed from it; "
            "compute the output again, and change data only between backward and the next forward"
        ).about(value, child)


def check_recorded(output: Any) -> None:
    """Raise for what was computed of other Values, but not recorded."""
    if output.op is None and "unrecorded" in output.options:
        raise GraphError(
            f"{output.described()} was computed by {output.options['unrecorded']} inside no_grad, "
            "so nobody knows what it was made from; compute it outside, or write "
            "tg.stop_gradient(x) where the derivative is meant to be 0"
        ).about(output)
