"""For mkdocstrings: the rows of the table of operations are functions, with what ``help`` says."""

import inspect
import re
from importlib import import_module
from typing import Any

import griffe

KIND = griffe.ParameterKind


class DocumentedRows(griffe.Extension):
    """Read rows from the package while it runs, for its text only says how they are made."""

    def on_module_members(self, *, mod: griffe.Module, **_: Any) -> None:
        """Put a function in the place of each row that a module assigns."""
        if not mod.path.startswith("tinygrad_mlp.ops."):
            return
        for name in list(mod.members):
            row = vars(import_module(mod.path)).get(name)
            if type(row).__name__ == "Op" and not mod.members[name].is_alias:
                mod.set_member(name, function_of(name, row, mod))


def function_of(name: str, row: Any, mod: griffe.Module) -> griffe.Function:
    """Return a row as a function that has a signature and a docstring."""
    many = any(one.startswith("*") for one in row.parameters)
    parameters = [
        griffe.Parameter(
            one.lstrip("*"), kind=KIND.var_positional if many else KIND.positional_or_keyword
        )
        for one in row.parameters
    ]
    kind = KIND.keyword_only if many else KIND.positional_or_keyword
    parameters += [
        griffe.Parameter(one, kind=kind, default=getattr(value, "__name__", repr(value)))
        for one, value in row.options.items()
    ]
    text = re.sub(r"^ {4}\$ (.*) \$$", r"$$\1$$", inspect.getdoc(row) or "", flags=re.MULTILINE)
    return griffe.Function(
        name,
        parameters=griffe.Parameters(*parameters),
        docstring=griffe.Docstring(text, parser="numpy"),
        parent=mod,
    )
