"""Packages that only some features need."""

from __future__ import annotations

from types import ModuleType


def needed(module: str, package: str, extra: str, what: str) -> ModuleType:
    """Return an imported module, or raise ModuleNotFoundError that says how to install it.

    Parameters
    ----------
    module, package : str
        What is imported, and what the registry calls it.
    extra : str
        The extra of this package that brings it.
    what : str
        What needs it; the error begins with that.

    Examples
    --------
    >>> needed("math", "math", "mathematics", "this line").sqrt(4.0)
    2.0
    >>> needed("no_such", "no-such", "all", "this line")
    Traceback (most recent call last):
        ...
    ModuleNotFoundError: this line needs no-such; pip install 'tinygrad-mlp[all]'
    """
    from importlib import import_module

    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if not f"{module}.".startswith(f"{error.name}."):
            raise  # it is there, and lacks something itself
        message = f"{what} needs {package}; pip install 'tinygrad-mlp[{extra}]'"
        raise ModuleNotFoundError(message, name=error.name) from None
