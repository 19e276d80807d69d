"""Checks of single arguments, each of which names the argument, what came and what was wanted."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_mlp.errors import DataTypeError

#: What subclasses of arrays define anew if their operators mean something else.
_NAMES = "add sub mul truediv pow matmul lt eq array_ufunc array_function"
_OPERATORS = [f"__{name}__" for name in _NAMES.split()]


def whole_number(name: str, value: Any, *, minimum: float = 1) -> int:
    """Return ``value`` as an int of at least ``minimum``.

    Raises
    ------
    TypeError
        If it is not an int; a bool or a float with no fraction is not.
    ValueError
        If it is too small.

    Examples
    --------
    >>> whole_number("batch_size", 64)
    64
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be an int, got {_no_int(value)}")
    if value < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {value}")
    return int(value)


def whole_numbers(
    name: str, values: Any, *, minimum: float = -math.inf, bools: bool = False
) -> np.ndarray[Any, Any]:
    """Return an int, or lists or an array of them, as an array of ints of at least ``minimum``.

    Raises
    ------
    TypeError
        If one is not an int; a float with no fraction is not, and a bool only with ``bools``.
    ValueError
        If one is too small.

    Examples
    --------
    >>> whole_numbers("indices", [[0], [2]]).tolist()
    [[0], [2]]
    """
    try:
        array = np.array(values)
    except (ValueError, TypeError):  # rows of several lengths, or what is no number
        array = np.array(None)
    is_nothing = array.size == 0 and array.dtype.kind == "f"  # np.array([]) has no type of its own
    if array.dtype.kind not in ("iub" if bools else "iu") and not is_nothing:
        raise TypeError(f"{name} must be ints, got {_no_int(values)}")
    if minimum > -math.inf and array.size and array.min() < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {values!r:.80}")
    return array.astype(np.intp, copy=False)


def _no_int(x: Any) -> str:
    """Describe what is no int, and tell how floats of NumPy or of a Value become ints."""
    kind = getattr(getattr(x, "dtype", None), "kind", "")
    way = "; .astype(int) makes ints of whole numbers" if kind == "f" else ""
    return f"{type(x).__name__} {x!r:.80}{way}"


def each(name: str, values: Any) -> list[Any]:
    """Return what is in a sequence as a list.

    >>> each("arrays", range(2))
    [0, 1]
    """
    try:
        items = iter(values)
    except TypeError:
        kind = type(values).__name__
        raise TypeError(f"{name} must be a sequence, got {kind} {values!r:.80}") from None
    return list(items)


def check_bools(name: str, values: Any) -> None:
    """Raise if what chooses among elements is not made of bools.

    >>> check_bools("where", [True, False])
    """
    try:
        dtype = values.dtype if hasattr(values, "dtype") else np.asarray(values).dtype
    except (ValueError, TypeError):  # rows of several lengths, or what is no number
        dtype = np.dtype(object)
    if dtype.kind != "b":
        raise TypeError(f"{name} must be made of bools, as x > 0 is, got {values!r:.80}")


def finite_number(name: str, value: Any, *, minimum: float = -math.inf) -> float:
    """Return ``value`` as a finite float of at least ``minimum``.

    Raises
    ------
    TypeError
        If it is not a real number.
    ValueError
        If it is nan, infinite or too small.

    Examples
    --------
    >>> finite_number("learning_rate", 1)
    1.0
    """
    wrong = isinstance(value, bool | np.bool_)
    if wrong or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"{name} must be a real number, got {type(value).__name__} {value!r:.80}")
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value}")
    if value < minimum:
        raise ValueError(f"{name} must be at least {minimum:g}, got {value}")
    return float(value)


def fraction(name: str, value: Any) -> float:
    """Return ``value`` as a float of at least 0 and below 1, or raise as ``finite_number`` does.

    >>> fraction("momentum", 0.9)
    0.9
    """
    number = finite_number(name, value, minimum=0.0)
    if number >= 1.0:
        raise ValueError(f"{name} must be below 1, got {value}")
    return number


def positive(name: str, value: Any) -> float:
    """Return ``value`` as a float above 0, or raise as ``finite_number`` does.

    >>> positive("limit", 2)
    2.0
    """
    number = finite_number(name, value, minimum=0.0)
    if number == 0.0:
        raise ValueError(f"{name} must be above 0, got {value}")
    return number


def floating_type(dtype: Any) -> np.dtype[Any]:
    """Return a floating type, or raise TypeError.

    >>> floating_type(np.float32)
    dtype('float32')
    """
    kind: np.dtype[Any] = np.dtype(dtype)
    if kind.kind != "f":
        raise TypeError(f"dtype must be a floating type, got {kind}")
    return kind


def random_source(rng: Any) -> Any:
    """Return an object whose ``random(size)`` draws uniform numbers from 0 to 1.

    Parameters
    ----------
    rng : None, int, numpy Generator or RandomState
        None shares NumPy's global stream, which ``np.random.seed`` sets (and which worker
        processes inherit: give each its own seed); an int starts a stream of its own.

    Raises
    ------
    TypeError
        If it is anything else, such as a float or text.
    ValueError
        If it is a negative int.

    Examples
    --------
    >>> float(random_source(7).random())
    0.625095466604667
    """
    if rng is None or rng is np.random:
        return np.random
    if isinstance(rng, np.random.RandomState):
        return rng
    return generator_from(rng, "None, an int seed, a numpy Generator or a RandomState")


def generator_from(
    rng: Any,
    wanted: str = "an int seed or a numpy Generator such as np.random.default_rng(0)",
) -> np.random.Generator:
    """Return the generator that ``rng`` is, or a new one that starts from the seed ``rng``.

    Raises
    ------
    TypeError
        If it is anything else, such as None, a bool, a float or text; it tells what is ``wanted``.
    ValueError
        If the seed is negative.

    Examples
    --------
    >>> float(generator_from(7).random())
    0.625095466604667
    """
    if isinstance(rng, np.random.Generator):
        return rng
    try:
        return np.random.default_rng(whole_number("rng", rng, minimum=0))
    except TypeError:
        raise TypeError(f"rng must be {wanted}, got {type(rng).__name__} {rng!r:.80}") from None


def refuse_other_meaning(x: Any, name: str) -> None:
    """Raise for a masked array, a matrix, or an array with units: a plain one is not the same.

    Examples
    --------
    >>> import numpy as np
    >>> refuse_other_meaning(np.ones(2), "x")
    >>> refuse_other_meaning(np.ones((1, 1)).view(np.matrix), "x")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    tinygrad_mlp.errors.DataTypeError: x is a matrix, whose operators mean something else than ...
    """
    if type(x) is np.ndarray or not isinstance(x, np.ndarray):
        return
    if isinstance(x, np.ma.MaskedArray):
        raise DataTypeError(f"{name} is a masked array, and the mask would be lost; use .filled()")
    if any(getattr(type(x), name) is not getattr(np.ndarray, name) for name in _OPERATORS):
        raise DataTypeError(
            f"{name} is a {type(x).__name__}, whose operators mean something else than those of "
            "arrays; use np.asarray(x)"
        )
