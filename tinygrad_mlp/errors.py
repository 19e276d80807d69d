"""Every exception of this package, each also one of Python's own.

::

    TinygradError
    ├── ShapeError(ValueError)        shapes that do not fit together
    ├── DataTypeError(TypeError)      data that is not made of real numbers
    ├── GraphError(RuntimeError)      a question that this graph cannot answer
    ├── TraceError(TypeError)         a look at numbers that cuts off what is being recorded
    ├── AnomalyError(ArithmeticError) nan or infinity, where it was made
    ├── GradientError(AssertionError) a gradient that is not what it should be
    ├── FileFormatError(ValueError)   a file that is not what it should be
    └── RenderError(RuntimeError)     no program at hand can draw this format

``except ValueError`` and its siblings keep working; ``except TinygradError`` catches them all.
"""

from typing import Any, Self


class TinygradError(Exception):
    """Base of every exception that this package defines.

    ``tg.draw(error)`` draws the graph of the Values that it speaks of, with what failed in red.

    Attributes
    ----------
    values : tuple of Values
        Those that it speaks of: the arguments of the operation that could not be computed; or
        else first the one that is wrong.  Empty where it is not about Values.
    operation : str
        Name of the operation or the layer that could not be computed; ``""`` where all values
        are there.
    operands : tuple of pairs
        What that operation calls each of its arguments, and their shapes.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> try:
    ...     tg.Value([1.0, 2.0], label="a") * tg.Value([1.0, 2.0, 3.0])
    ... except tg.ShapeError as error:
    ...     print(error.operation, error.operands, error.values[0].label)
    multiply (('x', (2,)), ('y', (3,))) a
    """

    values: tuple[Any, ...] = ()
    operation: str = ""
    operands: tuple[tuple[str, tuple[int, ...]], ...] = ()

    def about(self, *values: Any) -> Self:
        """Return the error itself, which from now on keeps the Values that it speaks of."""
        self.values = values
        return self


class ShapeError(TinygradError, ValueError):
    """Shapes that do not fit together."""


class DataTypeError(TinygradError, TypeError):
    """Data that is not made of real numbers: text, objects, complex numbers."""


class GraphError(TinygradError, RuntimeError):
    """A question that this graph cannot answer, such as the gradient of a table without a seed."""


class TraceError(TinygradError, TypeError):
    """A function looked at numbers behind which a program or a derivative would be cut off.

    Compiled, it will have them only when it runs; differentiated, they have no derivative.
    """


class AnomalyError(TinygradError, ArithmeticError):
    """An operation made nan or infinity of finite numbers."""


class GradientError(TinygradError, AssertionError):
    """A gradient that is not what it should be; the message tells where and what.

    Attributes
    ----------
    order : int
        1 for the gradient, 2 for the gradient of the gradient, and so on.
    argument : int or None
        Position of the argument that was differentiated by; from order 2 on, the last one is the
        upstream gradient.
    index : tuple of ints or None
        Position of the element in that argument.
    got, wanted
        What came and what should have come; None if it is not about a number.
    upstream : ndarray or None
        The upstream gradient of the check.
    """

    order: int = 1
    argument: int | None = None
    index: tuple[int, ...] | None = None
    got: Any = None
    wanted: Any = None
    upstream: Any = None


class FileFormatError(TinygradError, ValueError):
    """A file that is not what it should be: truncated, of other shapes, not ours."""


class RenderError(TinygradError, RuntimeError):
    """No program at hand can draw the wanted format."""
