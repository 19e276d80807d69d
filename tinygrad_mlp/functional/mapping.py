"""A function of one example, made one of a whole batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_mlp._support.structures import is_container, leaves, rebuild, taken_apart
from tinygrad_mlp.core.context import differentiating
from tinygrad_mlp.core.numbers import as_numbers
from tinygrad_mlp.core.ownership import owned
from tinygrad_mlp.core.value import Value, leaf_of, next_number
from tinygrad_mlp.errors import ShapeError
from tinygrad_mlp.functional.batching import Batch, Batched
from tinygrad_mlp.functional.recorder import recording
from tinygrad_mlp.functional.running import Function, check_function, name_of, named
from tinygrad_mlp.functional.tape import Tape
from tinygrad_mlp.ops.shapes import copy

#: How the error goes on if a function looks at numbers.
_UNKNOWN = "which are others for each example"
_INSTEAD = "pass what is the same for all with None in in_axes"


def vmap(f: Function, in_axes: Any = 0, out_axes: Any = 0) -> Function:
    """Return ``f`` for a batch: what a loop over the examples would give, computed at once.

    ``f`` runs once, on the first example, and sees its shapes.  Each operation that it did is then
    made for all examples, with one more axis: elementwise ones, reductions, products and changes
    of shape by one call of NumPy, others, such as operations of one's own, example by example.

    Parameters
    ----------
    f : callable
        Takes and returns arrays and Values, or nested structures of them.
    in_axes : int, None, or sequence with one entry for each positional argument
        Which axis of each array counts the examples; None for what is the same for all.  An entry
        may be a structure, with an axis for everything below each of its places.  Keyword
        arguments are mapped over axis 0.
    out_axes : int, None, or structure of them
        Which axis of each output counts the examples; None for one that is the same for all.

    Returns
    -------
    callable
        Takes what ``f`` takes, with an axis more.

    Raises
    ------
    ShapeError
        When it is called: if the mapped axes are not there, or not of one length.
    TraceError
        If ``f`` looks at the numbers of an example, as in a branch.

    Notes
    -----
    Random numbers that ``f`` draws are drawn once and are the same for each example.  It goes with
    all other transforms, on either side: ``vmap(grad(f))`` gives the gradient for each example.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> x, w = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([1.0, 10.0])
    >>> tg.vmap(lambda x, w: tg.sum(x * w), in_axes=(0, None))(x, w)
    array([21., 43., 65.])
    >>> tg.vmap(tg.grad(lambda w, x: tg.tanh(w @ x)), in_axes=(None, 0))(0.0 * w, x)
    array([[1., 2.],
           [3., 4.],
           [5., 6.]])
    """
    check_function("vmap", f)

    def function(*args: Any, **options: Any) -> Any:
        whole = (args, options)
        axes = [*_axes_of(in_axes, args), *[0 for _ in leaves(options)]]
        flat = [_checked(*pair) for pair in zip(leaves(whole), axes, strict=True)]
        size = _size(f, flat, axes)
        batch = Batch(size or 1)  # an empty one is made of one that is thrown away
        examples: dict[Value, Any] = {}
        given = []
        for x, axis in zip(flat, axes, strict=True):
            if axis is None:
                given.append(x)
            else:
                every = _moved(x, axis, 0) if size else _one_like(x, axis)
                numbers = every._numbers if isinstance(every, Value) else every
                example = copy(leaf_of(np.array(numbers[0])[()]))  # made, so that it is unknown
                examples[example] = every
                given.append(example)
        start = next_number()
        f_args, f_options = rebuild(whole, iter(given))
        with recording(start, "vmap", _UNKNOWN, _INSTEAD), differentiating(()):
            result = f(*f_args, **f_options)
        outputs = [x for x in leaves(result) if isinstance(x, Value)]
        tape = Tape(outputs, start)
        known = [Batched(examples[x]) if x in examples else x for x in tape.inputs]
        found = iter(tape.run(known, batch.call))
        placed = [
            _placed(batch, next(found) if isinstance(x, Value) else x, axis, size)
            for x, axis in zip(leaves(result), _spread("out_axes", out_axes, result), strict=True)
        ]
        return rebuild(result, iter(placed))

    return named(function, "vmap", f)


# ----- Which axes -----


def _is_axis(x: Any) -> bool:
    return x is None or (isinstance(x, int | np.integer) and not isinstance(x, bool))


def _axes_of(in_axes: Any, args: Sequence[Any]) -> list[int | None]:
    """Return the axis of everything in the arguments."""
    if _is_axis(in_axes):
        return [in_axes] * len(leaves(args))
    if not isinstance(in_axes, tuple | list) or len(in_axes) != len(args):
        raise ValueError(
            "vmap: in_axes must be an int, None, or a tuple with an entry for each of the "
            f"{len(args)} positional arguments, got {in_axes!r:.80}"
        )
    return [axis for pair in zip(in_axes, args, strict=True) for axis in _spread("in_axes", *pair)]


def _spread(name: str, axes: Any, structure: Any) -> list[int | None]:
    """Return an axis for everything in a structure, from a structure that may end earlier."""
    if _is_axis(axes):
        return [axes] * len(leaves(structure))
    if is_container(axes) and is_container(structure):
        entries, form = taken_apart(axes)
        items, wanted = taken_apart(structure)
        if form == wanted and len(entries) == len(items):
            pairs = zip(entries, items, strict=True)
            return [axis for pair in pairs for axis in _spread(name, *pair)]
    raise ValueError(
        f"vmap: {name} must be ints and None in the form of what they are for, got {axes!r:.80} "
        f"for {type(structure).__name__} {structure!r:.80}"
    )


def _checked(x: Any, axis: int | None) -> Any:
    """Return an argument as an array or a Value that has the axis."""
    if axis is None:
        return x
    array = x if isinstance(x, Value) else as_numbers(x, "vmap: an argument")
    if not -array.ndim <= axis < array.ndim:
        raise ShapeError(
            f"vmap: in_axes is {axis} for an argument of shape {array.shape}, which has no such "
            "axis; give None for what is the same for all examples"
        )
    return array


def _size(f: Function, flat: Sequence[Any], axes: Sequence[int | None]) -> int:
    """Return the number of examples."""
    shapes = [(x.shape, axis) for x, axis in zip(flat, axes, strict=True) if axis is not None]
    lengths = {shape[axis] for shape, axis in shapes}
    if len(lengths) == 1:
        return int(lengths.pop())
    if not lengths:
        raise ValueError(
            f"vmap: nothing is mapped; in_axes gives {name_of(f)} no axis of any array"
        )
    told = " and ".join(f"{shape[axis]} (axis {axis} of shape {shape})" for shape, axis in shapes)
    raise ShapeError(f"vmap: the mapped axes must be of one length, got {told}")


# ----- Examples and outputs -----


def _moved(x: Any, axis: int, to: int) -> Any:
    """Return the same with an axis in another place."""
    return x if axis == to else np.moveaxis(x, axis, to)


def _one_like(x: Any, axis: int) -> Any:
    """Return one example, of ones, in place of none."""
    shape = list(x.shape)
    del shape[axis]
    ones = np.ones((1, *shape), x.dtype)
    return Value(ones) if isinstance(x, Value) else ones


def _placed(batch: Batch, x: Any, axis: int | None, size: int) -> Any:
    """Return an output with its axis of examples where it is wanted."""
    if axis is None:
        if type(x) is Batched:
            raise ValueError(
                "vmap: out_axes is None for an output that is another for each example; give its "
                "axis"
            )
        return x
    if isinstance(x, str | bytes):
        return x
    every = batch.whole(x)
    if every.dtype.kind == "O":
        raise TypeError(
            "vmap: what f returns must be arrays, numbers and texts, or lists, tuples and dicts of "
            f"them, got {type(x).__name__} {x!r:.80}"
        )
    rank = every.ndim
    if not -rank <= axis < rank:
        raise ShapeError(
            f"vmap: out_axes is {axis}, but the output has {rank} axes with that of the examples"
        )
    moved = _moved(every if size else every[:0], 0, axis)
    return moved if isinstance(moved, Value) else owned(moved)
