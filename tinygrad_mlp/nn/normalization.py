"""Layers that bring what passes through them to mean 0 and variance 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.arguments import finite_number, floating_type, positive, whole_number
from tinygrad_mlp.core.value import Value
from tinygrad_mlp.nn.layer import Array, Layer
from tinygrad_mlp.ops.elementwise import sqrt, square
from tinygrad_mlp.ops.reductions import mean
from tinygrad_mlp.ops.shapes import stop_gradient

if TYPE_CHECKING:
    from tinygrad_mlp.nn.training_pass import TrainingPass


class _Normalization(Layer):
    r"""What both have: $\gamma$ and $\beta$, which are learned, and the $\epsilon$ of division."""

    input_size: int
    output_size: int

    def __init__(self, size: int, epsilon: float, dtype: Any) -> None:
        super().__init__()
        self.size = self.input_size = self.output_size = whole_number("size", size)
        self._epsilon = positive("epsilon", epsilon)
        self.dtype = floating_type(dtype)
        self._gamma = Value(np.ones((1, self.size), self.dtype), label="gamma")
        self._beta = Value(np.zeros((1, self.size), self.dtype), label="beta")

    @property
    def epsilon(self) -> float:
        """What is added to a variance before it divides."""
        return self._epsilon

    @property
    def gamma(self) -> Array:
        """What normalized numbers are multiplied by, shape (1, size)."""
        gamma: Array = self._gamma.data
        return gamma

    @gamma.setter
    def gamma(self, new: Any) -> None:
        self._gamma.data = new

    @property
    def beta(self) -> Array:
        """What is added then, shape (1, size)."""
        beta: Array = self._beta.data
        return beta

    @beta.setter
    def beta(self, new: Any) -> None:
        self._beta.data = new

    def parameters(self) -> list[Value]:
        """Return gamma and beta."""
        return [self._gamma, self._beta]

    def is_pure(self) -> bool:
        """Return True, unless a subclass changes what is computed."""
        return type(self) in (BatchNorm, LayerNorm)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.size})"

    def _normalized(self, centred: Any, variance: Any, gamma: Any, beta: Any) -> Any:
        return centred / sqrt(variance + self._epsilon) * gamma + beta


class BatchNorm(_Normalization):
    r"""Columns of mean 0 and variance 1: $\gamma (x - \mu) / \sqrt{v + \epsilon} + \beta$.

    In training $\mu$ and $v$ are the mean and the variance of the column in the batch, elsewhere
    running means of these, where the variance is the unbiased one, $n v / (n - 1)$.  All rows count
    alike, whatever their ``sample_weight``.

    Parameters
    ----------
    size : int
        Length of the rows.
    momentum : float
        Share of a new batch in the running means.
    epsilon : float
        Keeps the division from exploding where a column hardly varies.
    dtype : floating type
        Of all that it holds.

    Attributes
    ----------
    gamma, beta : ndarray, shape (1, size)
        What is learned; ones and zeros at first.
    running_mean, running_variance : ndarray, shape (1, size)
        Zeros and ones at first.

    References
    ----------
    S. Ioffe and C. Szegedy, "Batch normalization", ICML 2015; conventions and defaults are
    PyTorch's.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_mlp as tg
    >>> layer, x = tg.BatchNorm(1, epsilon=1e-9), np.array([[1.0], [3.0]])
    >>> training = tg.TrainingPass()
    >>> layer(x, training).round(6).T
    array([[-1.,  1.]])
    >>> training.finish()
    >>> layer.running_mean, layer.running_variance
    (array([[0.2]]), array([[1.1]]))
    """

    fewest_rows = 2  # one alone has no variance

    def __init__(
        self,
        size: int,
        *,
        momentum: float = 0.1,
        epsilon: float = 1e-5,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__(size, epsilon, dtype)
        self.momentum = finite_number("momentum", momentum, minimum=0.0)
        if self.momentum > 1.0:
            raise ValueError(f"momentum must be at most 1, got {momentum}")
        self._mean = Value(np.zeros((1, self.size), self.dtype), label="mean")
        self._variance = Value(np.ones((1, self.size), self.dtype), label="variance")

    @property
    def running_mean(self) -> Array:
        """Running mean of each column, shape (1, size)."""
        found: Array = self._mean.data
        return found

    @running_mean.setter
    def running_mean(self, new: Any) -> None:
        self._mean.data = new

    @property
    def running_variance(self) -> Array:
        """Running mean of the unbiased variance of each column, shape (1, size)."""
        found: Array = self._variance.data
        return found

    @running_variance.setter
    def running_variance(self, new: Any) -> None:
        self._variance.data = new

    def statistics(self) -> list[Value]:
        """Return the running mean and variance."""
        return [self._mean, self._variance]

    def formula(self, x: Any, *parameters: Any) -> Any:
        """Return the normalized rows, by the running mean and variance."""
        x = self._rows(x, ("gamma", "beta"), parameters)
        center, variance = self._mean, self._variance
        if not isinstance(x, Value):
            return self._normalized(x - center.data, variance.data, *parameters)
        return self._normalized(x - stop_gradient(center), stop_gradient(variance), *parameters)

    def training_formula(self, x: Any, *parameters: Any, training: TrainingPass) -> Any:
        """Return the normalized rows, by the mean and variance of these rows."""
        x = self._rows(x, ("gamma", "beta"), parameters)
        count = len(x)
        if count < self.fewest_rows:
            raise ValueError(
                f"{self.name}: BatchNorm needs at least 2 rows in a batch of training, got {count}"
            )
        center = mean(x, axis=0, keepdims=True)
        centred = x - center
        variance = mean(square(centred), axis=0, keepdims=True)
        training.after_step(self._follow, center, variance * (count / (count - 1)))
        return self._normalized(centred, variance, *parameters)

    def _follow(self, mean: Array, variance: Array) -> None:
        share = self.momentum
        self.running_mean = (1.0 - share) * self.running_mean + share * mean
        self.running_variance = (1.0 - share) * self.running_variance + share * variance


class LayerNorm(_Normalization):
    r"""Rows of mean 0 and variance 1: $\gamma (x - \mu) / \sqrt{v + \epsilon} + \beta$.

    It is the same in training and elsewhere, and does not depend on the other rows.

    Parameters
    ----------
    size : int
        Length of the rows.
    epsilon : float
        Keeps the division from exploding where a row hardly varies.
    dtype : floating type
        Of what is learned.

    Attributes
    ----------
    gamma, beta : ndarray, shape (1, size)
        What is learned; ones and zeros at first.

    References
    ----------
    J. Ba, J. Kiros and G. Hinton, "Layer normalization", arXiv:1607.06450, 2016.

    Examples
    --------
    >>> import tinygrad_mlp as tg
    >>> tg.LayerNorm(2)([[1.0, 3.0], [10.0, 10.0]]).round(3)
    array([[-1.,  1.],
           [ 0.,  0.]])
    """

    def __init__(self, size: int, *, epsilon: float = 1e-5, dtype: Any = np.float64) -> None:
        super().__init__(size, epsilon, dtype)

    def formula(self, x: Any, *parameters: Any) -> Any:
        """Return the normalized rows."""
        x = self._rows(x, ("gamma", "beta"), parameters)
        centred = x - mean(x, axis=1, keepdims=True)
        return self._normalized(centred, mean(square(centred), axis=1, keepdims=True), *parameters)
