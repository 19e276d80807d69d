"""Questions about numbers, for functions that are compiled."""

from __future__ import annotations

from itertools import repeat
from typing import Any

from tinygrad_mlp.engine import Op
from tinygrad_mlp.errors import TraceError
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.operators import Operators
from tinygrad_mlp.protocols import PLAIN


def _check_question(*arrays: Array, function: Any, others: Any, named: Any) -> dict[str, Any]:
    if function not in PLAIN:
        raise ValueError(f"question: function must be one of {sorted(PLAIN)}, got {function!r:.80}")
    for x in (*others, *dict(named).values()):
        if isinstance(x, Operators):
            raise TraceError(
                f"compile: np.{function} can take {x.described()} only as its first arguments"
            )
    return {"function": function, "others": others, "named": named}


question: Op = Op(
    "question",
    "*arrays",
    options={"function": "greater", "others": (), "named": ()},
    prepare=_check_question,
    forward="ask({function}, {arrays}, {others}, {named})",
    vjps=repeat(None),
    listed=False,
    public=False,
    latex=r"\operatorname{{question}}",
    shapes="(...),(...)->(...)",
    doc="Answer of a NumPy function such as greater or isfinite: steps, whose derivative is 0.",
    example=">>> from tinygrad_mlp.ops.questions import question\n"
    '>>> question([1.0, 2.0], 1.5, function="greater")\narray([False,  True])',
)
