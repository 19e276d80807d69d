"""The watch that ``trace_lines`` and ``detect_anomaly`` keep over new values and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_mlp.core.context import current, remember_line
from tinygrad_mlp.core.op import told
from tinygrad_mlp.core.protocols import bare_numbers
from tinygrad_mlp.errors import AnomalyError


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
    numbers, upstream = bare_numbers(share), bare_numbers(g)
    if not np.isfinite(numbers).all() and np.isfinite(upstream).all():
        bad = "nan" if np.isnan(numbers).any() else "inf"
        raise AnomalyError(
            f"the backward pass of {value.described()} gave {bad} for {parent.described()}"
        )
