"""What the estimators for scikit-learn share; this module needs scikit-learn itself."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.validation import check_is_fitted, validate_data

from tinygrad_mlp.nn.bridges.lbfgs import minimize
from tinygrad_mlp.nn.bridges.parameters import checked_sizes, optimizer_of, weights_of
from tinygrad_mlp.nn.bridges.passes import Order, Rate, Watch
from tinygrad_mlp.nn.bridges.perceptron import perceptron
from tinygrad_mlp.nn.network import Network
from tinygrad_mlp.nn.objectives import Objective, Samples
from tinygrad_mlp.nn.optimizers import Optimizer

Array = Any


class Perceptron(BaseEstimator):
    """What the estimators share: their parameters, their network and its training."""

    #: What scikit-learn is told of the targets when it checks them.
    _kind_of_targets: ClassVar[dict[str, bool]] = {"multi_output": True}
    _watch: Watch | None

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        solver: str | Optimizer = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun

    # ----- What users call -----

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Learn from samples, and return the estimator itself.

        Parameters
        ----------
        X : array_like, shape (n, features)
            The samples.
        y : array_like, shape (n,) or (n, outputs)
            What is to be learned.
        sample_weight : array_like, shape (n,), optional
            How much each sample counts; 0 is as if it were not there.
        """
        return self._learn(X, y, sample_weight, goes_on=self.warm_start, passes=None)

    def predict(self, X: Any) -> Array:
        """Return what is predicted for each row of ``X``."""
        return self._from_outputs(self._outputs(X))

    @property
    def coefs_(self) -> list[Array]:
        """The matrix of weights of each layer, shape (inputs, outputs)."""
        return [parameter.data for parameter in self.network_.parameters()[::2]]

    @property
    def intercepts_(self) -> list[Array]:
        """The biases of each layer, shape (outputs,)."""
        return [parameter.data[0] for parameter in self.network_.parameters()[1::2]]

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "network_")

    # ----- What a kind of estimator says -----

    @property
    def _loss(self) -> Any:
        """What ``fit`` minimises."""
        raise NotImplementedError

    def _targets(self, y: Array, begins: bool) -> Array:
        """Return what the network shall give; one that begins learns what classes there are."""
        raise NotImplementedError

    def _from_outputs(self, outputs: Array) -> Array:
        """Return what is predicted from the outputs of the network."""
        raise NotImplementedError

    # ----- Training -----

    def _learn(
        self, X: Any, y: Any, sample_weight: Any, *, goes_on: bool, passes: int | None
    ) -> Any:
        """Learn from samples: for some passes, or until nothing gets better."""
        sizes = checked_sizes(self)
        begins = not (goes_on and hasattr(self, "network_"))
        X, y = validate_data(
            self, X, y, dtype=(np.float64, np.float32), reset=begins, **self._kind_of_targets
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        targets = self._targets(y, begins and passes is None).astype(X.dtype)
        targets = targets.reshape(len(targets), -1)
        weights = None if sample_weight is None else weights_of(sample_weight, X)
        if weights is not None:
            counted = weights > 0
            X, y, targets, weights = X[counted], y[counted], targets[counted], weights[counted]
        source = check_random_state(self.random_state)
        if begins:
            units = [X.shape[1], *sizes, targets.shape[1]]
            self.network_ = perceptron(units, self.activation, source, X.dtype)
            self.n_layers_, self.n_outputs_ = len(units), units[-1]
            self._watch = None
        if self.solver == "lbfgs":
            self._minimize(Samples(X, targets, weights))
        else:
            self._descend(X, y, targets, weights, source, passes)
        return self

    def _descend(
        self, X: Array, y: Array, targets: Array, weights: Array, source: Any, passes: int | None
    ) -> None:
        """Train in steps on batches."""
        watch = self._watching(keeps_rate=passes is not None)
        if self.early_stopping:
            X, y, targets, weights, kept = self._divided(X, y, targets, weights, source)
            watch.score = lambda network: self._score(network, *kept)
        size: int = min(200 if self.batch_size == "auto" else self.batch_size, len(X))
        mean_weight = 1.0 if weights is None else float(weights.mean())
        sizes = tuple(parameter.size for parameter in self.network_.parameters())
        epochs, watch.epochs, watch.rate.samples = passes or self.max_iter, 0, len(X)
        try:
            self.network_.fit(
                X,
                targets,
                epochs=epochs,
                learning_rate=watch.rate.for_fit(),
                batch_size=size,
                full_pass=True,
                rng=Order(source, self.shuffle),
                loss=self._loss,
                optimizer=optimizer_of(self, self.alpha / (size * mean_weight), sizes),
                sample_weight=weights,
                callbacks=[watch],
            )
        finally:
            watch.score = None  # it holds the samples
        self.n_iter_, self.loss_, self.t_ = watch.epochs, watch.losses[-1], watch.rate.seen
        self.loss_curve_ = watch.losses
        self.validation_scores_ = watch.scores if self.early_stopping else None
        self.best_validation_score_ = watch.best if self.early_stopping else None
        self.best_loss_ = None if self.early_stopping else -watch.best
        if passes is None and self.n_iter_ == self.max_iter and not watch.converged:
            self._warn_of_the_end(self.max_iter)

    def _minimize(self, samples: Samples) -> None:
        """Train on all samples at once."""
        found = minimize(
            self.network_,
            Objective(self._loss),
            samples,
            self.alpha / samples.weight,
            {"maxiter": self.max_iter, "maxfun": self.max_fun, "gtol": self.tol},
        )
        self.n_iter_, self.loss_ = int(found.nit), float(found.fun)
        if not found.success:
            self._warn_of_the_end(self.n_iter_)

    def _warn_of_the_end(self, iterations: int) -> None:
        warnings.warn(
            f"{type(self).__name__} has not converged after {iterations} iterations; give a larger "
            "max_iter, or scale the data",
            ConvergenceWarning,
            stacklevel=5,
        )

    def _watching(self, keeps_rate: bool) -> Watch:
        """Return what looks on: a new one for a new network, else with the parameters of today."""
        kind = self.learning_rate if self.solver == "sgd" else "constant"
        rate = Rate(kind, float(self.learning_rate_init), float(self.power_t))
        if self._watch is None:
            self._watch = Watch(rate, self.tol, self.n_iter_no_change, None)
        watch = self._watch
        if not keeps_rate:
            rate.seen = watch.rate.seen
            watch.rate = rate
        watch.tol, watch.patience, watch.converged = self.tol, self.n_iter_no_change, False
        watch.tell = print if self.verbose else None
        return watch

    def _divided(self, X: Any, y: Any, targets: Any, weights: Any, source: Any) -> Any:
        """Return the samples to learn from, and those that are kept to see when to stop."""
        given = [X, y, targets] if weights is None else [X, y, targets, weights]
        parts = train_test_split(
            *given,
            random_state=source,
            test_size=self.validation_fraction,
            stratify=y if self._can_stratify(y) else None,
        )
        learned, kept = parts[::2], parts[1::2]
        if len(kept[0]) < 2:
            raise ValueError(
                f"validation_fraction={self.validation_fraction:g} of {len(X)} samples keeps "
                f"{len(kept[0])}, and 2 are needed; give a larger one"
            )
        weights, kept_weights = (learned[3], kept[3]) if len(parts) == 8 else (None, None)
        return *learned[:3], weights, (kept[0], kept[1], kept_weights)

    def _can_stratify(self, y: Array) -> bool:
        """Return whether each class can have samples on both sides."""
        if not is_classifier(self) or y.ndim > 1:
            return False
        counts = np.unique(y, return_counts=True)[1]
        return bool(counts.min() > 1 and self.validation_fraction * len(y) >= len(counts))

    def _score(self, network: Network, X: Array, y: Array, weights: Array) -> float:
        """Return how good the network is on samples."""
        score = accuracy_score if is_classifier(self) else r2_score
        return float(score(y, self._from_outputs(network(X)), sample_weight=weights))

    def _outputs(self, X: Any) -> Array:
        """Return what the last layer gives for each row of ``X``."""
        check_is_fitted(self)
        return self.network_(validate_data(self, X, dtype=(np.float64, np.float32), reset=False))

    def _refuse_early_stopping(self) -> None:
        if self.early_stopping:
            raise ValueError("partial_fit makes one pass, so early_stopping=True has no meaning")


def learns_in_steps(estimator: Any) -> bool:
    """Return True, or raise AttributeError for a solver that needs all samples at once."""
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit is there for every solver but 'lbfgs'")
    return True
