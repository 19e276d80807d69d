"""Write docs/numpy.md: which functions of NumPy take Values; ``--check`` only compares."""

import inspect
import sys
from operator import attrgetter
from pathlib import Path

import numpy as np

from tinygrad_mlp import OPS
from tinygrad_mlp.core.functions import FUNCTIONS, LIKE, LINALG, PLAIN, UFUNC_METHODS, counterpart

PAGE = Path(__file__).parents[1] / "docs" / "numpy.md"

#: NumPy has them only from a later version on; the table must not depend on the version.
LATER = {
    **dict.fromkeys(("astype", "cumulative_prod", "cumulative_sum", "unstack"), "NumPy 2.1"),
    **dict.fromkeys(("matvec", "vecmat"), "NumPy 2.2"),
}
#: The one that stands apart.
_WINDOWS = "lib.stride_tricks.sliding_window_view"

HEAD = """\
# NumPy's functions on Values

NumPy's own functions take Values.  Those in the table record the graph, or answer with a plain
array where there is nothing to differentiate.  All others raise a `TypeError` that names the
function and what to write instead; none turns a `Value` into an array behind your back.

```python
>>> import numpy as np
>>> import tinygrad_mlp as tg
>>> x = tg.Value([1.0, 2.0, 4.0])
>>> y = np.sum(np.exp(-x) * np.array([1.0, 0.0, 1.0]))
>>> y
Value(0.3861950800601765, op='sum')
>>> tg.grad(np.einsum("i,i", x, x), x)
array([2., 4., 8.])
>>> np.argmax(x)
np.int64(2)
>>> np.clip(x, a_min=None, a_max=3.0)
Value([1., 2., 3.], shape=(3,), op='clip')
>>> np.partition(x, 1)
Traceback (most recent call last):
    ...
TypeError: np.partition has no derivative rule here, so it cannot take a Value; write tg.sort and an index, or value.data for the bare numbers

```

The arguments have NumPy's names and NumPy's order; reductions take its `initial` and `where` too.

```python
>>> np.sum(x, where=x.data > 1.5, initial=0.5)
Value(6.5, op='add')

```

What would overwrite a graph or compute in
another type raises, and says how to spell it:

```python
>>> np.exp(x, out=np.zeros(3))
Traceback (most recent call last):
    ...
TypeError: np.exp(..., out=) would overwrite a graph, and so would array += value; assign the result, as in y = np.exp(...)
>>> np.sum(x, dtype=np.float32)
Traceback (most recent call last):
    ...
TypeError: np.sum(..., dtype=) is not supported for a Value; convert with tg.astype
>>> np.asarray(x)
Traceback (most recent call last):
    ...
tinygrad_mlp.errors.DataTypeError: turning a Value into an array, or putting it into one, would silently drop its graph; write tg.array([...]) for np.array([...]), tg.sum([...]) for np.sum([...]) and its like, array @ value for array.dot(value), tg.where for a choice, value.astype(int) for an index or a count, or value.data for bare numbers (np.ma drops the graph, too: of a masked array use .filled())

```

Linear algebra is NumPy's, too, and of functions with several results each is a `Value` of its own:

```python
>>> a = tg.Value([[2.0, 1.0], [1.0, 2.0]])
>>> sign, logarithm = np.linalg.slogdet(a)
>>> tg.grad(logarithm, a).round(12)
array([[ 0.66666667, -0.33333333],
       [-0.33333333,  0.66666667]])
>>> np.linalg.eigh(a).eigenvalues
Value([1., 3.], shape=(2,), op='eigvalsh')

```

An operation has one result, so `slogdet`, `eigh`, `svd` and `qr` are made of an operation for each:
one for the eigenvalues, one for the eigenvectors.  What is not used costs nothing in the backward
pass, and each has a rule, a name in drawings and a line in printed programs of its own; the price
is that the matrix is taken apart once for each.  The R of `qr` is the product of Q, turned, and the
matrix.  `pinv(a) @ b` is what `lstsq` returns: its derivative is that of matrices of the same rank.

Convolution and correlation of vectors are NumPy's.  For more axes, sum over windows: with einsum
that is a convolution of images, channels and stacks as one names them, and so are its gradients.

```python
>>> image, kernel = tg.Value(np.eye(4)), tg.Value([[1.0, 0.0], [0.0, -1.0]])
>>> windows = np.lib.stride_tricks.sliding_window_view(image, (2, 2), axis=(-2, -1))
>>> convolved = np.einsum("...xyij,ij->...xy", windows, kernel)
>>> convolved.shape
(3, 3)
>>> tg.grad(convolved, kernel, np.eye(3))
array([[3., 0.],
       [0., 3.]])

```

Wider steps are `windows[..., ::2, ::2, :, :]`, and a border comes from `np.pad`.  The largest of each
window, `windows.max((-2, -1))`, is a pooling.

SciPy's functions that are ufuncs take Values too, as far as `tg.special` has them: `expit`, `logit`,
`log_expit` and `xlogy`, and with SciPy (extra `scipy`) `erf`, `erfc`, `gammaln` and `digamma`.

*Differentiable* functions have derivatives of every order.  A *zero derivative* is that of a
step: a `Value` comes out, and no gradient passes.  A *plain array* is no `Value`.

<!-- Written by `python tools/numpy_table.py`; do not edit. -->

| NumPy | covered as | here |
| --- | --- | --- |
"""  # noqa: E501  tracebacks as Python prints them


def covered() -> dict[str, str]:
    """Return how each covered function of NumPy is, by its name behind ``np.``."""
    names = {*dir(np), *LATER, *(f"linalg.{name}" for name in LINALG), _WINDOWS}
    found = {}
    for name in sorted(names, key=str.lower):
        function = of_numpy(name)
        if name in LATER or is_dispatched(function):
            kind = coverage(name, function)
            if kind:
                found[name] = kind
    for name, method in UFUNC_METHODS:
        found[f"{name}.{method}"] = "differentiable"
    return found


def of_numpy(name: str) -> object:
    """Return the function of NumPy of this name, or None."""
    home, _, last = name.rpartition(".")
    return getattr(attrgetter(home)(np) if home else np, last, None)


def is_dispatched(function: object) -> bool:
    """Whether NumPy asks the arguments of a function what it shall do."""
    return isinstance(function, np.ufunc | type(np.sum))


def coverage(name: str, function: object) -> str | None:
    """Return how a function is covered, or None."""
    if getattr(function, "__name__", name) in PLAIN | LIKE:
        return "plain array"
    ours = FUNCTIONS.get(name) if name in LATER else counterpart(function)
    if ours is None:
        return None
    row = OPS.get(ours.__name__)
    steps = ours is row and isinstance(row.vjps, tuple) and not any(row.vjps)
    return "zero derivative" if steps else "differentiable"


def spelled(name: str) -> str:
    """Return the call of this package that stands for one of NumPy's."""
    if name in LATER:
        ours = FUNCTIONS[name]
    elif name.startswith("linalg."):
        ours = LINALG[name.removeprefix("linalg.")]
    elif "." in name and name != _WINDOWS:
        ours = FUNCTIONS[UFUNC_METHODS[tuple(name.split("."))]]
    else:
        function = of_numpy(name)
        ours = counterpart(function)
        if function.__name__ in PLAIN | LIKE or ours is None:
            return ""
    home = "tg.linalg" if name.startswith("linalg.") else "tg"
    if ours is OPS.get(ours.__name__):
        return f"`{home}.{ours.signature}`"
    parameters = inspect.signature(ours).parameters.values()
    text = ", ".join(str(p.replace(annotation=p.empty)) for p in parameters)
    return f"`{home}.{ours.__name__}({text})`"


FOOT = "\nNext: [the table of operations](operations.md); [what you can rely on](semantics.md).\n"


def page() -> str:
    """Return the text of the page."""
    rows = []
    for name, kind in covered().items():
        since = f" ({LATER[name]})" if name in LATER else ""
        rows.append(f"| `np.{name}`{since} | {kind} | {spelled(name)} |\n")
    return HEAD + "".join(rows) + FOOT


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == page() else f"{PAGE} is stale: run me")
    PAGE.write_text(page(), encoding="utf-8")
