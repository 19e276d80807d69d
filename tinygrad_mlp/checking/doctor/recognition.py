"""Activations that were written out in smaller operations, found and made one operation each.

Who writes ``1 / (1 + exp(-x))`` thinks of the sigmoid, and forgets *its* derivative, not that of
one of the four operations.
"""

from __future__ import annotations

import numpy as np

from tinygrad_mlp.checking.doctor.runs import Run
from tinygrad_mlp.core.backward import grad
from tinygrad_mlp.core.record import OPS, Op
from tinygrad_mlp.core.value import Value

_KNOWN = ("sigmoid", "tanh", "relu", "softplus", "log_sigmoid", "softmax", "log_softmax")
_LONGEST = 20  # operations that one of them is written out in


def recognise(run: Run) -> bool:
    """Replace whatever is an activation by the op of that name; tell whether there was any.

    >>> run = Run(lambda x: 1.0 / (1.0 + np.exp(-x)), ["x"], [np.array([0.5, 2.0])])
    >>> [node.op.name for node in run.nodes]
    ['negative', 'exp', 'add', 'divide']
    >>> recognise(run), [node.op.name for node in run.nodes]
    (True, ['sigmoid'])
    """
    found = False
    for end in reversed(run.nodes):
        pairs = ((start, OPS[name]) for start in _starts(run, end) for name in _KNOWN)
        twin = next((op(start) for start, op in pairs if _is(op, start, end)), None)
        if twin is not None:
            for part in ("op", "args", "inputs", "options"):
                setattr(end, part, getattr(twin, part))
            found = True
    run.find_nodes()
    return found


def _starts(run: Run, end: Value) -> list[Value]:
    """Return the values of which alone a value is a function, oldest first."""
    inside = {*run.leaves, *run.nodes}
    needed = {end}
    starts: list[Value] = []
    for _ in range(_LONGEST):
        youngest = max(needed, key=lambda value: value.number)
        if youngest.op is None or youngest.op.name in _KNOWN:
            break
        needed.remove(youngest)
        needed.update(x for x in youngest.args if type(x) is Value and x in inside)
        if len(needed) == 1:
            starts.extend(needed)
    return starts[::-1]


def _is(op: Op, start: Value, end: Value) -> bool:
    """Tell whether an op has the numbers and the gradient of what was computed."""
    if start.shape != end.shape or ("axis" in op.options and start.ndim == 0):
        return False
    if not np.allclose(op(start.numpy()), end.numpy(), 1e-9, 1e-12, equal_nan=True):
        return False
    # Equal numbers may be chance, but hardly equal slopes as well.
    upstream = np.cos(np.arange(end.size, dtype=float)).reshape(end.shape)
    one, other = grad(end, start, upstream), grad(op(start), start, upstream)
    return np.allclose(one, other, 1e-6, 1e-9)
