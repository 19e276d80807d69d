"""What is to be written: a function, or how Values came about, as a program with names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import Parameter as Declared
from inspect import signature
from typing import Any, NamedTuple

from tinygrad_mlp._support.structures import is_registered, leaves, mapped, rebuild
from tinygrad_mlp.core.backward import grad, history
from tinygrad_mlp.core.record import Op
from tinygrad_mlp.core.value import Value, next_number
from tinygrad_mlp.functional.recorder import recording
from tinygrad_mlp.ops.shapes import copy
from tinygrad_mlp.programs.recording.program import Program
from tinygrad_mlp.programs.recording.simplifying import program_of
from tinygrad_mlp.programs.recording.tracing import Output, Trace, is_dynamic, trace
from tinygrad_mlp.programs.writing.naming import word_for


class Parameter(NamedTuple):
    """An argument of the printed function: its name, the ids in it, and where each is.

    ``paths`` says how to reach each, as ``("W1", 0)`` for ``parameters["W1"][0]``.
    ``given`` is what stood there when the program was recorded.
    """

    name: str
    ids: tuple[str, ...]
    paths: tuple[tuple[Any, ...], ...]
    given: tuple[Any, ...]


class Notation(NamedTuple):
    """How equations are written.

    ``indices`` asks for them element by element, ``numbers`` for the numbers behind the symbols,
    and ``spelled_out`` for derivatives such as σ′ by what they are made of.
    """

    indices: bool = False
    numbers: bool = False
    spelled_out: bool = False


class Task(NamedTuple):
    """What is to be written: a program, and what else is to be said of it."""

    program: Program
    form: Any  # what is returned, with an ``Output`` for each output of the program
    parameters: list[Parameter]
    name: str  # of the function
    subject: str  # what is written, for the first line of the text
    result: str | None  # what to call the first output
    notation: Notation | None = None  # of equations; None for source


# ----- Functions -----


def of_function(f: Any, args: Sequence[Any], options: dict[str, Any], wrt: Any) -> Task:
    """Return the program of a function, with the gradients by ``wrt``."""
    args = mapped(_without_graph, args)
    options = mapped(_without_graph, options)
    given = declared(f, args, options)
    whole = f if wrt is None else _with_gradients(f, wrt, given)
    return of_trace(whole, given, trace(whole, args, options))


def of_trace(f: Any, declared: Sequence[tuple[str, Any]], recorded: Trace) -> Task:
    """Return the program of a function that was recorded with declared arguments."""
    program = recorded.program
    ids = iter(program.inputs)
    parameters = []
    fixed = []
    for parameter, given in declared:
        places = [(path, x) for path, x in _places(given) if is_dynamic(x)]
        if places:
            paths, numbers = zip(*places, strict=True)
            own = tuple(next(ids) for _ in places)
            parameters.append(Parameter(parameter, own, paths, numbers))
        elif not isinstance(given, list | tuple | dict):
            fixed.append(f"{parameter}={given!r:.40}")
    parameters += [  # the Values that the function refers to
        Parameter(program.labels.get(id_, "w"), (id_,), ((),), (value.numpy(),))
        for id_, value in program.captured.items()
    ]
    subject = getattr(f, "__name__", type(f).__name__)
    subject += f", for {', '.join(fixed)}" if fixed else ""
    return Task(
        program, recorded.result, parameters, _function_name(f), subject, _result(f, program)
    )


def _without_graph(x: Any) -> Any:
    return x.numpy() if isinstance(x, Value) else x


def declared(f: Any, args: Any, options: Any) -> list[tuple[str, Any]]:
    """Return the arguments with the names that the function has for them."""
    try:
        known = list(signature(f).parameters.values())
    except (TypeError, ValueError):  # written in C
        known = []
    positional = (Declared.POSITIONAL_ONLY, Declared.POSITIONAL_OR_KEYWORD)
    names = [p.name for p in known if p.kind in positional]
    rest = next((p.name for p in known if p.kind is Declared.VAR_POSITIONAL), "x")
    if isinstance(f, Op) and f.simple_arity >= 0:
        names = list(f.parameters)
    extra = [f"{rest}{number + 1}" for number in range(len(args) - len(names))]
    return [*zip([*names, *extra], args, strict=False), *options.items()]


def _places(given: Any, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], Any]]:
    """Return everything in a structure with the way to it."""
    if is_registered(given):
        raise TypeError(
            f"source: no way to write {type(given).__name__} {given!r:.80} in a program; pass a "
            "tuple or dict of what is in it"
        )
    if isinstance(given, dict):
        return [place for key, x in given.items() for place in _places(x, (*path, key))]
    if isinstance(given, list | tuple):
        return [place for n, x in enumerate(given) for place in _places(x, (*path, n))]
    return [(path, given)]


def _with_gradients(f: Any, wrt: Any, declared: list[tuple[str, Any]]) -> Callable[..., Any]:
    """Return the function that gives the value of ``f`` and its gradients."""
    single = not isinstance(wrt, list | tuple)
    wanted = [wrt] if single else list(wrt)
    names = [name for name, _ in declared]
    places = [x if isinstance(x, Value) else _place(x, names) for x in wanted]
    twinned = {x for x in places if not isinstance(x, Value)}

    def both(*args: Any, **options: Any) -> Any:
        # Copies: one array may be given for two arguments of which only one is meant.
        given = list(args)
        for place in twinned:
            for x in leaves(args[place]):
                if not isinstance(x, Value):
                    raise TypeError(
                        f"source: wrt asks for the gradient by {names[place]}, but {x!r:.80} is no "
                        "array and no float, so it belongs to the program"
                    )
            given[place] = mapped(copy, args[place])
        output = f(*given, **options)
        if not isinstance(output, Value) or output.size != 1:
            raise TypeError(
                f"source: wrt asks for gradients, so f must return a scalar, got {output!r:.80}"
            )
        inputs = [x if isinstance(x, Value) else given[x] for x in places]
        flat = iter(grad(output, leaves(inputs)))
        gradients = rebuild(inputs, flat)
        return output, gradients[0] if single else tuple(gradients)

    both.__name__ = f"value_and_grad({_plain_name(f)})"
    both.__wrapped__ = f  # type: ignore[attr-defined]  # as those of tg.value_and_grad
    return both


def _place(x: Any, names: list[str]) -> int:
    """Return the position of an argument that is given by position or by name."""
    if isinstance(x, str) and x in names:
        return names.index(x)
    if isinstance(x, int) and not isinstance(x, bool) and -len(names) <= x < len(names):
        return x % len(names)
    raise ValueError(
        f"source: wrt must be positions or names of arguments ({', '.join(names)}), or Values "
        f"that f refers to, got {x!r:.80}"
    )


def _plain_name(f: Any) -> str:
    name = getattr(f, "__name__", type(f).__name__.lower())
    return "f" if name == "<lambda>" else name


def _function_name(f: Any) -> str:
    """Return what to call the printed function: ``loss_and_gradients`` for its value and grad."""
    name = _plain_name(f)
    transform, _, inner = name.partition("(")
    if not inner:
        return name if name.isidentifier() else "f"
    of = _function_name(f.__wrapped__)
    if transform == "value_and_grad":
        return f"{of}_and_gradients"
    return f"{of}_{'gradient' if transform == 'grad' else transform}"


def _result(f: Any, program: Program) -> str | None:
    """Return what to call the value of a function: its label, a loss, or as the function."""
    inner = getattr(f, "__wrapped__", None)
    if inner is None or not getattr(f, "__name__", "").startswith("value_and_grad("):
        return None
    label = next((s.label for s in program.steps if s.id == program.outputs[0]), None)
    if label is not None:
        return label
    name = _plain_name(inner)
    losses = {step.id for step in program.steps if word_for(step.row) == "loss"}
    plain = program.outputs[0] in losses or not name.isidentifier() or name == "f"
    return "loss" if plain else name


# ----- Values -----


def _labelled(label: str, inputs: Sequence[Value]) -> Value:
    """Return the one leaf with a label."""
    found = [value for value in inputs if value.label == label]
    if len(found) != 1:
        labels = ", ".join(value.label for value in inputs if value.label)
        count = "no" if not found else f"{len(found)}"
        raise ValueError(f"source: {count} leaves of f have the label {label!r:.80}; got {labels}")
    return found[0]


def of_values(f: Any, wrt: Any) -> Task:
    """Return the program of Values from their leaves, with the gradients by ``wrt``."""
    outputs = [f] if isinstance(f, Value) else list(f)
    for place, output in enumerate(outputs):
        if not isinstance(output, Value):
            raise TypeError(f"source: f[{place}] must be a Value, got {type(output).__name__}")
    single = len(outputs) == 1
    inputs = [value for value in history(*outputs) if value.op is None]
    if wrt is None:
        wanted = inputs if single and outputs[0].size == 1 else []
    else:
        some = wrt if isinstance(wrt, list | tuple) else [wrt]
        wanted = [_labelled(x, inputs) if isinstance(x, str) else x for x in some]
    for x in wanted:
        if not isinstance(x, Value):
            raise TypeError(
                f"source: wrt must be Values that f was made from, or their labels, got {x!r:.80}"
            )
    if wanted and not single:
        raise ValueError("source: gradients are those of one Value; add several up, or wrt=()")
    form: Any = Output(0) if isinstance(f, Value) else tuple(map(Output, range(len(outputs))))
    if wanted:
        with recording(next_number()):
            gradients = grad(outputs[0], wanted)
        form = form, tuple(Output(1 + place) for place in range(len(wanted)))
        outputs += gradients
    program = program_of(outputs, inputs, start=0)  # all that they were made from
    unnamed = [value for value in inputs if not value.label]
    several = len(unnamed) > 1
    words = {value: f"x{place}" if several else "x" for place, value in enumerate(unnamed, 1)}
    parameters = [
        Parameter(value.label or words[value], (id_,), ((),), (value.numpy(),))
        for id_, value in zip(program.inputs, inputs, strict=True)
    ]
    label = outputs[0].label or ("loss" if wanted else "values")
    name = f"{label}_and_gradients" if wanted else label
    subject = f"{label} and its gradients" if wanted else label
    return Task(program, form, parameters, name, subject, label if wanted else None)
