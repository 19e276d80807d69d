"""Copies of the functions that a printed program needs, so that it stands alone."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterable
from types import FunctionType, ModuleType
from typing import Any

from tinygrad_mlp.ops.custom import CheckedFunction
from tinygrad_mlp.programs.recording.outside import names_of


class Definitions:
    """Collects functions, and what they refer to, in the order in which they were asked for.

    Attributes
    ----------
    imports : dict of str to str
        Names of modules, and the lines that import them.
    texts : dict of str to str
        Definitions by name.
    """

    def __init__(self) -> None:
        self.imports: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self._found: dict[str, Any] = {}

    def need(self, names: Iterable[str], namespace: dict[str, Any], user: str) -> None:
        """Copy what some names stand for in a namespace, if it is defined there.

        Raises
        ------
        ValueError
            If something cannot be copied, or two things have one name.
        """
        for name in names:
            if name not in namespace:
                continue
            item = namespace[name]
            if isinstance(item, CheckedFunction):
                item = item.__wrapped__
            if name in self._found:
                if self._found[name] is not item:
                    raise ValueError(f"source: {user} means another {name!r} than others do")
                continue
            self._found[name] = item
            if isinstance(item, ModuleType):
                self._import(name, item, user)
            elif isinstance(item, FunctionType):
                text = copied(item)
                self.need(names_of(item.__code__), item.__globals__, name)
                self.texts[name] = text
            elif isinstance(item, int | float | str | None):
                self.texts[name] = f"{name} = {item!r}"
            else:
                raise TypeError(
                    f"source: {user} refers to {name!r}, a {type(item).__name__}, which cannot be "
                    "copied; only functions, modules, numbers and texts can"
                )

    def _import(self, name: str, module: ModuleType, user: str) -> None:
        package = module.__name__.partition(".")[0]
        if package != "numpy" and package not in sys.stdlib_module_names:
            raise ValueError(
                f"source: {user} refers to the module {module.__name__}; a program that stands "
                "alone may use NumPy and the standard library only"
            )
        same = module.__name__ == name
        self.imports[name] = f"import {module.__name__}" + ("" if same else f" as {name}")


def copied(function: FunctionType) -> str:
    """Return the text of a function without annotations, decorators and doctests.

    >>> from tinygrad_mlp import kernels
    >>> print(copied(kernels.softmax).splitlines()[-1])
        return exponentials / np.sum(exponentials, axis=axis, keepdims=True)
    """
    if function.__closure__ or function.__name__ == "<lambda>":
        raise ValueError(
            f"source: {function.__qualname__} cannot be copied, because it is a lambda or uses "
            "variables of the function around it"
        )
    try:
        text = textwrap.dedent(inspect.getsource(function))
    except OSError:
        raise ValueError(
            f"source: the text of {function.__qualname__} is not at hand; define it in a file"
        ) from None
    node = ast.parse(text).body[0]
    if not isinstance(node, ast.FunctionDef):
        raise TypeError(f"source: {function.__qualname__} is no plain function")
    for argument in ast.walk(node.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    lines = text.splitlines()
    first, *rest = node.body
    told = ast.get_docstring(node) if rest else None
    if told is None:
        start, body = first.lineno, []
        while lines[start - 2].lstrip().startswith("#"):
            start -= 1
    else:
        start = (first.end_lineno or first.lineno) + 1
        body = _docstring(told.split("\n\nExamples\n")[0].split("\n>>> ")[0].rstrip())
    return "\n".join([f"def {node.name}({ast.unparse(node.args)}):", *body, *lines[start - 1 :]])


def _docstring(text: str) -> list[str]:
    raw = "r" if "\\" in text else ""
    first, *rest = text.splitlines()
    lines = [f'    {raw}"""{first}', *(f"    {line}".rstrip() for line in rest)]
    if not rest:
        return [f'{lines[0]}"""']
    return [*lines, '    """']
