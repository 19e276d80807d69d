"""Linear algebra in NumPy's arrangement: ``tg.linalg.solve`` is ``np.linalg.solve``.

NumPy's own functions do the same with Values.
"""

from tinygrad_mlp.core.functions import LINALG
from tinygrad_mlp.ops.decompositions import cholesky, eigvalsh, svdvals
from tinygrad_mlp.ops.factors import eigh, qr, svd
from tinygrad_mlp.ops.matrices import lstsq, matrix_power, multi_dot, norm, trace
from tinygrad_mlp.ops.solving import det, inv, pinv, slogdet, solve

__all__ = [
    "cholesky",
    "det",
    "eigh",
    "eigvalsh",
    "inv",
    "lstsq",
    "matrix_power",
    "multi_dot",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "trace",
]

LINALG.update({name: globals()[name] for name in __all__})
