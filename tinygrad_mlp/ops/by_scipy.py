"""What the formulas in ``special`` name and NumPy does not have: SciPy's functions (extra scipy).

They compute with doubles, and give the type that they got.  Each can be copied into a program.
"""

from __future__ import annotations

from typing import Any

import numpy as np

# A NumPy array or scalar of real numbers.
Array = Any


def erf(x: Array) -> Array:
    r"""Error function, $2 / \sqrt{\pi}$ times the integral of $e^{-t^2}$ from 0 to x."""
    from scipy import special

    return special.erf(x.astype(np.float64, copy=False)).astype(x.dtype, copy=False)


def erfc(x: Array) -> Array:
    r"""One minus the error function, exact where it is small."""
    from scipy import special

    return special.erfc(x.astype(np.float64, copy=False)).astype(x.dtype, copy=False)


def gammaln(x: Array) -> Array:
    r"""Logarithm of the size of the gamma function, $\log |\Gamma(x)|$."""
    from scipy import special

    return special.gammaln(x.astype(np.float64, copy=False)).astype(x.dtype, copy=False)


def polygamma(x: Array, n: int) -> Array:
    r"""Derivative of $\log |\Gamma(x)|$ of order n + 1."""
    from scipy import special

    return special.polygamma(n, x.astype(np.float64, copy=False)).astype(x.dtype, copy=False)[()]
