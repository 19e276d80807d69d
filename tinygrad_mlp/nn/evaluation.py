"""How good layers are on samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp.core.ownership import handed, to_read
from tinygrad_mlp.nn.data import are_classes, prepared
from tinygrad_mlp.nn.layer import Layer, through
from tinygrad_mlp.nn.metrics import Metric, metrics_of
from tinygrad_mlp.nn.objectives import Objective, Samples
from tinygrad_mlp.nn.stack import Stack

if TYPE_CHECKING:
    from tinygrad_mlp.nn.recipe import Recipe


def measured(
    layers: Sequence[Layer], samples: Samples, metrics: dict[str, Metric], output: Any = None
) -> dict[str, float]:
    """Return the metrics of those samples that count at all."""
    output = through(layers, samples.x) if output is None else output
    targets = samples.y
    if samples.weights is not None:
        counted = samples.weights > 0
        targets, output = targets[counted], output[counted]
    found = {}
    for name, metric in metrics.items():
        given = to_read(targets), to_read(output)
        number = handed(f"metric {name}", "function", metric, given, {})
        if number is None or np.ndim(number):
            raise TypeError(f"metric {name} must return one number, got {number!r:.80}")
        found[name] = float(number)
    return found


class Evaluated(Stack):
    """Layers in a row that can say how good they are."""

    _recipe: Recipe | None = None  # of the last training

    def evaluate(
        self,
        x: Any,
        y: Any,
        *,
        sample_weight: Any = None,
        metrics: Iterable[str | Callable[[Any, Any], float]] = (),
        loss: str | Callable[[Any, Any], Any] | None = None,
    ) -> dict[str, float]:
        """Return the mean loss on samples, and metrics.

        Parameters
        ----------
        x, y, sample_weight, metrics
            As for ``fit``.
        loss : str or callable, optional
            As for ``fit``; by default that of the last training.

        Returns
        -------
        dict of str to float
            ``"loss"``, and each metric by its name.

        Examples
        --------
        >>> import tinygrad_mlp as tg
        >>> network = tg.Network([tg.ActivationLayer("identity")])
        >>> network.evaluate([[1.0], [2.0]], [[1.0], [4.0]], metrics=["mae"])
        {'loss': 1.0, 'mae': 1.0}
        """
        objective = Objective() if self._recipe is None else self._recipe.objective
        if loss is not None and loss != objective.loss:
            objective = Objective(loss)
        samples = prepared(self.layers, objective, x, y, sample_weight, names=("x", "y"))
        output = through(self.layers, samples.x)
        mean = objective.mean(samples, output)
        found = metrics_of(metrics, objective.loss)
        return {"loss": mean, **measured(self.layers, samples, found, output)}

    def score(self, x: Any, y: Any) -> float:
        """Return the accuracy if the last training was one of classes, else $R^2$.

        A network that was not trained here, such as one that ``from_onnx`` has read, is judged by
        what ``y`` holds: its accuracy if that is one class for each row of several outputs.

        Examples
        --------
        >>> import tinygrad_mlp as tg
        >>> tg.Network([tg.ActivationLayer("identity")]).score([[1.0], [2.0]], [[1.0], [3.0]])
        0.5
        """
        sizes = [layer.output_size for layer in self.layers if layer.output_size is not None]
        if self._recipe is None and sizes and sizes[-1] > 1 and are_classes(y):
            loss = "softmax_cross_entropy"
            return self.evaluate(x, y, metrics=["accuracy"], loss=loss)["accuracy"]
        classifies = self._recipe is not None and self._recipe.objective.classifies
        name = "accuracy" if classifies else "r2"
        return self.evaluate(x, y, metrics=[name])[name]
