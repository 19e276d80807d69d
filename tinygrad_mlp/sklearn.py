"""Estimators for scikit-learn, for its pipelines, searches and cross-validation (extra sklearn).

They take the parameters of the classes of the same names in ``sklearn.neural_network``, begin with
the same weights, draw the same batches and stop at the same pass.  The network inside is one of
this package, ``network_``, to be drawn, looked into and exported.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from tinygrad_mlp._support.extras import needed

needed("sklearn", "scikit-learn", "sklearn", "tinygrad_mlp.sklearn")

from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels

from tinygrad_mlp.nn.bridges.estimator import Perceptron, learns_in_steps
from tinygrad_mlp.nn.bridges.perceptron import log_loss
from tinygrad_mlp.ops.elementwise import sigmoid
from tinygrad_mlp.ops.reductions import softmax

Array = Any


class MLPClassifier(ClassifierMixin, Perceptron):
    """A classifier for scikit-learn: a perceptron that gives the probability of each class.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int
        The units of each hidden layer.
    activation : str
        Of hidden layers: ``"identity"``, ``"logistic"``, ``"tanh"``, ``"relu"``, or another name
        that ``tg.ActivationLayer`` knows.
    solver : str or Optimizer
        ``"adam"``, ``"sgd"``, ``"lbfgs"`` (all samples at once, by SciPy), or one of
        ``tg.optimizers``.
    alpha : float
        Of the penalty, half of this times the sum of all squared weights, divided by the number of
        samples of a batch.
    batch_size : int or "auto"
        Samples in a batch; ``"auto"`` is 200; all of them if there are fewer.
    learning_rate : str
        For ``"sgd"``: ``"constant"``, ``"invscaling"`` or ``"adaptive"``.
    learning_rate_init, power_t : float
        The rate; and for ``"invscaling"`` the power of the number of samples that divides it.
    max_iter : int
        The most passes over the samples.
    shuffle : bool
        Whether every pass takes them in another order.
    random_state : None, int or RandomState
        What draws weights, the validation samples, and batches.
    tol, n_iter_no_change : float
        It stops when more than so many passes in a row are not better by ``tol``.
    verbose : bool
        Print each pass.
    warm_start : bool
        Whether ``fit`` goes on with the weights of the last one.
    momentum, nesterovs_momentum, beta_1, beta_2, epsilon
        Of ``"sgd"``, and of ``"adam"``.
    early_stopping, validation_fraction
        Whether to keep such a share of the samples, stop when the score on it gets no better, and
        give back the best weights.
    max_fun : int
        How often ``"lbfgs"`` may compute the loss.

    Attributes
    ----------
    network_ : Network
        What has learned; its outputs are logits.
    classes_ : ndarray
        The classes, in the order of the probabilities.
    n_iter_ : int
        The number of passes.
    loss_, loss_curve_, best_loss_
        The loss of the last pass, of each, and the smallest, without the penalty.
    validation_scores_, best_validation_score_
        With ``early_stopping``.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from tinygrad_mlp.sklearn import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = MLPClassifier(10, max_iter=1000, solver="lbfgs", random_state=0).fit(X, y)
    >>> classifier.score(X, y) > 0.95
    True
    >>> classifier.network_
    Network(FullyConnectedLayer(4, 10) → ActivationLayer('relu') → FullyConnectedLayer(10, 3))
    """

    @available_if(learns_in_steps)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Any:
        """Make one pass over these samples, and return the estimator itself.

        Parameters
        ----------
        X, y, sample_weight
            As for ``fit``.
        classes : array_like, optional
            All classes that will ever come; wanted in the first call.
        """
        self._refuse_early_stopping()
        if not hasattr(self, "network_"):
            if classes is None:
                raise ValueError("classes must be given in the first call of partial_fit")
            is_multilabel = type_of_target(y).startswith("multilabel")
            self._binarizer = LabelBinarizer().fit(y if is_multilabel else classes)
            self.classes_ = self._binarizer.classes_
        elif classes is not None and not np.array_equal(self.classes_, unique_labels(classes)):
            raise ValueError(
                f"classes={classes!r:.80} are not those of the first call, {self.classes_!r:.80}"
            )
        return self._learn(X, y, sample_weight, goes_on=True, passes=1)

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class, a column for each of ``classes_``."""
        outputs = self._outputs(X)
        if self._loss == "softmax_cross_entropy":
            return softmax(outputs, axis=1)
        if len(self.classes_) == 1:
            return np.ones_like(outputs)
        return sigmoid(outputs if self._is_multilabel else np.hstack([-outputs, outputs]))

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithms of the probabilities; that of 0 is minus infinity."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def decision_function(self, X: Any) -> Array:
        """Return the logits: one for each class, shape (n, classes), or of two classes, (n,)."""
        outputs = self._outputs(X)
        return outputs if self._is_multilabel or outputs.shape[1] > 1 else outputs[:, 0]

    @property
    def _is_multilabel(self) -> bool:
        return bool(self._binarizer.y_type_.startswith("multilabel"))

    @property
    def _loss(self) -> Any:
        if self._is_multilabel:
            return log_loss
        is_multiclass = self._binarizer.y_type_ == "multiclass"
        return "softmax_cross_entropy" if is_multiclass else "binary_cross_entropy"

    def _targets(self, y: Array, begins: bool) -> Array:
        """Return a column of 0 and 1 for each class, or one column for two classes."""
        check_classification_targets(y)
        if begins:
            self._binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._binarizer.classes_
        elif new := sorted({*unique_labels(y).tolist()} - {*self.classes_.tolist()}):
            raise ValueError(f"y has classes that were not there before: {new!r:.80}")
        return self._binarizer.transform(y)

    def _from_outputs(self, outputs: Array) -> Array:
        """Return the most probable class of each row."""
        return self._binarizer.inverse_transform(outputs, threshold=0.0)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


class MLPRegressor(RegressorMixin, Perceptron):
    """A regressor for scikit-learn: a perceptron that learns numbers, by the squared error.

    Parameters
    ----------
    hidden_layer_sizes, activation, ...
        Those of ``MLPClassifier``.

    Attributes
    ----------
    network_ : Network
        What has learned.
    n_iter_, loss_, loss_curve_, best_loss_, validation_scores_, best_validation_score_
        As those of ``MLPClassifier``; a score is $R^2$.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_mlp.sklearn import MLPRegressor
    >>> X = np.linspace(-2.0, 2.0, 50)[:, np.newaxis]
    >>> y = np.sin(X[:, 0])
    >>> MLPRegressor(20, "tanh", solver="lbfgs", random_state=0).fit(X, y).score(X, y) > 0.99
    True
    """

    _kind_of_targets: ClassVar[dict[str, bool]] = {"multi_output": True, "y_numeric": True}
    _loss = "half_squared_error"

    @available_if(learns_in_steps)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Make one pass over these samples, and return the estimator itself.

        Parameters
        ----------
        X, y, sample_weight
            As for ``fit``.
        """
        self._refuse_early_stopping()
        return self._learn(X, y, sample_weight, goes_on=True, passes=1)

    def _targets(self, y: Array, begins: bool) -> Array:
        return y

    def _from_outputs(self, outputs: Array) -> Array:
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs
