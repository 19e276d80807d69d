"""What a gradient check says: names of functions and arguments, numbers, a guess at the mistake."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from tinygrad_mlp.core.record import Op
from tinygrad_mlp.core.value import Value

Function = Callable[..., Any]


def compared(got: Any, wanted: Any, about: float) -> list[str]:
    """Return lines with what came, what was wanted, and how they compare."""
    if not isinstance(wanted, float | np.floating):
        return [f"    got             {got}", f"    wanted          {wanted}"]
    got, wanted = float(got), float(wanted)
    plus_minus = f" ± {about:.0e}" if about else ""
    lines = [f"    got             {got:.12g}", f"    wanted          {wanted:.12g}{plus_minus}"]
    if wanted:
        lines.append(f"    got / wanted    {got / wanted + 0.0:.6g}")
        lines.append(f"    relative error  {abs(got - wanted) / abs(wanted):.2g}")
    return lines


def ratio_hint(got: float, wanted: float) -> str:
    """Guess the mistake from the two numbers."""
    if not math.isfinite(got):
        return "a rule divides by zero, or overflows"
    if got == 0:
        return "got 0: is the rule None, or is the graph cut by .data or no_grad?"
    if wanted == 0:
        return ""
    ratio = got / wanted
    sign = "-" if ratio < 0 else ""
    times, part = round(abs(ratio)), round(1 / abs(ratio))
    if times > 1 and math.isclose(abs(ratio), times, rel_tol=1e-6):
        return f"got = {sign}{times} x wanted"
    if part > 1 and math.isclose(1 / abs(ratio), part, rel_tol=1e-6):
        return f"got = {sign}wanted / {part}"
    return "got = -wanted" if math.isclose(ratio, -1.0, rel_tol=1e-6) else ""


def name_of(f: Function) -> str:
    """Return what a message calls a function."""
    f = f.func if isinstance(f, partial) else f
    return str(getattr(f, "__name__", type(f).__name__))


def titles(f: Function, args: Sequence[Any]) -> list[str]:
    """Return what to call each argument: its position, and its name and label if it has them."""
    told = []
    for position, (x, name) in enumerate(zip(args, parameter_names(f, len(args)), strict=True)):
        label = f"label {x.label!r:.80}" if isinstance(x, Value) and x.label else ""
        about = ", ".join(part for part in (name, label) if part)
        told.append(f"argument {position} ({about})" if about else f"argument {position}")
    return told


def parameter_names(f: Function, count: int) -> Sequence[str]:
    """Return the names of the first parameters of a function, empty where they have none."""
    op = f.func if isinstance(f, partial) else f
    if isinstance(op, Op):
        return op.names(count)
    from inspect import Parameter, signature  # here, because it is slow to import

    names: list[str] = []
    try:
        parameters = list(signature(f).parameters.values())
    except (TypeError, ValueError):  # it is written in C, and does not tell
        parameters = []
    for parameter in parameters:
        if parameter.kind is Parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}[{i}]" for i in range(count - len(names))]
        elif parameter.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD):
            names.append(parameter.name)
    return (names + [""] * count)[:count]
