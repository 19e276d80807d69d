"""NumPy's own functions on Values: what is covered is right, and what is not says so."""

import importlib
import importlib.util
import operator
import re
import warnings
from pathlib import Path

import numpy as np
import pytest

import tinygrad_mlp as tg
from tests.oracles import relative_error, slope
from tinygrad_mlp.core import functions, other_names, protocols

ROOT = Path(__file__).parents[2]
_specification = importlib.util.spec_from_file_location(
    "numpy_table", ROOT / "tools" / "numpy_table.py"
)
numpy_table = importlib.util.module_from_spec(_specification)
_specification.loader.exec_module(numpy_table)

COVERED = numpy_table.covered()
X = np.array([[0.7, 0.2, 0.4], [0.8, 0.5, 0.3]])
ROW = np.array([0.3, 0.1, 0.6])
SQUARE = np.array([[0.7, 0.2], [0.8, 0.5]])
KNOTS = np.array([0.05, 0.25, 0.45, 0.9])
HEIGHTS = np.array([1.0, 3.0, -2.0, 5.0])


def on(name):
    """Return NumPy's function of a name with dots, or None if this NumPy has none."""
    found = np
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def with_holes(x):
    """Numbers with nan in the place of some; nan has no slope."""
    return np.where([[True, False, True], [True, True, True]], x, np.nan)


#: Where no quotient is near a whole number.
OF_QUOTIENTS = [
    lambda f, x: f(5.0 * x + 0.25, 2.0),
    lambda f, x: f(5.0 * x + 0.25, np.array([2.0, -2.0, 2.0])),
    lambda f, x: f(-0.33, x),
]

# How each function is called; those not named here are called with X alone.
CALLS = {
    "arccosh": [lambda f, x: f(x + 1.5)],
    "append": [
        lambda f, x: f(x, 3.0),
        lambda f, x: f(x, X[:1], 0),
        lambda f, x: f(arr=ROW, values=x, axis=None),
    ],
    "atleast_3d": [lambda f, x: f(x), lambda f, x: f(x[0], x[0, 0], x[None])],
    "block": [
        lambda f, x: f([[x, x[:, :1]], [ROW, 2.0]]),
        lambda f, x: f([x[0], 1.0, x[1]]),
        lambda f, x: f([[[x]], [[X]]]),
        lambda f, x: f(x),
    ],
    "choose": [
        lambda f, x: f([0, 1, 1], [x[0], x[1]]),
        lambda f, x: f([[0], [3]], [x, 2.0], mode="clip"),
        lambda f, x: f(np.array([-1, 2, 5]), (ROW, x, x), None, "wrap"),
    ],
    "compress": [
        lambda f, x: f([True, False, True], x, 1),
        lambda f, x: f([0, 1, 0, 1], x),
        lambda f, x: f(condition=[True], a=x, axis=0),
    ],
    "corrcoef": [
        lambda f, x: f(x),
        lambda f, x: f(x, ROW),
        lambda f, x: f(ROW, y=x[1]),
        lambda f, x: f(np.concatenate([x, X[::-1] ** 2]), rowvar=False),
        lambda f, x: f(x[0]),
    ],
    "cov": [
        lambda f, x: f(x),
        lambda f, x: f(x[1], bias=True),
        lambda f, x: f(ROW, x, ddof=2),
        lambda f, x: f(m=x, y=SQUARE, rowvar=False),
        lambda f, x: f(x, None, True, False, 0, [3, 1, 2]),
        lambda f, x: f(x, aweights=ROW),
        lambda f, x: f(x, fweights=np.array([3, 0, 2]), aweights=ROW, ddof=1),
    ],
    "cross": [
        lambda f, x: f(x, ROW),
        lambda f, x: f(ROW, x),
        lambda f, x: f(x.T, x, axisa=0),
        lambda f, x: f(x.T, ROW[:, None], axis=0),
        lambda f, x: f(x, x[::-1], axisc=0),
    ],
    "delete": [lambda f, x: f(x, 1), lambda f, x: f(x, [0, 2], 1), lambda f, x: f(x, [-1], axis=0)],
    "diagflat": [lambda f, x: f(x), lambda f, x: f(x[0], -1)],
    "dsplit": [lambda f, x: f(x[None], 3), lambda f, x: f(x[None], [1])],
    "dstack": [lambda f, x: f([x, x]), lambda f, x: f((x[0], x[1]))],
    "ediff1d": [lambda f, x: f(x), lambda f, x: f(x, to_begin=2.0, to_end=x[0])],
    "extract": [lambda f, x: f(X > 0.4, x), lambda f, x: f([1, 0, 1], x)],
    "flipud": [lambda f, x: f(x)],
    "gradient": [
        lambda f, x: f(x),
        lambda f, x: f(x, axis=1),
        lambda f, x: f(x[0], 0.5),
        lambda f, x: f(x, 0.5, 2.0),
        lambda f, x: f(x, axis=(1, 0)),
        lambda f, x: f(x, [0.0, 0.5], [0.0, 1.0, 3.0]),
        lambda f, x: f(x, [0.0, 1.0, 3.0], axis=-1, edge_order=2),
        lambda f, x: f(x, 0.25, axis=1, edge_order=2),
        lambda f, x: f(ROW, x[0], edge_order=2),
        lambda f, x: f(ROW, x[1]),
        lambda f, x: f(np.concatenate([x[0], ROW]), np.concatenate([x[1], ROW + 2.0])),
        lambda f, x: f(ROW, x[0, 0]),
    ],
    "hsplit": [lambda f, x: f(x, 3), lambda f, x: f(x[0], [1])],
    "interp": [
        lambda f, x: f(x, KNOTS, HEIGHTS),
        lambda f, x: f(2.0 * x - 0.6, KNOTS, HEIGHTS, -1.0, 7.0),
        lambda f, x: f(ROW, KNOTS[:3], x[1]),
        lambda f, x: f(ROW, x[0, [1, 2, 0]], x[1], right=x[0, 0]),
        lambda f, x: f(x=x[0, 0], xp=x[1], fp=HEIGHTS[:3], period=0.65),
        lambda f, x: f(2.0 * x, KNOTS - 3.0, HEIGHTS, period=-1.3),
        lambda f, x: f(x, [0.6], x[0, :1]),
    ],
    "kron": [
        lambda f, x: f(x, ROW),
        lambda f, x: f(SQUARE, x),
        lambda f, x: f(x[None], x[:, 0]),
        lambda f, x: f(x, 2.0),
    ],
    "linalg.cross": [lambda f, x: f(x, ROW), lambda f, x: f(x.T, ROW[:, None], axis=0)],
    "linalg.diagonal": [lambda f, x: f(x), lambda f, x: f(x[None], offset=1)],
    "linalg.matmul": [lambda f, x: f(x, x.T)],
    "linalg.outer": [lambda f, x: f(x[0], x[1])],
    "linalg.tensordot": [lambda f, x: f(x, x), lambda f, x: f(x, x.T, axes=1)],
    "linalg.vecdot": [lambda f, x: f(x, ROW), lambda f, x: f(x, x[:, :1], axis=0)],
    "linspace": [
        lambda f, x: f(x, 1.0, 5),
        lambda f, x: f(x[0], x[1], num=4, endpoint=False),
        lambda f, x: f(0, x, 3, axis=-1),
        lambda f, x: f(x, x[0], 4, retstep=True),
        lambda f, x: f(x[0, 0], x[1, 1], 1),
    ],
    "matvec": [lambda f, x: f(x, ROW), lambda f, x: f(np.stack([x, x]), x[:, None])],
    "vecmat": [lambda f, x: f(ROW[:2], x), lambda f, x: f(x, np.stack([x.T, x.T]))],
    "vecdot": [
        lambda f, x: f(x, ROW),
        lambda f, x: f(x, SQUARE[:, :1], axis=0),
        lambda f, x: f(x[None], x[:, None]),
    ],
    "rollaxis": [
        lambda f, x: f(x, 1),
        *(lambda f, x, a=a, b=b: f(x[None], a, b) for a in (0, 1, -1) for b in (-2, 0, 2, 3)),
    ],
    "rot90": [
        *(lambda f, x, k=k: f(x, k) for k in range(-1, 5)),
        lambda f, x: f(x, k=3, axes=(1, 0)),
        lambda f, x: f(x[None], 1, (0, 2)),
    ],
    "searchsorted": [
        lambda f, x: f(x[0, [1, 2, 0]], [0.3, 0.5]),
        lambda f, x: f(ROW[[1, 0, 2]], x, side="right"),
    ],
    "select": [
        lambda f, x: f([X > 0.6, X > 0.3], [x, x**2]),
        lambda f, x: f([X > 0.6, X[0] > 0.3], [ROW, x], default=x[:, :1]),
    ],
    "trapezoid": [
        lambda f, x: f(x),
        lambda f, x: f(x, axis=0, dx=0.5),
        lambda f, x: f(x, [0.0, 1.0, 3.0]),
        lambda f, x: f(ROW, x=x),
        lambda f, x: f(x.T, ROW, axis=0),
        lambda f, x: f(ROW, dx=x[0, 0]),
    ],
    "unstack": [lambda f, x: f(x), lambda f, x: f(x, axis=1)],
    "vsplit": [lambda f, x: f(x, 2), lambda f, x: f(x, [1])],
    "add.accumulate": [lambda f, x: f(x), lambda f, x: f(x, axis=1)],
    "add.reduce": [
        lambda f, x: f(x),
        lambda f, x: f(x, axis=None),
        lambda f, x: f(x, 1, None, None, True),
        lambda f, x: f(x, axis=(0, 1), keepdims=True),
    ],
    "argmax": [lambda f, x: f(x, axis=1), lambda f, x: f(a=x)],
    "array_split": [lambda f, x: f(x, 2, axis=1), lambda f, x: f(x, [1, 1, 5], 1)],
    "astype": [lambda f, x: f(x, np.longdouble)],
    "atleast_1d": [lambda f, x: f(x), lambda f, x: f(x[0, 0], x)],
    "atleast_2d": [lambda f, x: f(x[0]), lambda f, x: f(x, x[0, 0])],
    "broadcast_to": [lambda f, x: f(x, (2, 2, 3)), lambda f, x: f(array=x, shape=(1, 2, 3))],
    "average": [
        lambda f, x: f(x),
        lambda f, x: f(x, axis=0, weights=[0.25, 1.5]),
        lambda f, x: f(x, weights=X[::-1], returned=True)[0],
        lambda f, x: f(X, weights=x, returned=True),
        lambda f, x: f(x, 1, ROW, keepdims=True),
        lambda f, x: f(X[None], axis=(2, 1), weights=x.T, returned=True)[1],
        lambda f, x: f(x[None], axis=(2, 1), weights=X.T),
        lambda f, x: f(x, axis=(0,), returned=True)[0],
    ],
    "clip": [
        lambda f, x: f(x, 0.25, 0.65),
        lambda f, x: f(x, a_min=0.25, a_max=None),
        lambda f, x: f(x, None, 0.65),
        lambda f, x: f(x, min=0.25, max=0.65) if np.__version__ >= "2.1" else f(x, 0.25, 0.65),
    ],
    "column_stack": [lambda f, x: f([x[0], x[1]]), lambda f, x: f((x, x[:, 0]))],
    "concatenate": [
        lambda f, x: f([x, x], axis=1),
        lambda f, x: f((x, SQUARE), 1),
        lambda f, x: f((x, x), axis=0, out=None, dtype=None),
    ],
    "convolve": [
        *(lambda f, x, m=m: f(x[0], x[1, :2], m) for m in ("full", "same", "valid")),
        lambda f, x: f(a=ROW[:2], v=x[1], mode="same"),
        lambda f, x: f(x[0], 2.0),
    ],
    "correlate": [
        *(lambda f, x, m=m: f(x[0], x[1, :2], m) for m in ("full", "same", "valid")),
        *(lambda f, x, m=m: f(x[0, :2], x[1], m) for m in ("full", "same", "valid")),
        lambda f, x: f(a=ROW, v=x[1]),
    ],
    "cumprod": [lambda f, x: f(x), lambda f, x: f(x, 1), lambda f, x: f(a=x, axis=0, dtype=None)],
    "cumsum": [lambda f, x: f(x), lambda f, x: f(x, 1), lambda f, x: f(a=x, axis=0, dtype=None)],
    **{
        f"cumulative_{name}": [
            lambda f, x: f(x[0]),
            lambda f, x: f(x, axis=1, include_initial=True),
            lambda f, x: f(x, axis=-2, dtype=None, out=None),
        ]
        for name in ("prod", "sum")
    },
    "diag": [lambda f, x: f(x), lambda f, x: f(x[0], k=1), lambda f, x: f(v=x[1], k=-2)],
    "diagonal": [lambda f, x: f(x), lambda f, x: f(x, 1), lambda f, x: f(x, axis1=1, axis2=0)],
    "diff": [
        lambda f, x: f(x),
        lambda f, x: f(x, axis=0),
        lambda f, x: f(x, n=2),
        lambda f, x: f(x, prepend=0.0, append=x[:, :2]),
        lambda f, x: f(x, 2, 0, x, 1.0),
        lambda f, x: f(ROW, append=x[0, 0]),
    ],
    "divide": [lambda f, x: f(x, ROW), lambda f, x: f(2.0, x)],
    "divmod": OF_QUOTIENTS,
    "dot": [
        lambda f, x: f(x, ROW),
        lambda f, x: f(ROW, x.T),
        lambda f, x: f(x, np.stack([x.T] * 4)),
        lambda f, x: f(x, 2.0),
    ],
    "einsum": [
        lambda f, x: f("ij,j", x, ROW),
        lambda f, x: f("ij,kj->ik", x, x, optimize=True),
        lambda f, x: f("...i->...", x),
        lambda f, x: f("ij,ij->j", x, x[:1]),
        lambda f, x: f("ii->i", x[:, :2]),
        lambda f, x: f(x, [0, 1], ROW, [1]),
        lambda f, x: f(x, [30, 2], x, [7, 2], [7, 30]),
        lambda f, x: f(x, [..., 1], ROW, [1], [...], optimize="optimal"),
        lambda f, x: f(x[:, :2], [0, 0]),
    ],
    "expand_dims": [lambda f, x: f(x, 1), lambda f, x: f(x, axis=(0, -1))],
    "flip": [lambda f, x: f(x), lambda f, x: f(x, 0), lambda f, x: f(m=x, axis=(0, 1))],
    **{
        f"nan{name}": [
            lambda f, x: f(with_holes(x)),
            lambda f, x: f(with_holes(x), axis=0),
            lambda f, x: f(with_holes(x), 1, keepdims=True),
        ]
        for name in ("sum", "prod", "mean", "max", "min", "var", "std")
    },
    "floor_divide": OF_QUOTIENTS,
    "fmod": OF_QUOTIENTS,
    "fmax": [lambda f, x: f(x, ROW), lambda f, x: f([np.nan, 0.5, 0.1], x)],
    "fmin": [lambda f, x: f(x, ROW), lambda f, x: f([np.nan, 0.5, 0.1], x)],
    "full_like": [lambda f, x: f(x, 3.0)],
    "hstack": [lambda f, x: f([x, x]), lambda f, x: f((x[0], x[1, :1]))],
    "inner": [lambda f, x: f(x, x), lambda f, x: f(ROW, x), lambda f, x: f(x, 2.0)],
    "lib.stride_tricks.sliding_window_view": [
        lambda f, x: f(x, (2, 2)),
        lambda f, x: f(x, 2, axis=-1),
        lambda f, x: f(x=x, window_shape=(2,), axis=(0,), subok=False),
    ],
    "linalg.cholesky": [lambda f, x: f(x @ x.T)],
    "linalg.det": [lambda f, x: f(x[:, :2]), lambda f, x: f(np.stack([x[:, :2], x[:, 1:]]))],
    "linalg.eigh": [lambda f, x: f(x @ x.T), lambda f, x: f(x @ x.T, "L")],
    "linalg.eigvalsh": [lambda f, x: f(x @ x.T)],
    "linalg.inv": [lambda f, x: f(x[:, :2])],
    "linalg.lstsq": [
        lambda f, x: f(x, ROW[:2])[0],
        lambda f, x: f(x.T, ROW, rcond=None)[:2],
        lambda f, x: f(x.T, x.T + 1.0, 0.01)[1],
        lambda f, x: f(x, ROW[:2])[3],
    ],
    "linalg.matrix_power": [
        *(lambda f, x, n=n: f(x[:, :2], n) for n in (0, 1, 2, 7, -1, -2)),
        lambda f, x: f(np.stack([x[:, :2], x[:, 1:]]), 3),
    ],
    "linalg.multi_dot": [
        lambda f, x: f([x, x.T]),
        lambda f, x: f([ROW, x.T, x, x.T]),
        lambda f, x: f([x, x.T, x, x.T, x, ROW]),
    ],
    "linalg.norm": [
        lambda f, x: f(x),
        lambda f, x: f(x, "fro"),
        lambda f, x: f(x, 2, 1),
        lambda f, x: f(x, axis=0, keepdims=True),
        lambda f, x: f(x[0], ord=2),
        lambda f, x: f(x, axis=(0, 1)),
        *(lambda f, x, p=p: f(x, p) for p in ("nuc", 1, 2, -1, -2, np.inf, -np.inf)),
        *(lambda f, x, p=p: f(x[0], p) for p in (0, 1, 3, -1.5, np.inf, -np.inf)),
        lambda f, x: f(x, 1, 0, keepdims=True),
        lambda f, x: f(np.stack([x, x]), 2, (2, 0), True),
    ],
    "linalg.pinv": [lambda f, x: f(x), lambda f, x: f(x.T, 0.01), lambda f, x: f(x, rcond=1e-9)],
    "linalg.qr": [
        lambda f, x: f(x),
        lambda f, x: f(x.T, "reduced"),
        lambda f, x: f(x.T, mode="r"),
    ],
    "linalg.slogdet": [lambda f, x: f(-x[:, :2])],
    "linalg.solve": [
        lambda f, x: f(x[:, :2], x),
        lambda f, x: f(SQUARE, x[:, 0]),
        lambda f, x: f(np.stack([x[:, :2], x[:, 1:]]), x[:, 0]),
    ],
    "linalg.svd": [
        lambda f, x: f(x, full_matrices=False),
        lambda f, x: f(x[:, :2]),
        lambda f, x: f(x, compute_uv=False),
    ],
    "linalg.trace": [lambda f, x: f(x), lambda f, x: f(x[None], offset=1)],
    "logaddexp.reduce": [lambda f, x: f(x), lambda f, x: f(x, axis=1, keepdims=True)],
    "matmul": [lambda f, x: f(x, x.T), lambda f, x: f(x, ROW)],
    "max": [lambda f, x: f(x, 1), lambda f, x: f(x, axis=(0, 1), keepdims=True)],
    "maximum": [lambda f, x: f(x, ROW)],
    "mean": [lambda f, x: f(x), lambda f, x: f(a=x, axis=0, dtype=None, out=None)],
    "median": [lambda f, x: f(x), lambda f, x: f(x, 0), lambda f, x: f(x, axis=1, keepdims=True)],
    "percentile": [lambda f, x: f(x, 30.0), lambda f, x: f(a=x, q=[25, 80], axis=1)],
    "quantile": [lambda f, x: f(x, 0.3), lambda f, x: f(x, [0.25, 0.8], 1)],
    "min": [lambda f, x: f(x, 1, None, True)],
    "minimum": [lambda f, x: f(ROW, x)],
    "meshgrid": [
        lambda f, x: f(x[0], x[1, :2]),
        lambda f, x: f(x, x[1], x[0, 0], indexing="ij"),
        lambda f, x: f(x[0], x, x[1], sparse=True),
        lambda f, x: f(x, copy=False),
    ],
    "moveaxis": [lambda f, x: f(x, 0, 1), lambda f, x: f(x[None], (0, 1), (-1, 0))],
    "nan_to_num": [
        lambda f, x: f(with_holes(x)),
        lambda f, x: f(x + np.array([np.inf, 0.0, -np.inf]), nan=2.0, posinf=3.0, neginf=4.0),
        lambda f, x: f(x - [np.inf, 0.0, 0.0], False, neginf=5.0),
    ],
    "outer": [lambda f, x: f(x, ROW), lambda f, x: f(a=x, b=x)],
    "pad": [
        lambda f, x: f(x, 1),
        lambda f, x: f(x, ((0, 1), (2, 0)), constant_values=0.5),
        lambda f, x: f(x, (1, 2), "constant"),
        lambda f, x: f(x, 1, constant_values=(2.0, 3)),
        lambda f, x: f(x, ((0, 1), (2, 1)), constant_values=((1, 2), (3, 4))),
        lambda f, x: f(x, 2, "edge"),
        *(
            lambda f, x, m=m, w=w: f(x, w, mode=m)
            for m in ("edge", "reflect", "symmetric", "wrap")
            for w in (1, ((0, 3), (5, 2)))
        ),
    ],
    "polyval": [
        lambda f, x: f(ROW, x),
        lambda f, x: f(x, 0.7),
        lambda f, x: f([2.0], x),
        lambda f, x: f(p=x[0], x=SQUARE),
        lambda f, x: f(x, x[0]),
        lambda f, x: f(np.poly1d(ROW), x),
    ],
    "power": [lambda f, x: f(x, 2), lambda f, x: f(2.0, x), lambda f, x: f(x, x)],
    "ptp": [lambda f, x: f(x), lambda f, x: f(x, 1)],
    "remainder": OF_QUOTIENTS,
    "repeat": [lambda f, x: f(x, 2), lambda f, x: f(x, [1, 0, 2], axis=1)],
    "ravel": [lambda f, x: f(x), lambda f, x: f(x, "F"), lambda f, x: f(x[None], order="F")],
    "reshape": [
        lambda f, x: f(x, (3, 2)),
        lambda f, x: f(x, -1),
        lambda f, x: f(x, (3, -1), "C"),
        lambda f, x: f(x, (3, 2), order="F"),
        lambda f, x: f(x[None], (-1, 3), "F"),
        lambda f, x: f(x, 6, order="F"),
    ],
    "rint": [lambda f, x: f(x + 0.01)],
    "roll": [lambda f, x: f(x, 1), lambda f, x: f(x, -1, 1), lambda f, x: f(x, (1, 2), (0, 1))],
    "round": [lambda f, x: f(x + 0.01, 1), lambda f, x: f(x + 0.01, decimals=1)],
    "sort": [lambda f, x: f(x), lambda f, x: f(x, 0, kind="stable"), lambda f, x: f(x, axis=None)],
    "split": [lambda f, x: f(x, 3, 1), lambda f, x: f(x, [1], axis=1)],
    "squeeze": [lambda f, x: f(x[None]), lambda f, x: f(x[None, :1], 1)],
    "stack": [lambda f, x: f([x, X]), lambda f, x: f([x, x], axis=-1)],
    "std": [lambda f, x: f(x), lambda f, x: f(x, 0, None, None, 1), lambda f, x: f(x, ddof=1)],
    "sum": [
        lambda f, x: f(x),
        lambda f, x: f(x, axis=(0, 1)),
        lambda f, x: f(x, 1, None, None, True),
        lambda f, x: f(a=x, keepdims=True),
    ],
    "swapaxes": [lambda f, x: f(x, 0, 1), lambda f, x: f(x, axis1=-1, axis2=0)],
    "take": [
        lambda f, x: f(x, [0, 5, 5]),
        lambda f, x: f(x, -1, axis=1),
        lambda f, x: f(x, [[0, 1], [1, 1]], 0),
        lambda f, x: f(x, [-7, 9], mode="wrap"),
        lambda f, x: f(x, [-2, 0, 5], 1, None, "clip"),
    ],
    "take_along_axis": [
        lambda f, x: f(x, np.array([[2], [0]]), axis=1),
        lambda f, x: f(x, np.argsort(X, axis=0), 0),
        lambda f, x: f(x, np.array([[0, 0, -1, 2]]), axis=-1),
        lambda f, x: f(x, np.array([5, 0, 0]), None),
    ],
    "tensordot": [
        lambda f, x: f(x, x),
        lambda f, x: f(x, x, axes=([0, 1], [0, 1])),
        lambda f, x: f(x, x.T, 1),
        lambda f, x: f(x, x, (0, 0)),
        lambda f, x: f(x, ROW, 0),
    ],
    "tile": [lambda f, x: f(x, 2), lambda f, x: f(x, (2, 1, 2)), lambda f, x: f(x[0], (2,))],
    "trace": [lambda f, x: f(x), lambda f, x: f(x[:, None], 1, 0, 2)],
    "transpose": [lambda f, x: f(x), lambda f, x: f(x, (1, 0)), lambda f, x: f(x, axes=(0, 1))],
    "tril": [lambda f, x: f(x), lambda f, x: f(np.stack([x, x]), k=-1)],
    "triu": [lambda f, x: f(x), lambda f, x: f(x, 1)],
    "var": [lambda f, x: f(x), lambda f, x: f(x, axis=1, correction=1, keepdims=True)],
    "vdot": [lambda f, x: f(x, X)],
    "vstack": [lambda f, x: f([x, x]), lambda f, x: f((x[0], x[1]))],
    "where": [lambda f, x: f(X > 0.4, x, 0.0), lambda f, x: f(X > 0.4, ROW, x)],
}
SECOND = {"allclose", "array_equal", "array_equiv", "isclose", "searchsorted"}
LIKE_ANOTHER = {
    "amax": "max", "amin": "min", "around": "round", "acosh": "arccosh", "concat": "concatenate",
    "mod": "remainder",
    "permute_dims": "transpose", "pow": "power", "true_divide": "divide",
}  # fmt: skip


def ways(name):
    """Return the calls of a function that are tried."""
    function = on(name)
    known = CALLS.get(LIKE_ANOTHER.get(name, name))
    if known:
        return known
    if (getattr(function, "nin", 1) == 2 and "." not in name) or name in SECOND:
        return [lambda f, x: f(x, ROW), lambda f, x: f(ROW, x), lambda f, x: f(x, x)]
    return [lambda f, x: f(x)]


def parts(result):
    """Return what a call gave as a list, for some give many."""
    return list(result) if isinstance(result, list | tuple) else [result]


@pytest.mark.parametrize("name", [name for name, kind in COVERED.items() if kind != "plain array"])
def test_a_covered_function_has_the_value_and_the_slope_of_numpys(name):
    function = on(name)
    if function is None:
        pytest.skip(f"this NumPy has no {name}")
    way = np.random.default_rng(1).uniform(-1, 1, X.shape)
    for call in ways(name):
        value = tg.Value(X)
        got, wanted = parts(call(function, value)), parts(call(function, X))
        assert [type(each) for each in got] == [tg.Value] * len(wanted)
        for each, plain in zip(got, wanted, strict=True):
            assert each.dtype == plain.dtype
            assert relative_error(each.data, plain) < 1e-14
        weights = [np.random.default_rng(2).uniform(-1, 1, each.shape) for each in got]
        total = sum(np.sum(w * each) for w, each in zip(weights, got, strict=True))

        def along(t, weights=weights, call=call):
            moved = X + t * way
            if name.startswith("linalg.") or name == "interp":  # which compute in double precision
                moved = moved.astype(float)
            moved = parts(call(function, moved))
            return sum(np.sum(w * each) for w, each in zip(weights, moved, strict=True))

        found = np.sum(tg.grad(total, value) * way)
        assert relative_error(found, slope(along)) < 1e-10
        if COVERED[name] == "zero derivative":
            assert not np.any(tg.grad(total, value))


@pytest.mark.parametrize("name", [name for name, kind in COVERED.items() if kind == "plain array"])
def test_a_question_is_answered_as_for_an_array(name):
    function = on(name)
    for call in ways(name):
        got, wanted = parts(call(function, tg.Value(X))), parts(call(function, X))
        for each, plain in zip(got, wanted, strict=True):
            assert type(each) is type(plain)
            assert np.shape(each) == np.shape(plain)
            if name != "empty_like":
                assert np.array_equal(each, plain)


def test_a_value_inside_a_list_or_named_is_found_too():
    x = tg.Value([1.0, 2.0])
    assert np.array_equal(np.isclose(a=[1.0, 2.0], b=x), [True, True])
    assert np.logical_and(x, [x > 1.5][0]).tolist() == [False, True]
    assert tg.grad(np.stack([np.ones(2), x]).sum(), x).tolist() == [1, 1]


# ----- What is not covered -----


def dispatched():
    """Yield every public function of NumPy that asks its arguments, by the name to call it."""
    for module in (np, np.linalg, np.fft):
        for name in sorted(dir(module)):
            function = getattr(module, name)
            if numpy_table.is_dispatched(function) and not name.startswith("_"):
                yield f"{module.__name__}.{name}".removeprefix("numpy."), function


OTHERS = {name: function for name, function in dispatched() if name not in COVERED}


@pytest.mark.parametrize("name", OTHERS)
def test_a_function_without_a_rule_says_so_by_name(name):
    function, x = OTHERS[name], tg.Value(SQUARE)
    module = "numpy" if isinstance(function, np.ufunc) else function.__module__
    spelling = f"{module.replace('numpy', 'np', 1)}.{function.__name__}"
    messages = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for count in range(1, 5):  # until the arguments are as many and of the kind it wants
            for arguments in ([x] * count, [[x] * 2, *[x] * (count - 1)]):
                with pytest.raises((TypeError, ValueError, AttributeError)) as error:
                    function(*arguments)
                messages.append(str(error.value))
                if f"{spelling} has no derivative rule" in messages[-1]:
                    return
    pytest.fail(f"{spelling} said only {messages}")


@pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.exp, np.maximum, np.hypot])
@pytest.mark.parametrize("method", ["reduce", "accumulate", "outer", "at", "reduceat"])
def test_a_method_of_a_ufunc_has_a_rule_or_says_so(ufunc, method):
    if f"{ufunc.__name__}.{method}" in COVERED:
        return
    x = tg.Value([1.0, 2.0])
    arguments = {"outer": (x, x), "at": (x, [0], 1.0), "reduceat": (x, [0])}.get(method, (x,))
    words = rf"np.{ufunc.__name__}.{method}|only supported for binary functions|ufunc is unary"
    with pytest.raises((TypeError, ValueError), match=words):
        getattr(ufunc, method)(*arguments)


def test_what_numpy_has_under_the_same_name_with_another_meaning_is_not_called():
    with pytest.raises(TypeError, match=r"np.place has no derivative rule.*tg.where\(mask"):
        np.place(tg.Value([1.0, 2.0]), [True, False], 5.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (np.spacing, "np.spacing has no derivative rule"),
        (np.fix, r"np.fix has no.*write tg.trunc"),
        (lambda x: np.add.at(x, [0], 1.0), r"np.add.at has no.*write x \+ tg.place"),
        (lambda x: np.add.at(np.ones(2), [0, 1], x), r"np.add.at has no.*write x \+ tg.place"),
        (np.maximum.accumulate, r"np.maximum.accumulate has no.*step by step"),
        (lambda x: np.partition(x, 0), r"np.partition has no derivative rule.*write tg.sort and"),
        (lambda x: np.add.outer(x, x), r"np.add.outer has no.*itself for x\[:, np.newaxis\] and y"),
        (lambda x: np.exp(x, dtype=float), r"np.exp\(..., dtype=\).*tg.astype"),
        (lambda x: np.exp(x, where=[True, False]), r"np.exp\(..., where=\).*tg.where"),
        (lambda x: np.exp(x, out=np.ones(2)), r"np.exp\(..., out=\) would overwrite"),
        (lambda x: np.exp(np.ones(2), out=x), r"np.exp\(..., out=\) would overwrite"),
        (lambda x: np.sum(x, out=np.ones(())), r"np.sum\(..., out=\) would overwrite"),
        (lambda x: np.sum(np.ones(2), out=x), r"np.sum\(..., out=\) would overwrite"),
        (lambda x: np.any(x, out=np.ones((), bool)), r"np.any\(..., out=\) would overwrite"),
        (lambda x: np.add.reduce(x, out=np.ones(())), r"np.add.reduce\(..., out=\) would"),
        (lambda x: np.sum(x, dtype=np.float32), r"np.sum\(..., dtype=\).*tg.astype"),
        (lambda x: np.sum(x, None, float), r"np.sum\(..., dtype=\)"),
        (lambda x: np.add.reduce(x, dtype=np.float32), r"np.add.reduce\(..., dtype=\)"),
        (lambda x: np.linspace(x, 1.0, dtype=np.float32), r"np.linspace\(..., dtype=\)"),
        (lambda x: np.pad(x, 1, constant_values=x), "must be numbers.*concatenate makes a border"),
        (lambda x: np.pad(x, 1, "reflect", reflect_type="odd"), r"np.pad\(..., reflect_type=\)"),
        (lambda x: np.vecdot(x, x, dtype=float), r"np.vecdot\(..., dtype=\).*tg.astype"),
        (np.linalg.cond, "np.linalg.cond has no derivative rule"),
        (np.fft.fft, "np.fft.fft has no derivative rule"),
        (np.asarray, r"silently drop its graph; write tg.array\(.*value.data"),
        (np.array, r"silently drop its graph; write tg.array\(.*value.data"),
        (lambda x: np.array([x, x]), r"silently drop its graph"),
        (lambda x: np.array([x, x], dtype=float), r"silently drop its graph"),
        (lambda x: np.full(2, x), r"silently drop its graph"),
        (lambda x: np.full_like(np.ones(2), x), r"np.copyto has no"),
        (lambda x: np.zeros((1, 2)).__setitem__(0, x), r"silently drop its graph"),
        (lambda x: x.__setitem__(0, 1.0), "in-place assignment.*tg.where"),
        (lambda x: np.copyto(x, 1.0), r"np.copyto has no.*tg.where\(mask, new, x\)"),
        (lambda x: np.einsum(x, [0], x, 0), "subscripts must be a str, or lists of ints"),
    ],
)
def test_what_has_no_rule_says_so(call, words):
    with pytest.raises(TypeError, match=words):
        call(tg.Value([1.0, 2.0]))


def test_an_array_on_the_left_of_any_operator_makes_one_value():
    array, x = np.array([1.0, 2.0]), tg.Value([3.0, 5.0])
    for made in (array + x, array - x, array * x, array / x, array**x, array @ x):
        assert type(made) is tg.Value
    for answer in (array < x, array <= x, array > x, array >= x, array == x, array != x):
        assert answer.dtype == bool


# ----- Kinds of arrays whose operators mean something else -----


class Metres(np.ndarray):
    """An array with a unit, as those of astropy are: it has a say in every function of NumPy."""

    def __array_ufunc__(self, *args, **options):
        return NotImplemented


class Named(np.ndarray):
    """An array that is one in all that it computes."""


ODD = {
    "masked": np.ma.array([[1.0, 2.0], [3.0, 4.0]], mask=[[0, 1], [0, 0]]),
    "unmasked": np.ma.array([[1.0, 2.0], [3.0, 4.0]]),
    "matrix": np.array([[1.0, 2.0], [3.0, 4.0]]).view(np.matrix),
    "units": np.ones((2, 2)).view(Metres),
}
BINARY = [
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "lt",
    "le",
    "gt",
    "ge",
    "eq",
    "ne",
    "and_",
    "or_",
    "iadd",
    "imul",
]


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_array_whose_operators_mean_something_else_is_refused_on_both_sides(odd, name):
    v = tg.Value(SQUARE)
    for a, b in ((odd.copy(), v), (v, odd.copy())):
        with pytest.raises(TypeError):
            getattr(operator, name)(a, b)


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_the_refusal_names_the_kind_of_array(odd):
    said = "masked array.*filled" if isinstance(odd, np.ma.MaskedArray) else r"np\.asarray\(x\)"
    for call in (
        lambda: tg.Value(SQUARE) * odd,
        lambda: tg.Value(SQUARE) @ odd,
        lambda: tg.Value(SQUARE) < odd,
        lambda: tg.Value(SQUARE) == odd,
        lambda: tg.Value(odd),
        lambda: tg.tanh(odd),
        lambda: tg.grad(tg.sum)(odd),
        lambda: tg.grad(lambda x: (odd * x).sum())(SQUARE),
        lambda: tg.grad(lambda x: np.sum(x * odd))(SQUARE),
        lambda: tg.vjp(tg.sin, SQUARE)[1](odd),
        lambda: tg.compile(lambda x: odd * x)(SQUARE),
        lambda: tg.compile(lambda x: x < odd)(SQUARE),
    ):
        with pytest.raises(tg.DataTypeError, match=said):
            call()


def test_a_subclass_that_computes_as_arrays_do_is_an_array():
    named = SQUARE.view(Named)
    v = tg.Value(SQUARE)
    for got in (v * named, named * v):
        assert type(got) is tg.Value
        np.testing.assert_array_equal(got.data, SQUARE * SQUARE)
    np.testing.assert_array_equal(v == named, np.ones((2, 2), bool))


def test_no_function_for_masked_arrays_takes_the_numbers_of_a_value():
    """None returns numbers that a gradient would have to flow through."""
    v = tg.Value(SQUARE)
    with np.errstate(all="ignore"):
        for name in ("add", "multiply", "sin", "sum", "mean", "dot", "where", "maximum", "stack"):
            function = getattr(np.ma, name)
            for args in ((v,), (v, v), (v, 1.0), ([v, v],), (ODD["masked"], v), (True, v, v)):
                try:
                    got = function(*args)
                except (TypeError, ValueError, AttributeError):
                    continue
                assert type(got) is tg.Value, f"np.ma.{name} took the numbers"
    for name in dir(np.ma.array([1.0])):
        if name.startswith("_") and not name.startswith("__"):
            assert not hasattr(v, name), f"np.ma looks at {name}"


def test_pandas_leaves_its_operators_to_a_value():
    pandas = pytest.importorskip("pandas")
    frame, v = pandas.DataFrame(SQUARE), tg.Value(SQUARE)
    for name in ["add", "sub", "mul", "truediv", "pow"]:
        for x in (frame, frame[0]):
            w = v if x is frame else v[:, 0]
            got = getattr(operator, name)(x, w)
            assert type(got) is tg.Value
            wanted = getattr(operator, name)(tg.Value(x.to_numpy()), w)
            np.testing.assert_array_equal(got.data, wanted.data)
    for name in ["lt", "le", "gt", "ge", "eq", "ne"]:
        got, wanted = (getattr(operator, name)(x, SQUARE) for x in (frame, SQUARE))
        np.testing.assert_array_equal(getattr(operator, name)(frame, v), wanted)
        np.testing.assert_array_equal(got, wanted)


def test_pandas_is_told_to_leave_its_operators_to_a_value():
    assert tg.Value.__pandas_priority__ > 4000  # that of a DataFrame, the highest of pandas's own


# ----- What the errors advise gives NumPy's own numbers -----

#: By name: NumPy's call on arrays, and on Values what is advised; with None for that, the advice
#: is itself the program.  Then what x and y stand for, where they are no vectors with both signs.
ADVISED = {
    "partition": ("np.partition(x, 2)[2]", "tg.sort(x)[2]"),
    "insert": ("np.insert(x, 1, 5.0)", "tg.concatenate([x[:1], [5.0], x[1:]])"),
    "nancumsum": ("np.nancumsum(x)", None, "holes[:4]"),
    "float_power": ("np.float_power(weights, x)", "tg.power(weights, x)"),
    "heaviside": (
        "np.heaviside(x, 0.5)",
        "tg.where(x > 0, 1.0, tg.where(np.equal(x, 0), 0.5, 0.0 * x))",
    ),
    "piecewise": ("np.piecewise(x, [x > 0], [2.0, 3.0])", "tg.where(x > 0, 2.0, 3.0 + 0.0 * x)"),
    "copyto": (
        "changed(np.copyto, m, 5.0), changed(np.copyto, m, n, where=mask)",
        "tg.broadcast_to(tg.Value(5.0), m.shape), tg.where(mask, n, m)",
    ),
    "place": ("changed(np.place, m, mask, [5.0])", "tg.where(mask, 5.0, m)"),
    "put": ("changed(np.put, m, [0, 2, 4], 5.0)", "tg.where(mask, 5.0, m)"),
    "putmask": ("changed(np.putmask, m, mask, 5.0)", "tg.where(mask, 5.0, m)"),
    "put_along_axis": (
        "changed(np.put_along_axis, m, np.array([[0, 2], [1, 1]]), 5.0, 1)",
        "tg.where(mask, 5.0, m)",
    ),
    "fill_diagonal": ("changed(np.fill_diagonal, square, 5.0)", (
        "tg.where(np.eye(3) > 0, 5.0, square)"
    )),
    "logspace": ("np.logspace(x, y, number)", None, "x[0]", "y[1]"),
    "geomspace": ("np.geomspace(x, y, number)", None, "weights[0]", "weights[1]"),
    "resize": ("np.resize(x, shape)", None, "m"),
    "broadcast_arrays": ("np.broadcast_arrays(m, x[:3])[1]", "tg.broadcast_to(x[:3], m.shape)"),
    "real_if_close": ("np.real_if_close(x)", None),
    "angle": ("np.angle(x)", None),
    "linalg.vector_norm": ("np.linalg.vector_norm(m)", "tg.norm(m)"),
    "linalg.matrix_norm": ("np.linalg.matrix_norm(m)", "tg.norm(m)"),
    "fix": ("np.fix(x)", "tg.trunc(x)"),
    # SciPy's, by hand
    "exprel": ("np.expm1(weights) / weights", None, "weights"),
    ".outer": ("np.maximum.outer(x, y)", "tg.maximum(x[:, np.newaxis], y)"),
    ".at": ("changed(np.add.at, x, [1, 1], 3.0)", (
        "x + tg.place(tg.Value([3.0, 3.0]), ([1, 1],), x.shape)"
    )),
    ".accumulate": ("np.maximum.accumulate(x)[1]", "tg.maximum(x[0], x[1])"),
    ".reduce": ("np.hypot.reduce(x[:3])", "tg.hypot(tg.hypot(x[0], x[1]), x[2])"),
    ".reduceat": ("np.maximum.reduceat(x, [0, 2])[0]", "tg.maximum(x[0], x[1])"),
}  # fmt: skip


def changed(function, x, *args, **options):
    """What a function that changes its first argument makes of it."""
    x = x.copy()
    function(x, *args, **options)
    return x


ARRAYS = {
    "x": np.array([-1.5, 0.0, 0.5, 3.25, -2.75]),
    "y": np.array([2.0, -1.25, 0.75, -0.5, 1.5]),
    "holes": np.array([-1.5, np.nan, 0.5, 3.25, np.inf]),
    "weights": np.array([0.5, 0.25, 0.75, 0.125, 0.375]),
    "m": X,
    "n": X[::-1] - 0.4,
    "square": np.array([[0.7, 0.2, 1.5], [0.8, -0.5, 0.3], [2.0, 0.1, -1.0]]),
    "pile": np.linspace(-1.0, 1.0, 18).reshape(2, 3, 3),
}
CONSTANTS = {
    "np": np,
    "tg": tg,
    "changed": changed,
    "mask": np.array([[True, False, True], [False, True, False]]),
    "levi_civita": [
        [[(i - j) * (j - k) * (k - i) / 2.0 for k in range(3)] for j in range(3)] for i in range(3)
    ],
    "number": 5,
    "shape": (5, 4),
}


def run(program, arrays, x="x", y="y"):
    """Return the parts of what a program gives."""
    names = {**CONSTANTS, **arrays}
    names["x"], names["y"] = eval(x, names), eval(y, names)
    program, _, meaning_of_y = program.partition(" with y = ")
    if meaning_of_y:
        names["y"] = eval(meaning_of_y, names)
    return parts(eval(program, names))


def test_every_advice_is_run():
    assert set(" ".join(functions._INSTEAD.values()).split()) == set(ADVISED)
    names = [name for names in functions._INSTEAD.values() for name in names.split()]
    assert len(names) == len(set(names))


@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated:DeprecationWarning")  # from 2.5 on
@pytest.mark.parametrize("name", ADVISED)
def test_an_advice_gives_the_numbers_of_numpys_function(name):
    theirs, ours, *meanings = ADVISED[name]
    if f"np.{name}(" in theirs and on(name) is None:
        pytest.skip(f"this NumPy has no {name}")
    advice = functions.advice_for(name)
    if ours is None:
        ours = re.split(", (?=for|which)", advice)[0]
    else:
        assert set(re.findall(r"tg\.\w+", advice)) <= set(re.findall(r"tg\.\w+", ours))
    values = {key: tg.Value(array) for key, array in ARRAYS.items()}
    with np.errstate(invalid="ignore"):
        wanted = run(theirs, ARRAYS, *meanings)
        got = run(ours, values, *meanings)
    assert len(got) == len(wanted)
    for one, other in zip(got, wanted):
        one = one.data if isinstance(one, tg.Value) else one
        assert np.shape(one) == np.shape(other)
        np.testing.assert_allclose(one, other, rtol=1e-14, atol=1e-15)


def test_a_function_of_another_package_is_not_called_numpys():
    exprel = np.frompyfunc(lambda x: np.expm1(x) / x, 1, 1)
    with pytest.raises(TypeError, match=r"^exprel .*; write tg.expm1\(x\) / x, or"):
        protocols.NumpyProtocols.__array_ufunc__(tg.Value(1.0), Renamed(exprel), "__call__", 1.0)


class Renamed:
    """Looks like SciPy's function of that name."""

    __name__ = "exprel"

    def __init__(self, function):
        self.function = function


# ----- What Python and other frameworks call otherwise -----


def test_round_is_that_of_an_array():
    x = tg.Value([0.25, 1.26, -2.5])
    assert round(x, 1).data.tolist() == np.round(x.data, 1).tolist()
    assert round(x).data.tolist() == [0.0, 1.0, -2.0]
    assert tg.grad(round(x, 1).sum(), x).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("name", "advice"),
    [(n, x.advice) for n, x in vars(other_names.OtherNames).items() if hasattr(x, "advice")],
)
def test_an_attribute_of_another_framework_is_told_by_its_name_here(name, advice):
    value = tg.Value([[1.0, 2.0]])
    words = rf"^a Value has no attribute '{name}'; did you mean {re.escape(advice)}\?$"
    with pytest.raises(AttributeError, match=words):
        getattr(value, name)
    with pytest.raises(AttributeError, match=words):
        setattr(value, name, True)
    assert not hasattr(value, name)
    assert name not in dir(value)
    run_advice(advice, value=value)


def run_advice(advice, **names):
    """Run an advice; what stands in brackets at its end, is why."""
    others = {"other": tg.Value([[3.0], [4.0]]), "mask": [[True, False]], "shape": (2, 2)}
    others |= {"condition": [True, False], "choices": [1.0, 2.0, 3.0]}
    numbers = {"number": 2.0, "exponent": 2.0, "index": 0, "axis": 0, "seed": 1}
    rng = np.random.default_rng(0)
    exec(advice.partition(" (")[0], {"tg": tg, "np": np, "rng": rng, **others, **numbers, **names})


@pytest.mark.parametrize(("advice", "names"), other_names._OF_PACKAGES.items())
def test_a_name_of_another_package_is_told_by_its_name_here(advice, names):
    run_advice(advice)
    for name in names.split():
        assert name not in dir(tg)
        words = rf"^module 'tinygrad_mlp' has no attribute '{name}'; did you mean "
        words += rf"{re.escape(advice)}\?$"
        with pytest.raises(AttributeError, match=words) as error:
            getattr(tg, name)
        assert (name, tg) == (error.value.name, error.value.obj)


@pytest.mark.parametrize(
    ("name", "advice"),
    [("argmax", "np.argmax"), ("pi", "np.pi"), ("float32", "np.float32"), ("absolute", "tg.abs")],
)
def test_a_name_of_numpy_is_told_to_be_numpys(name, advice):
    with pytest.raises(AttributeError, match=rf"'{name}'; did you mean {advice}\?$"):
        getattr(tg, name)


@pytest.mark.parametrize("name", ["dragon", "_dragon", "__path_hooks__", "fft_of_dragons"])
def test_a_name_that_nobody_has_gets_no_advice(name):
    with pytest.raises(AttributeError, match=rf"^module 'tinygrad_mlp' has no attribute '{name}'$"):
        getattr(tg, name)


def test_an_unknown_attribute_is_refused_as_python_does():
    value = tg.Value(1.0)
    assert not hasattr(value, "dragon")
    with pytest.raises(AttributeError, match=r"^'Value' object has no attribute 'lable'$") as error:
        value.lable  # noqa: B018
    assert ("lable", value) == (error.value.name, error.value.obj)  # from these Python guesses


# ----- Joining -----


def test_concatenate_without_an_axis_joins_all_elements_as_numpy_does():
    x = tg.Value(X)
    for function in (np.concatenate, tg.concatenate):
        joined = function([x, ROW], axis=None)
        assert joined.data.tolist() == np.concatenate([X, ROW], axis=None).tolist()
        weights = np.arange(1.0, 10.0)
        assert tg.grad((joined * weights).sum(), x).tolist() == [[1, 2, 3], [4, 5, 6]]


@pytest.mark.parametrize("name", ["concatenate", "stack", "vstack", "hstack", "column_stack"])
def test_nothing_to_join_is_told_by_the_name_of_the_function(name):
    with pytest.raises(ValueError, match=rf"^{name}: give at least one value, got \[\]"):
        getattr(tg, name)([])


def test_an_axis_that_is_missing_is_not_said_to_be_allowed():
    with pytest.raises(TypeError, match=r"^split: axis must be an int, got None"):
        tg.split([1.0, 2.0], 2, axis=None)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("linalg.solve", r"scipy\.linalg takes arrays alone: write tg\.linalg\.solve, or value"),
        ("linalg.inv", r"write tg\.linalg\.inv, or value\.data"),
        ("special.logsumexp", r"write tg\.logsumexp, or value\.data"),
        ("linalg.schur", r"^turning .* takes arrays alone: see tg\.linalg, tg\.special and"),
    ],
)
def test_scipy_that_asks_for_an_array_is_told_from_numpy(path, words):
    pytest.importorskip("scipy")
    module, _, name = path.rpartition(".")
    function = getattr(importlib.import_module(f"scipy.{module}"), name)
    with pytest.raises(tg.DataTypeError, match=words):
        function(tg.Value([[2.0, 0.3], [0.3, 1.0]]), *([[1.0, 2.0]] if name == "solve" else []))


def test_a_function_that_scipy_calls_is_told_of_numpy():
    optimize = pytest.importorskip("scipy.optimize")
    f = tg.grad(lambda x: np.sum(np.array([x[0], x[1]])))
    with pytest.raises(tg.DataTypeError, match=r"write tg\.array"):
        optimize.minimize(lambda x: 0.0, np.ones(2), jac=f)
