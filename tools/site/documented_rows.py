"""For mkdocstrings: rows of the table of operations are functions, and types are what is written.

``x : array_like, shape (n, k)`` is English and not a tuple of Python.
"""

import inspect
import re
from importlib import import_module
from typing import Any

import griffe

from tinygrad_mlp import Op

SESSION = re.compile(r"^>>> .*?(?:\n\n|\Z)", re.DOTALL | re.MULTILINE)
KIND = griffe.ParameterKind


class DocumentedRows(griffe.Extension):
    """Read rows from the package while it runs, for its text only says how they are made."""

    def on_module_members(self, *, mod: griffe.Module, **_: Any) -> None:
        """Put a function in the place of each row that a module assigns."""
        if not mod.path.startswith("tinygrad_mlp.ops."):
            return
        for name in list(mod.members):
            row = vars(import_module(mod.path)).get(name)
            if isinstance(row, Op) and not mod.members[name].is_alias:
                mod.set_member(name, function_of(name, row, mod))

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Turn what was read as a tuple back into words, once the whole package is there."""
        say_types(pkg)


def say_types(thing: griffe.Object) -> None:
    """Write the types of all docstrings below a module or a class as words."""
    if isinstance(thing, griffe.Class):
        thing.bases = [base for base in thing.bases if not str(base).startswith("_")]
    if thing.docstring:
        thing.docstring.parser = "numpy"
        thing.docstring.parser_options = {"warn_unknown_params": False, "warnings": False}
        for section in thing.docstring.parsed:
            if isinstance(section.value, str):
                section.value = SESSION.sub(fenced, section.value)
            if section.kind is griffe.DocstringSectionKind.parameters:
                section.value = joined(section.value)
            for entry in section.value if isinstance(section.value, list) else ():
                kind = getattr(entry, "annotation", None)
                if isinstance(kind, griffe.ExprTuple):
                    words = ", ".join(map(str, kind.elements))
                    entry.annotation = words.replace("shape(", "shape (")
                elif isinstance(kind, str):
                    entry.annotation = kind.replace("``", "")
    for member in thing.members.values():
        if not member.is_alias:
            say_types(member)


def joined(entries: list[griffe.DocstringParameter]) -> list[griffe.DocstringParameter]:
    """Return parameters as docstrings have them: those together that one sentence describes."""
    kept: list[griffe.DocstringParameter] = []
    for entry in entries:
        if kept and entry.description and entry.description == kept[-1].description:
            kept[-1].name += f", {entry.name}"
            if entry.value != kept[-1].value:
                kept[-1].value = None
        else:
            kept.append(entry)
    return kept


def fenced(session: re.Match[str]) -> str:
    """Return a session below a sentence as code; else its prompts would be read as quotations."""
    lines = re.sub(r"  # doctest: .*|^<BLANKLINE>$", "", session[0], flags=re.MULTILINE)
    return f"```pycon\n{lines.rstrip()}\n```\n\n"


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
