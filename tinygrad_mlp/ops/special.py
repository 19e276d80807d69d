"""Special functions in SciPy's arrangement: ``tg.special.erf`` is ``scipy.special.erf``.

SciPy's own functions do the same with Values.  Those that NumPy cannot compute call SciPy (extra
scipy), which knows no more digits than doubles; the table of rows has only what NumPy computes.
"""

from __future__ import annotations

import math
from typing import Any

from tinygrad_mlp._support.extras import needed
from tinygrad_mlp.core.op import POSITIVE, UNIT_INTERVAL
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops import by_scipy
from tinygrad_mlp.ops.arithmetic import binary, divide_or_zero, unary
from tinygrad_mlp.ops.elementwise import log, log_sigmoid, sigmoid
from tinygrad_mlp.ops.reductions import log_softmax, logsumexp, softmax

__all__ = [
    "digamma",
    "erf",
    "erfc",
    "expit",
    "gammaln",
    "log_expit",
    "log_softmax",
    "logit",
    "logsumexp",
    "psi",
    "softmax",
    "xlogy",
]

# SciPy's names of rows that have another one here.
expit = sigmoid
log_expit = log_sigmoid

# ----- What NumPy computes -----

logit: Op = unary(
    "logit",
    forward="logit({x})",
    vjps=(lambda g, out, x: g / x + g / (1.0 - x),),
    latex=r"\log \frac{{{x}}}{{1 - {x}}}",
    domain=UNIT_INTERVAL,
    doc="Number that has a logistic function, log(x / (1 - x)), exact near 1/2 too.",
    example=">>> tg.special.logit(0.5)\nnp.float64(0.0)",
)
xlogy: Op = binary(
    "xlogy",
    forward="xlogy({x}, {y})",
    vjps=(
        lambda g, out, x, y: g * log(y),
        lambda g, out, x, y: divide_or_zero(g * x, y),
    ),
    latex=r"{x} \odot \log {y}",
    domain=POSITIVE,
    doc="x times log(y), and 0 wherever x is 0, even if y is 0 too.",
    example=">>> tg.special.xlogy(0.0, 0.0)\nnp.float64(0.0)",
)
bell: Op = unary(
    "bell",
    forward="bell({x})",
    vjps=(lambda g, out, x: g * (-2.0 * x * out),),
    public=False,
    latex="e^{{-{x}^2}}",
    doc="Exponential of minus the square, exact far out too.",
    example='>>> tg.OPS["bell"](1.0)\nnp.float64(0.36787944117144233)',
)


# ----- What SciPy computes -----


def _by_scipy(name: str, call: str, latex: str, **declared: Any) -> Op:
    """Return the row of a function that SciPy computes."""

    def prepare(x: Array, **options: Any) -> dict[str, Any]:
        needed("scipy.special", "scipy", "scipy", f"tg.special.{name}")
        return options

    kernel = call.partition("(")[0]
    functions = {kernel: getattr(by_scipy, kernel)}
    # No other machine than one with SciPy could test them, so they stand beside the table.
    return unary(
        name,
        forward=call,
        prepare=prepare,
        functions=functions,
        latex=latex,
        listed=False,
        **declared,
    )


erf: Op = _by_scipy(
    "erf",
    "erf({x})",
    r"\operatorname{{erf}}({x})",
    vjps=(lambda g, out, x: g * (2.0 / math.sqrt(math.pi) * bell(x)),),
    doc="Error function: the share of a normal distribution of variance 1/2 between -x and x.",
)
erfc: Op = _by_scipy(
    "erfc",
    "erfc({x})",
    r"\operatorname{{erfc}}({x})",
    vjps=(lambda g, out, x: g * (-2.0 / math.sqrt(math.pi) * bell(x)),),
    doc="One minus the error function, exact where it is small.",
)
polygamma: Op = _by_scipy(
    "polygamma",
    "polygamma({x}, {n})",
    r"\psi^{{({n})}}({x})",
    options={"n": 0},
    vjps=(lambda g, out, x, n: g * polygamma(x, n=n + 1),),
    public=False,
    domain=POSITIVE,
    doc="Derivative of digamma, taken n times.",
)
digamma: Op = _by_scipy(
    "digamma",
    "polygamma({x}, 0)",
    r"\psi({x})",
    vjps=(lambda g, out, x: g * polygamma(x, n=1),),
    domain=POSITIVE,
    doc="Derivative of the logarithm of the gamma function.",
)
psi: Op = digamma  # SciPy has both names
gammaln: Op = _by_scipy(
    "gammaln",
    "gammaln({x})",
    r"\log |\Gamma({x})|",
    vjps=(lambda g, out, x: g * digamma(x),),
    domain=POSITIVE,
    doc="Logarithm of the size of the gamma function, log((x - 1)!) for whole numbers.",
)
