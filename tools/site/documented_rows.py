"""For mkdocstrings: rows of the table of operations are functions, and types are what is written.

``x : array_like, shape (n, k)`` is English and not a tuple of Python.  A class that is no public
name is no base to show: what it gives to a public class is shown there.
"""

import inspect
import re
from importlib import import_module
from typing import Any

import griffe

import tinygrad_mlp
from tinygrad_mlp import Op, datasets, optimizers, schedules

SESSION = re.compile(r"^>>> .*?(?:\n\n|\Z)", re.DOTALL | re.MULTILINE)
#: Parameters of which a docstring names the first and the last.
SPAN = re.compile(r"^(\w+), \.\.\., (\w+)$", re.MULTILINE)
KIND = griffe.ParameterKind
MANY = (KIND.var_positional, KIND.var_keyword)
#: Where public classes stand.
ROOMS = (tinygrad_mlp, datasets, optimizers, schedules)
#: What the parts of a Value say to each other and to the engine.
INSIDE = {"known", "check_writable", "plain", "is_differentiated"}


class DocumentedRows(griffe.Extension):
    """Read rows from the package while it runs, for its text only says how they are made."""

    def on_module_members(self, *, mod: griffe.Module, **_: Any) -> None:
        """Put a function in the place of each row that a module assigns."""
        if not mod.path.startswith("tinygrad_mlp.ops."):
            return
        for name in list(mod.members):
            row = vars(import_module(mod.path)).get(name)
            member = mod.members[name]
            if isinstance(row, Op) and not member.is_alias:
                mod.set_member(name, function_of(name, row, mod))
            elif isinstance(member, griffe.Attribute) and str(member.value) in mod.members:
                member.docstring = griffe.Docstring(f"Another name of ``{member.value}``.")

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Say types as words and hidden bases as what they give, once all of it is there."""
        say_types(pkg)
        # Some are only loaded when somebody asks for them.
        public = [getattr(room, name) for room in ROOMS for name in dir(room) if name[0] != "_"]
        for thing in filter(is_ours, public):
            take_parts(pkg[f"{thing.__module__}.{thing.__name__}".partition(".")[2]])


def is_ours(thing: Any) -> bool:
    """Return whether something is a class of this package."""
    return inspect.isclass(thing) and thing.__module__.startswith("tinygrad_mlp.")


def take_parts(cls: griffe.Class) -> None:
    """Give a class what it has from bases that are no public names, and name these no more."""
    shown: list[griffe.Class] = []
    hidden: list[griffe.Class] = []
    for base in cls.mro():
        ours = base.path.startswith("tinygrad_mlp.")
        public = any(hasattr(room, base.name) for room in ROOMS)
        (hidden if ours and not public else shown).append(base)
    for base in hidden:
        for name, member in base.members.items():
            said = member.docstring and not name.startswith("_") and name not in INSIDE
            if said and name not in cls.members:
                cls.set_member(name, griffe.Alias(name, member, parent=cls))
    names = {base.name for base in hidden}
    kept = [base for base in cls.bases if str(base) not in names]
    if len(kept) < len(cls.bases):  # what a hidden base is itself
        kept += [griffe.ExprName(base.name, parent=base.module) for base in shown[:1]]
    cls.bases = kept


def say_types(thing: griffe.Object) -> None:
    """Write the types of all docstrings below a module or a class as words."""
    parameters: Any = getattr(thing, "parameters", None) or ()
    for one in parameters:
        one.default = spelled_out(one.default, thing)
    if thing.docstring:
        thing.docstring.value = SPAN.sub(
            lambda ends: between(ends, parameters, thing), thing.docstring.value
        )
        thing.docstring.parser = "numpy"
        thing.docstring.parser_options = {"warn_unknown_params": False, "warnings": False}
        for section in thing.docstring.parsed:
            if isinstance(section.value, str):
                section.value = SESSION.sub(fenced, section.value)
            if section.kind is griffe.DocstringSectionKind.parameters:
                section.value = joined([as_written(one, parameters) for one in section.value])
            for entry in section.value if isinstance(section.value, list) else ():
                kind = getattr(entry, "annotation", None)
                if isinstance(kind, str) and " : " in kind:  # several results in one line
                    entry.name, _, kind = kind.partition(" : ")
                    entry.annotation = kind
                if isinstance(kind, griffe.ExprTuple):
                    words = ", ".join(map(str, kind.elements))
                    entry.annotation = words.replace("shape(", "shape (")
                elif isinstance(kind, str):
                    entry.annotation = kind.replace("``", "")
    for member in thing.members.values():
        if not member.is_alias:
            say_types(member)


def spelled_out(default: Any, thing: griffe.Object) -> Any:
    """Return a default that is the name of a constant as its value, which says more."""
    if isinstance(default, griffe.ExprName):
        value = vars(import_module(thing.module.path)).get(default.name)
        if isinstance(value, int | float | str | tuple):
            return repr(value)
    return default


def between(ends: re.Match[str], parameters: Any, thing: griffe.Object) -> str:
    """Return all parameters from one to another that the docstring does not describe elsewhere."""
    names = [one.name for one in parameters]
    span = names[names.index(ends[1]) : names.index(ends[2]) + 1]
    text = thing.docstring.value if thing.docstring else ""
    return ", ".join(name for name in span if not re.search(rf"^{name} : ", text, re.MULTILINE))


def as_written(entry: griffe.DocstringParameter, parameters: Any) -> griffe.DocstringParameter:
    """Return a parameter with the type that its docstring says, and the default that it has."""
    for one in parameters:
        if entry.annotation is one.annotation:
            entry.annotation = None  # the checker's type, of which the docstring says nothing
        if one.name == entry.name.lstrip("*"):
            entry.value = None if one.kind in MANY else one.default
    return entry


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

    def formula(match: re.Match[str]) -> str:
        return f"$${upright(match[1], row.parameters)}$$"

    text = re.sub(r"^ {4}\$ (.*) \$$", formula, inspect.getdoc(row) or "", flags=re.MULTILINE)
    return griffe.Function(
        name,
        parameters=griffe.Parameters(*parameters),
        docstring=griffe.Docstring(text, parser="numpy"),
        parent=mod,
    )


def upright(formula: str, parameters: tuple[str, ...]) -> str:
    """Return a formula with the words among its letters as words: y_true is a y, and true."""
    for name in (one.lstrip("*") for one in parameters):
        parts = [part if len(part) == 1 else rf"\text{{{part}}}" for part in name.split("_")]
        symbol = "{" + "_{".join(parts) + "}" * len(parts)  # whole, so that it can have an index
        symbol = symbol.replace("\\", r"\\")
        formula = re.sub(rf"(?<![\\A-Za-z]){name}(?![A-Za-z])", symbol, formula)
    return formula
