"""A function whose numbers are computed again in the backward pass instead of being kept."""

from __future__ import annotations

from typing import Any

from tinygrad_mlp._support.structures import leaves, rebuild
from tinygrad_mlp.core import backward
from tinygrad_mlp.core.context import current, differentiating
from tinygrad_mlp.core.value import Value, leaf_of, next_number
from tinygrad_mlp.functional import joint
from tinygrad_mlp.functional.running import Function, any_value, check_function, name_of, named
from tinygrad_mlp.functional.tape import Tape
from tinygrad_mlp.kernels import Array
from tinygrad_mlp.ops.shapes import copy


def checkpoint(f: Function) -> Function:
    """Return ``f`` with the same derivatives, which keeps its arguments and results only.

    The numbers between them are computed a second time when a backward pass needs them: a chain of
    n such functions holds n results, however much each computes inside, and takes about one more
    forward pass (Chen et al., *Training deep nets with sublinear memory cost*, 2016).

    Parameters
    ----------
    f : callable
        Takes and returns arrays and Values, or nested structures of them.  Values that it refers
        to besides, such as weights, get their gradients too.

    Returns
    -------
    callable
        Takes what ``f`` takes.

    Notes
    -----
    ``f`` itself runs once.  What is repeated are its operations on Values: random numbers that it
    drew, and the branches that it took, are those of the first run.  Derivatives have any order;
    the second computes the numbers once more.  A function that ``compile`` records has the
    operations of ``f`` in its program once, as without ``checkpoint``.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> block = tg.checkpoint(lambda x: tg.sin(tg.exp(x)))
    >>> y = block(tg.Value(0.0))
    >>> y.op.name, tg.grad(block)(0.0) == tg.grad(lambda x: tg.sin(tg.exp(x)))(0.0)
    ('function_call', np.True_)
    """
    check_function("checkpoint", f)

    def function(*args: Any, **options: Any) -> Any:
        start = next_number()
        result = f(*args, **options)
        flat = leaves(result)
        outputs = [x for x in flat if _is_made(x, start)]
        if not outputs or current().recorder is not None:
            return result
        again = _Again(name_of(f), outputs, Tape(outputs, start))
        made = iter(joint.called(again, again.tape.inputs, [x._numbers for x in outputs]))
        return rebuild(result, iter([next(made) if _is_made(x, start) else x for x in flat]))

    return named(function, "checkpoint", f)


def _is_made(x: Any, start: int) -> bool:
    """Return whether something is a Value that was computed, and not before."""
    return isinstance(x, Value) and x.op is not None and x.number > start


class _Again(joint.Function):
    """A function that goes through its tape again, forwards and backwards."""

    to_be_written = "give tg.source the function that makes the Value, or leave tg.checkpoint out"

    def __init__(self, name: str, outputs: list[Value], tape: Tape) -> None:
        super().__init__(name, outputs)
        self.tape = tape

    def compute(self, *arrays: Array) -> list[Array]:
        return self.tape.run(arrays)

    def rule(self, cotangents: list[Any], outputs: list[Any], args: list[Any]) -> list[Any]:
        recorded = any_value([*cotangents, *args])
        # Twins, because one argument may have been made from another.
        twins = [copy(x) if isinstance(x, Value) else leaf_of(x) for x in args]
        start = next_number()
        with differentiating(()):  # which records, in no_grad too
            again = self.tape.run(twins)
            gradients: list[Any] = backward.grad(
                again, twins, cotangents, create_graph=recorded, since=start
            )
        return gradients
