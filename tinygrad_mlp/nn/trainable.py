"""Layers that learn: ``fit``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_mlp._support.arguments import random_source
from tinygrad_mlp.nn.batches import supply_of
from tinygrad_mlp.nn.callbacks import Callback, callbacks_of
from tinygrad_mlp.nn.course import BATCH_SIZE, Course, course_of, size_told
from tinygrad_mlp.nn.data import prepared
from tinygrad_mlp.nn.evaluation import Evaluated
from tinygrad_mlp.nn.fitting import Training, epochs_of, step_for
from tinygrad_mlp.nn.history import History
from tinygrad_mlp.nn.ranks import ranks_of
from tinygrad_mlp.nn.recipe import Recipe, recipe_of
from tinygrad_mlp.nn.reporting import reporter_of
from tinygrad_mlp.nn.training_step import TrainingStep

if TYPE_CHECKING:
    from tinygrad_mlp.nn.optimizers.optimizer import Optimizer


class Trainable(Evaluated):
    """Layers in a row that learn from samples.

    Parameters
    ----------
    verbose : bool
        ``fit`` prints the error of every tenth epoch.
    """

    def __init__(self, verbose: bool) -> None:
        super().__init__()
        self.verbose = verbose
        # Of the last training, for the next one.
        self._step: TrainingStep | None = None
        self._recipe: Recipe | None = None
        self._course: Course | None = None
        self._goes_on = False  # as one that was read from a file does

    @property
    def history(self) -> History:
        """The history of the last training, that of the file after ``load``; empty before any."""
        return History() if self._course is None else self._course.history

    def fit(
        self,
        x_train: Any,
        y_train: Any = None,
        epoches: int | None = None,
        learning_rate: float | Callable[[int], float] | None = None,
        batch_size: int = BATCH_SIZE,
        *,
        epochs: int | None = None,
        full_pass: bool | None = None,
        rng: Any = None,
        check_finite: bool = True,
        callback: Callable[[int, float], object] | None = None,
        compiled: bool | None = None,
        loss: str | Callable[[Any, Any], Any] | None = None,
        ignore_index: int | None = None,
        optimizer: Optimizer | None = None,
        sample_weight: Any = None,
        class_weight: str | Mapping[int, float] | None = None,
        validation_data: Sequence[Any] | None = None,
        validation_split: float | None = None,
        metrics: Iterable[str | Callable[[Any, Any], float]] | None = None,
        callbacks: Iterable[Callback] = (),
        progress: bool = False,
        comm: Any = None,
    ) -> History:
        r"""Train by gradient descent on $\frac{1}{2}\sum(y - \hat y)^2$, averaged over a batch.

        Other losses and other optimizers are a word away.  A loss, an optimizer or a rate that is
        not given is that of the training before, and the optimizer goes on with its state.  The
        first ``fit`` after ``load`` goes on with the training of the file in everything that it is
        not told.

        Parameters
        ----------
        x_train : array_like, shape (N, 1, inputs) or (N, inputs); or batches
            The samples.  Without ``y_train`` an iterable of batches (x, y) or (x, y,
            sample_weight), or a function that returns one; an epoch goes through it once.
        y_train : array_like, shape (N, 1, outputs) or (N, outputs)
            The targets; for ``"softmax_cross_entropy"`` also numbers of classes, shape (N,).
        epoches : int
            How many epochs; one epoch is *one random batch*, as in the notebook.
        learning_rate : float, or function of the number of a step
            Plain descent moves by this times the mean gradient of the batch.  One of
            ``tg.schedules`` is such a function.  Optimizers with a published default take that.
        batch_size : int
            Samples in a batch, 64 by default; all of them if there are fewer.
        epochs : int
            The same as ``epoches``, in the usual spelling.
        full_pass : bool
            One epoch is a pass over all samples, shuffled, in batches.
        rng : None, int, numpy Generator or RandomState
            What draws the batches, and what layers such as ``Dropout`` draw from; None is NumPy's
            global stream.
        check_finite : bool
            Refuse nan and infinity in the data, and what is too large for the type of the weights.
        callback : callable, optional
            Called as ``callback(epoch, error)`` after each epoch, with its mean loss.
        compiled : bool, optional
            Run the step as a compiled program; by default if all layers are of this package.  What
            a layer of your own does besides computing a program would do only once; from the
            ``rng`` of its ``TrainingPass`` it draws anew.
        loss : str or callable, optional
            ``"half_squared_error"`` (the default), ``"mse"`` (with the factor 1/2 of ``tg.mse``),
            ``"mae"``, ``"huber"``, and of logits ``"binary_cross_entropy"`` and
            ``"softmax_cross_entropy"``; or a function ``loss(y_true, y_pred)`` of Values, which
            gives one number, or one for each row.
        ignore_index : int, optional
            The number of a class that does not count, in one-hot rows too.
        optimizer : Optimizer, optional
            One of ``tg.optimizers``, such as ``tg.optimizers.Adam()``; by default plain descent.
        sample_weight : array_like, shape (N,), optional
            How much each sample counts in the mean.
        class_weight : "balanced" or dict from class to float, optional
            How much the samples of each class count; ``"balanced"`` gives classes equal weight.
        validation_data : (x, y) or (x, y, sample_weight), optional
            Samples that are not learned from; their loss is told after each epoch.
        validation_split : float, optional
            The share of the samples to keep for that instead, drawn at random.
        metrics : iterable of str or callable
            ``"accuracy"``, ``"top_3"`` and the like, ``"mse"``, ``"mae"``, ``"r2"``, or functions
            of targets and outputs; told after each epoch.  All samples that count at all count
            alike.
        callbacks : iterable of callable
            Called with a ``Progress`` after each epoch; one that answers True ends the training.
        progress : bool
            Draw a bar that grows with every step, in a terminal and with tqdm (extra
            ``progress``); elsewhere print lines, as ``verbose`` does.
        comm : mpi4py.MPI.Comm, optional
            Processes that all call ``fit`` alike and train together: each computes a share of every
            batch.  All get the weights and the history; only the first prints and has callbacks.

        Returns
        -------
        History
            The mean loss of each epoch, before its steps; of the default loss, the mean ``mse``.

        Raises
        ------
        TypeError, ValueError
            If an argument does not fit; no weight has changed then.
        FloatingPointError
            If a weight is nan or infinite, or a step would make it so; the weights stay as before
            that step.

        Notes
        -----
        Interrupted by Ctrl-C, the weights and the optimizer's state are those after the last
        complete step.
        """
        with ranks_of(comm).guarded() as ranks:
            number = epochs_of(epoches, epochs)
            recipe = recipe_of(self._recipe, loss, ignore_index, optimizer, learning_rate)
            before = self._course if self._goes_on else None
            told = {
                "batch_size": size_told(batch_size),
                "full_pass": full_pass,
                "compiled": compiled,
                "class_weight": class_weight,
                "metrics": metrics,
                "rng": rng,
                "sample_weight": sample_weight,
                "validation_data": validation_data,
                "validation_split": validation_split,
            }
            course, asked = course_of(before, told), callbacks_of(callbacks)
            reporter = reporter_of(self.verbose, progress, ranks.rank)
            supply, validation = supply_of(
                self.layers, recipe.objective, course, x_train, y_train, number, told, check_finite
            )
            step = self._step_for(recipe, course.compiled)
            self._course, self._goes_on = course, False
            return Training(
                network=self,
                recipe=recipe,
                course=course,
                epochs=number,
                supply=supply,
                validation=validation,
                step=step,
                ranks=ranks,
                callbacks=asked,
                callback=callback,
                reporter=reporter,
            ).run()

    def partial_fit(
        self,
        x: Any,
        y: Any,
        learning_rate: float | Callable[[int], float] | None = None,
        *,
        sample_weight: Any = None,
        loss: str | Callable[[Any, Any], Any] | None = None,
        optimizer: Optimizer | None = None,
        rng: Any = None,
    ) -> float:
        """Make one step on all of these samples, for data that come in pieces.

        Parameters
        ----------
        x, y, learning_rate, sample_weight, loss, optimizer
            As for ``fit``; what is not given is as in the step before.
        rng : None, int, numpy Generator or RandomState
            What layers such as ``Dropout`` draw from.

        Returns
        -------
        float
            The mean loss before the step.

        Examples
        --------
        >>> import numpy as np
        >>> import tinygrad_mlp as tg
        >>> network = tg.Network([tg.FullyConnectedLayer(1, 1, rng=0)], verbose=False)
        >>> pieces = [(np.array([[k]]), np.array([[2.0 * k]])) for k in (0.0, 1.0, 2.0)] * 200
        >>> losses = [network.partial_fit(x, y, learning_rate=0.1) for x, y in pieces]
        >>> losses[-1] < 1e-9
        True
        """
        source = random_source(rng)
        recipe = recipe_of(self._recipe, loss, None, optimizer, learning_rate)
        samples = prepared(self.layers, recipe.objective, x, y, sample_weight, names=("x", "y"))
        step = self._step_for(recipe, None)
        step.reset()
        try:
            return step(samples, np.arange(len(samples.x)), recipe.rate_of(step.steps), source)
        finally:
            step.finish()

    def _step_for(self, recipe: Recipe, compiled: bool | None) -> TrainingStep:
        """Return what makes a step, and remember it and the recipe for the next training."""
        self._step = step_for(self.layers, compiled, recipe, self._step)
        self._recipe = recipe
        return self._step

    def __getstate__(self) -> dict[str, Any]:
        # A copy compiles its own step, which goes on with a copy of the optimizer's state.
        step = self._step
        if step is not None:
            step = TrainingStep(step.layers, step.objective, step.optimizer).going_on(step)
        return {**self.__dict__, "_step": step}
