"""Linear algebra in NumPy's arrangement: ``tg.linalg.solve`` is ``np.linalg.solve``.

NumPy's own functions do the same with Values; ``expm`` is SciPy's name.
"""

from tinygrad_mlp.core.functions import LINALG
from tinygrad_mlp.ops.contractions import outer, tensordot
from tinygrad_mlp.ops.decompositions import cholesky, eigvalsh, svdvals
from tinygrad_mlp.ops.factors import eigh, qr, svd
from tinygrad_mlp.ops.linear import matmul
from tinygrad_mlp.ops.matrices import lstsq, matrix_power, multi_dot, norm, trace
from tinygrad_mlp.ops.matrix_functions import expm
from tinygrad_mlp.ops.products import cross, diagonal, vecdot
from tinygrad_mlp.ops.shapes import matrix_transpose
from tinygrad_mlp.ops.solving import det, inv, pinv, slogdet, solve

__all__ = [
    "cholesky",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "expm",
    "inv",
    "lstsq",
    "matmul",
    "matrix_power",
    "matrix_transpose",
    "multi_dot",
    "norm",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
]

LINALG.update({name: globals()[name] for name in __all__})
