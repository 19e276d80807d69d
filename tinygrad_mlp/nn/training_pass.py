"""What layers are given in training besides their inputs: random numbers, and an ear."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinygrad_mlp._support.arguments import random_source
from tinygrad_mlp.core.value import Value

Array = Any


class TrainingPass:
    """One pass through layers in training.

    A layer that computes something else in training takes it in ``training_formula``.

    Parameters
    ----------
    rng : None, int, numpy Generator or RandomState
        What random numbers come from; None is NumPy's global stream.

    Attributes
    ----------
    rng : numpy Generator, RandomState, or the module ``numpy.random``
        A layer draws from it, such as with ``training.rng.standard_normal(x.shape)``.  A compiled
        step draws anew every time it runs.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> dropout = tg.Dropout(0.5)
    >>> dropout(np.ones((1, 4))), dropout(np.ones((1, 4)), training=tg.TrainingPass(rng=0))
    (array([[1., 1., 1., 1.]]), array([[2., 0., 0., 0.]]))
    """

    def __init__(self, rng: Any = None) -> None:
        self.rng = random_source(rng)
        #: What to call after the step, and with what.
        self.told: list[tuple[Callable[..., object], tuple[Any, ...]]] = []

    def after_step(self, keep: Callable[..., object], *numbers: Any) -> None:
        """Have ``keep(*numbers)`` called when the step has been made, with arrays for Values."""
        self.told.append((keep, numbers))

    def finish(self) -> None:
        """Call what is to be called after the step; ``fit`` does this."""
        self.tell(self.arrays())
        self.told = []

    def arrays(self) -> list[Array]:
        """Return the numbers of the Values among what is told."""
        return [x.numpy() for x in self.values()]

    def values(self) -> list[Value]:
        """Return the Values among the numbers that are told."""
        return [x for _, numbers in self.told for x in numbers if isinstance(x, Value)]

    def tell(self, arrays: Sequence[Array]) -> None:
        """Call what is to be called, with copies of these arrays in place of the Values."""
        new = iter(arrays)
        for keep, numbers in self.told:
            keep(*(np.copy(next(new))[()] if isinstance(x, Value) else x for x in numbers))


def check_measured(arrays: Sequence[Array]) -> None:
    """Raise FloatingPointError if something that layers have measured is not finite."""
    if not all(np.isfinite(array).all() for array in arrays):
        raise FloatingPointError(
            "training diverged: what a layer measured is not finite; all parameters are those "
            "before this step. Lower learning_rate or scale the data"
        )


# ----- For compiled steps -----


class Draws:
    """Draws once from a source of its own, and notes how, so that it can be done with any source.

    >>> draws = Draws(np.random.default_rng(0))
    >>> first = draws.random(2), draws.normal(5.0)
    >>> other = np.random.default_rng(1)
    >>> len(draws.first), [np.size(x) for x in draws.again(other)]
    (2, [2, 1])
    """

    def __init__(self, source: Any) -> None:
        # A step must not find its own source moved on because a program was made.
        is_new = isinstance(source, np.random.Generator)
        self._source: Any = np.random.default_rng(0) if is_new else np.random.RandomState(0)
        self._calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.first: list[Array] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._source, name)

        def draw(*args: Any, **options: Any) -> Any:
            drawn = _as_argument(method(*args, **options), name)
            self._calls.append((name, args, options))
            self.first.append(drawn)
            return drawn

        return draw

    def again(self, source: Any) -> list[Array]:
        """Return what the same calls draw from a source."""
        return [
            _as_argument(getattr(source, name)(*args, **options), name)
            for name, args, options in self._calls
        ]


class Handed:
    """Gives what was drawn, in order, to whoever draws.

    >>> Handed([1.0, 2.0]).standard_normal()
    1.0
    """

    def __init__(self, drawn: Sequence[Any]) -> None:
        self._drawn: Iterator[Any] = iter(drawn)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def draw(*_: Any, **_options: Any) -> Any:
            for drawn in self._drawn:
                return drawn
            raise TypeError(
                f"training.rng.{name}: a layer drew more random numbers when its step was compiled "
                "than it had drawn before; draw the same each time, or say compiled=False"
            )

        return draw


def _as_argument(drawn: Any, name: str) -> Array:
    """Return what was drawn as an argument of a program."""
    if isinstance(drawn, np.ndarray) and drawn.dtype.kind == "f":
        return drawn
    if isinstance(drawn, float):
        return np.float64(drawn)
    raise TypeError(
        f"training.rng.{name} gave {getattr(drawn, 'dtype', type(drawn).__name__)}, but a compiled "
        "step takes only floats from it, such as of random, normal and uniform; say compiled=False"
    )
