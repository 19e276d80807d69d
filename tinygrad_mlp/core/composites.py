"""Functions that are made of others: in the table of functions, in errors, for type checkers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast, overload

from tinygrad_mlp.core.functions import FUNCTIONS
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.errors import TraceError

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Rest = ParamSpec("_Rest")

#: Where an error keeps what a composite put before its message.
_TOLD = "_told_by"


class Composite(Protocol[_Rest]):
    """What type checkers know of a function that is made of others: a Value gives a Value.

    It may be the first argument or the second, or a list of them that the function joins; of arrays
    NumPy knows as little.  The first argument may be named, too.
    """

    __name__: str

    @overload
    def __call__(
        self, x: Value | Sequence[Value], /, *args: _Rest.args, **options: _Rest.kwargs
    ) -> Value: ...
    @overload
    def __call__(self, x: Any, y: Value, /, *args: Any, **options: Any) -> Value: ...
    @overload
    def __call__(self, x: Any, /, *args: _Rest.args, **options: _Rest.kwargs) -> Any: ...
    @overload
    def __call__(self, **options: Any) -> Any: ...


def composite(function: Callable[Concatenate[Any, _Rest], Any]) -> Composite[_Rest]:
    """Put a function that is made of others into the table of functions."""
    return cast("Composite[_Rest]", _in_the_table(function))


def composite_of_several(function: _Function) -> _Function:
    """Put a function that returns several results, such as ``split``, into that table."""
    return _in_the_table(function)


def _in_the_table(function: _Function) -> _Function:
    """Put a function into the table, with its name before the errors of those it is made of.

    Of composites in composites only the outermost is named: it is what the user called.
    """
    name = function.__name__

    @wraps(function)
    def called(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except (ValueError, TypeError, IndexError) as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is None:
                raise  # it was not called as it wants to be
            if isinstance(error, TraceError):
                raise  # which is about what the user's function does
            if getattr(error, "operation", "") == name:
                raise  # by the row of the same name, which a composite around this one keeps
            said = str(error).removeprefix(getattr(error, _TOLD, "")).removeprefix(f"{name}: ")
            error.args = (f"{name}: {said}",)
            setattr(error, _TOLD, f"{name}: ")
            raise

    FUNCTIONS[name] = called
    return cast("_Function", called)
