"""Functions that are made of others, in the table of functions and for type checkers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast, overload

from tinygrad_mlp.core.functions import FUNCTIONS
from tinygrad_mlp.core.value import Value

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Rest = ParamSpec("_Rest")


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
    FUNCTIONS[function.__name__] = function
    return cast("Composite[_Rest]", function)


def composite_of_several(function: _Function) -> _Function:
    """Put a function that returns several results, such as ``split``, into that table."""
    FUNCTIONS[function.__name__] = function
    return function
