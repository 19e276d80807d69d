"""What ``source`` and LaTeX call the results of a graph, for whoever shows them otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from tinygrad_mlp.core.value import Value
from tinygrad_mlp.programs.writing.printing import Printer
from tinygrad_mlp.programs.writing.tasks import of_values


def result_names(outputs: Sequence[Value], *, gradients: bool = False) -> dict[str, str]:
    """Return the names of results in the text that ``source`` writes of some Values.

    Parameters
    ----------
    outputs : sequence of Values
        One or more.
    gradients : bool
        The text has the gradient of the one output too, as ``source(output)`` writes it; so more
        results have a line, as the backward pass needs them.

    Returns
    -------
    dict of str to str
        By the ids of ``Graph.of(*outputs)``.  What is written into a line of another result, or
        returned at once, has none.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> x, W, b = tg.Value([[1.0]], label="x"), tg.Value([[2.0]], label="W"), tg.Value([[3.0]])
    >>> result_names([tg.sum(tg.sigmoid(tg.affine(x, W, b)))])
    {'v3': 'z', 'v4': 'a', 'v5': 'total'}
    """
    given = outputs[0] if len(outputs) == 1 else list(outputs)
    printer = Printer(of_values(given, None if gradients else ()), formulas=False)
    return {line.step.id: line.name for line in printer.derivation.lines if not line.backward}
