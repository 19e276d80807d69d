"""Other shapes, with the elements in the order of rows or of columns."""

from __future__ import annotations

from typing import Any

from tinygrad_mlp.core.composites import composite
from tinygrad_mlp.ops import shapes
from tinygrad_mlp.ops.shapes import transpose


@composite
def reshape(a: Any, shape: Any = (-1,), order: str = "C") -> Any:
    """Return the same elements in another shape.

    Parameters
    ----------
    a : Value or array_like, shape (...)
        The value.
    shape : int or tuple of ints
        The lengths; one may be -1.
    order : {"C", "F"}
        Which index changes fastest when elements are read and written: the last one, as row after
        row, or with "F" the first, as column after column.

    Returns
    -------
    Value or ndarray
        A Value if ``a`` is one.

    Raises
    ------
    ShapeError
        If the elements are not as many.
    ValueError
        For another order.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.reshape([1.0, 2.0, 3.0, 4.0], (2, 2), order="F")
    array([[1., 3.],
           [2., 4.]])
    """
    if order == "C":
        return shapes.reshape(a, shape)
    _check_columns("reshape", order)
    lengths = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    return transpose(shapes.reshape(transpose(a), lengths[::-1]))


@composite
def ravel(a: Any, order: str = "C") -> Any:
    """Return all elements along one axis: row after row, or column after column for order "F".

    >>> import tinygrad_mlp as tg
    >>> tg.ravel([[1.0, 2.0], [3.0, 4.0]])
    array([1., 2., 3., 4.])
    >>> tg.ravel([[1.0, 2.0], [3.0, 4.0]], order="F")
    array([1., 3., 2., 4.])
    """
    if order == "C":
        return shapes.raveled(a)
    _check_columns("ravel", order)
    return shapes.raveled(transpose(a))


def _check_columns(name: str, order: Any) -> None:
    if order != "F":
        raise ValueError(
            f"{name}: order must be 'C' or 'F', got {order!r:.80}; a graph knows nothing of how "
            "numbers lie in memory"
        )
