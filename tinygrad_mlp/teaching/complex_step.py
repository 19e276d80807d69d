"""The derivative by a tiny imaginary step, on the NumPy program that was printed of a function.

$f(x + i h v) = f(x) + i h f'(x) v + O(h^2)$, so nothing cancels and h may be as small as one likes
(Squire and Trapp, *Using complex variables to estimate derivatives of real functions*, 1998).  It
needs a formula that is analytic: |x|, for one, has no imaginary part.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinygrad_mlp.kernels import Array
    from tinygrad_mlp.programs.recording.program import Program, Step
    from tinygrad_mlp.programs.writing.printing import Source

#: The imaginary step: a power of two, so that dividing by it is exact.
STEP = 2.0**-100


def complex_slope(
    source: Source, x: Array, direction: Array, others: Sequence[Array] = ()
) -> float:
    """Return the slope of a printed program in a direction of its first argument.

    ``others`` are the rest of the arguments: what the function refers to.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x = np.array(2.0)
    >>> complex_slope(tg.source(lambda x: x**3, x), x, np.array(1.0))
    12.0
    """
    names: dict[str, Any] = {}
    exec(compile(source, f"<source of {source.name}>", "exec"), names)  # noqa: S102  it is our text
    moved = np.asarray(x + 1j * STEP * direction)
    with np.errstate(all="ignore"):
        return float(np.imag(names[source.name](moved, *others, **source.constants)) / STEP)


def not_analytic(program: Program) -> str | None:
    """Return the name of the first row that takes no complex step; None if there is none.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> from tinygrad_mlp.programs.recording.tracing import trace
    >>> not_analytic(trace(lambda x: tg.exp(-tg.abs(x)), [np.array(2.0)], {}).program)
    'abs'
    """
    samples = program.samples()
    for step in program.steps:
        arguments = [np.asarray(samples[x])[()] for x in step.arguments]
        if step.value.dtype.kind == "f" and not _is_analytic(step, arguments):
            return step.row.name
    return None


def _is_analytic(step: Step, arguments: Sequence[Array]) -> bool:
    """Return whether a row is conjugate to itself here, and analytic nearby.

    The first fails where the row has a kink here, the second where it has no imaginary part.
    """
    rng = np.random.default_rng(0)
    ways = [
        (rng.uniform(0.5, 1.0, x.shape) if x.dtype.kind == "f" else np.zeros(x.shape))[()]
        for x in arguments
    ]

    def at(step_size: complex, base: float = 0.0) -> Any:
        moved = [
            x if x.dtype.kind == "b" else x + (base * (1.0 + np.abs(x)) + step_size) * way
            for x, way in zip(arguments, ways, strict=True)
        ]
        return np.asarray(step.row.compute(*moved, **step.options))

    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("error")  # NumPy warns when it drops the imaginary part
            above, below = at(1j * STEP), at(-1j * STEP)
            slope = np.imag(at(1j * STEP, base=2.0**-10)) / STEP
            difference = (at(2.0**-20, base=2.0**-10) - at(-(2.0**-20), base=2.0**-10)) * 2.0**19
    except Exception:  # noqa: BLE001  not every formula takes complex numbers
        return False
    is_conjugate = np.array_equal(above, np.conj(below), equal_nan=True)
    return is_conjugate and np.allclose(slope, difference, rtol=1e-3, atol=1e-6, equal_nan=True)
