"""Printing a lowered program as a Python function that writes into buffers prepared once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tinygrad_mlp.core.explaining import explained
from tinygrad_mlp.programs.compiling.calls import Call, Variable, is_elementwise
from tinygrad_mlp.programs.compiling.memory import Layout, Memory
from tinygrad_mlp.programs.compiling.printer import OPERATORS, Emitted, Printer, Task
from tinygrad_mlp.programs.writing.formatting import one_line


class NumpyPrinter(Printer):
    """Prints calls of NumPy."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.namespace |= {"copyto": np.copyto, "allocate": Memory.allocate}
        self.formulas: dict[tuple[Any, Any], Callable[..., Any]] = {}
        self.static: set[int] = set()  # roots that lie in buffers, where views can be made once

    def emitted(self) -> Emitted:
        """Return the module.

        Executed, it prepares buffers and defines ``run(*inputs, *captured, *arrays)``, with one
        array for every output in ``layouts``.
        """
        comment = ""
        quiet: Mapping[str, Any] = {}
        for place, call in enumerate(self.lowered.calls):
            if call.quiet != quiet or call.kind in ("guard", "end"):
                self.depth -= bool(quiet)
                quiet = call.quiet
                if quiet:
                    settings = ", ".join(f"{k}={v!r}" for k, v in quiet.items())
                    self._line(f"with np.errstate({settings}):")
                    self.depth += 1
            if call.comment != comment and call.kind not in ("view", "end"):
                comment = call.comment
                self._line(f"# {one_line(comment)}")
            self._call(place, call)
            for root in self.dying.get(place, ()):
                self.memory.release(root)
        self.depth = 1
        self._line(f"return {self._returned()}")
        layouts = self._layouts()
        arrays = [f"o{position}" for position in layouts]
        text = "\n".join(
            [
                *([f"memory = allocate({self.memory.size})"] if self.memory.arrays else []),
                *self.setup,
                "",
                "",
                f"def run({', '.join([*self.parameters, *arrays])}):",
                *self.body,
                "",
            ]
        )
        return self._finished(text, layouts)

    def _call(self, place: int, call: Call) -> None:
        if call.kind == "guard":
            self._guard(call)
        elif call.kind == "end":
            self._end(call)
        elif call.result is None:
            pass
        elif call.kind == "view":
            # A view of a buffer is made once.
            into = self.setup.append if self._root(call.result) in self.static else self._line
            into(f"{self._new_name(call.result)} = {self._expression(call)}")
        elif call.kind in ("ufunc", "reduce"):
            self._into(place, call, call.result)
        else:
            self._line(f"{self._new_name(call.result)} = {self._expression(call)}")

    def _end(self, call: Call) -> None:
        """End a block, with the other way to its result."""
        if call.result is None or call.alternative is None:
            self.depth -= 1
            return
        target, other = self._text(call.result), self._expression(call.alternative)
        self.depth -= 1
        self._line("else:")
        into_array = isinstance(call.result.data, np.ndarray)
        self._line(f"    copyto({target}, {other})" if into_array else f"    {target} = {other}")

    def _into(self, place: int, call: Call, variable: Variable) -> None:
        """Print a call that writes into an array."""
        arguments = [self._operand(call, x) for x in call.arguments]
        position = self.destinations.get(variable.number)
        if position is not None:
            self.names[variable.number] = target = f"o{position}"
        else:
            layout = Layout.of(variable.data)
            offset = self._offset(place, call, variable.number, layout)
            target = self._new_name(variable)
            self.static.add(variable.number)
            self.setup.append(f"{target} = {self._part(offset, layout)}")
        function = self._function(call)
        if call.kind == "reduce":
            axis, keepdims = call.options["axis"], call.options["keepdims"]
            if isinstance(axis, tuple) and len(axis) == 1:
                axis = axis[0]
            more = {k: v for k, v in call.options.items() if k not in ("axis", "keepdims")}
            others = "".join(f", {k}={self._text(v)}" for k, v in more.items())
            self._line(
                f"{function}({arguments[0]}, {axis!r}, None, {target}, {bool(keepdims)}{others})"
            )
        elif call.function in (np.minimum, np.maximum):  # these take no third by its place
            self._line(f"{function}({', '.join(arguments)}, out={target})")
        elif _is_plain_product(call):
            self._line(f"{arguments[0]}.dot({arguments[1]}, {target})")
        else:
            self._line(f"{function}({', '.join([*arguments, target])})")

    def _offset(self, place: int, call: Call, number: int, layout: Layout) -> int:
        """Return where the result of a call lies: in the place of an argument that ends here."""
        if call.kind == "ufunc" and is_elementwise(call):
            for x in call.variables():
                if (
                    x.number in self.static
                    and self.last_use.get(x.number) == place
                    and Layout.of(x.data) == layout
                ):
                    return self.memory.hand_over(x.number, number)
        return self.memory.take(number, layout.nbytes)

    def _part(self, offset: int, layout: Layout) -> str:
        dtype = self._constant(layout.dtype, "dtype")
        text = f"memory[{offset}:{offset + layout.nbytes}].view({dtype})"
        text += f".reshape({layout.stored_shape!r})"
        return text if layout.order is None else f"{text}.transpose({layout.order!r})"

    def _copy(self, position: int, output: Variable) -> None:
        self._line(f"copyto(o{position}, {self._text(output)})")

    # ----- Parts of a line -----

    def _function(self, call: Call) -> str:
        name = call.function.__name__
        if getattr(np, name, None) is not call.function:
            key = call.function, call.row
            if key not in self.formulas:
                # A view of NumPy's, such as that of windows, shall share memory, and is known to.
                self.formulas[key] = call.function if call.kind == "view" else _apart(*key)
            return self._constant(self.formulas[key], "formula")
        if call.kind in ("reduce", "total"):
            self.namespace[f"{name}_reduce"] = call.function.reduce
            return f"{name}_reduce"
        self.namespace[name] = call.function
        return name

    def _operand(self, call: Call, x: Any) -> str:
        """Return an argument of a ufunc; numbers as arrays, which NumPy takes faster."""
        if isinstance(x, Variable | np.ndarray) or call.kind == "reduce":
            return self._text(x)
        types = [s.dtype for s in call.arguments if hasattr(s, "dtype")]
        return self._constant(np.asarray(x, dtype=np.result_type(*types, x)), "c")

    def _expression(self, call: Call) -> str:
        name = call.function.__name__
        arguments = [self._text(x) for x in call.arguments]
        if call.kind == "total":
            axis, start = call.options["axis"], call.options.get("initial")
            start_text = "" if start is None else f", None, None, False, {self._text(start)}"
            return f"{self._function(call)}({arguments[0]}, {axis!r}{start_text})"
        if name in OPERATORS and not call.options and call.kind in ("plain", "view"):
            scalars = call.kind == "plain" and all(x.ndim == 0 for x in call.variables())
            if scalars or name.startswith("_"):
                return OPERATORS[name].format(*arguments)
        if name == "transpose" and (len(arguments) == 1 or tuple(call.arguments[1]) == (1, 0)):
            return f"{arguments[0]}.T"
        if name == "reshape" and len(call.arguments) == 2:
            return f"{arguments[0]}.reshape({arguments[1]})"
        options = [f"{k}={self._text(v)}" for k, v in call.options.items()]
        return f"{self._function(call)}({', '.join([*arguments, *options])})"


def _apart(formula: Callable[..., Any], row: Any) -> Callable[..., Any]:
    """Return a formula whose result has memory of its own: arguments may be overwritten.

    Whether it gives an argument, or a view of one, may depend on the numbers.  For numbers that
    have no result it raises what a call of the row does.
    """

    def apart(*args: Any, **options: Any) -> Any:
        try:
            result = formula(*args, **options)
        except np.linalg.LinAlgError as error:
            arrays = [x for x in args if isinstance(x, np.ndarray)]
            raise explained(row, error, arrays, arrays, options) from None
        if any(np.may_share_memory(result, x) for x in args):
            return result.copy("K")
        return result

    return apart


def _is_plain_product(call: Call) -> bool:
    """Return whether ``x.dot(y)`` gives the bits of a matrix product, with less overhead."""
    if call.function is not np.matmul or not isinstance(call.arguments[0], Variable):
        return False
    x, y = (x.data if isinstance(x, Variable) else x for x in call.arguments)
    if x is y or np.ndim(x) != 2 or np.ndim(y) != 2:
        return False
    if x.dtype != y.dtype or x.dtype.itemsize not in (4, 8):
        return False
    # matmul has loops of its own for vectors, and for what does not lie in one piece.
    return min(*x.shape, *y.shape) > 1 and bool(x.flags.forc and y.flags.forc)
