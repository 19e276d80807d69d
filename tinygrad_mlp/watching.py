"""What errors say of values, and the watch that ``trace_lines`` and ``detect_anomaly`` keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_mlp.context import current, line_of, remember_line
from tinygrad_mlp.errors import AnomalyError
from tinygrad_mlp.operators import Operators


def told(names: Sequence[str], args: Sequence[Any], inputs: Sequence[Any]) -> str:
    """Describe arguments for a message: their names, shapes, labels and lines."""
    parts = []
    for name, argument, x in zip(names, args, inputs, strict=True):
        label = argument.label if isinstance(argument, Operators) else None
        origin = argument.op.name if isinstance(argument, Operators) and argument.op else None
        line = line_of(argument) if isinstance(argument, Operators) else ""
        about = f" (label {label!r:.80})" if label else f" made by {origin}" if origin else ""
        parts.append(f"{name} of shape {np.shape(x)}{about}{line}")
    return ", ".join(parts)


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
        raise AnomalyError(f"{value.op.name} gave {bad} for {inputs}")


def check_share(share: Any, g: Any, value: Any, parent: Any) -> None:
    """Raise if a rule made nan or infinity of finite numbers."""
    numbers, upstream = (x._numbers if isinstance(x, Operators) else x for x in (share, g))
    if not np.isfinite(numbers).all() and np.isfinite(upstream).all():
        bad = "nan" if np.isnan(numbers).any() else "inf"
        raise AnomalyError(
            f"the backward pass of {value.described()} gave {bad} for {parent.described()}"
        )
