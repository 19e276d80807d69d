"""One step of gradient descent of a sigmoid network on half the squared error, in six ways.

Every contender starts from the same weights, changes them in place, and returns them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

BATCH = 64
RATE = 0.01


def _problem(sizes: list[int]) -> tuple[Any, Any, list[Any]]:
    """Return inputs, targets, and the parameters W1, b1, W2, b2, and so on."""
    import numpy as np

    source = np.random.default_rng(1)
    parameters = []
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        parameters.append(source.uniform(-0.5, 0.5, (inputs, outputs)))
        parameters.append(source.uniform(-0.5, 0.5, (1, outputs)))
    return source.random((BATCH, sizes[0])), source.random((BATCH, sizes[-1])), parameters


def start_numpy(sizes: list[int]) -> Callable[[], list[Any]]:
    """Return the step by hand: what one writes plainly, without a graph."""
    import numpy as np

    x, y, parameters = _problem(sizes)
    weights, biases = parameters[0::2], parameters[1::2]

    def run() -> list[Any]:
        outputs = [x]
        for W, b in zip(weights, biases, strict=True):
            z = outputs[-1] @ W + b
            outputs.append(1 / (1 + np.exp(-z)))
        last = outputs[-1]
        error = (last - y) * (last * (1 - last))
        by_weights, by_biases = [], []
        for layer in reversed(range(len(weights))):
            a = outputs[layer]
            by_weights.append(a.T @ error)
            by_biases.append(error.sum(axis=0, keepdims=True))
            if layer > 0:
                error = (error @ weights[layer].T) * (a * (1 - a))
        by_weights.reverse()
        by_biases.reverse()
        for layer in range(len(weights)):
            weights[layer] -= RATE * by_weights[layer]
            biases[layer] -= RATE * by_biases[layer]
        return parameters

    return run


def start_inplace(sizes: list[int]) -> Callable[[], list[Any]]:
    """Return the step by hand for speed: every array is made once and written over ever after."""
    import numpy as np

    x, y, parameters = _problem(sizes)
    weights, biases = parameters[0::2], parameters[1::2]
    outputs = [np.empty((BATCH, size)) for size in sizes[1:]]
    slopes = [np.empty_like(output) for output in outputs]
    errors = [np.empty_like(output) for output in outputs]
    by_weights = [np.empty_like(W) for W in weights]
    by_biases = [np.empty_like(b) for b in biases]
    inputs = [x, *outputs[:-1]]
    forward = list(zip(inputs, weights, biases, outputs, strict=True))
    layers = zip(
        [a.T for a in inputs],
        outputs,
        slopes,
        errors,
        by_weights,
        by_biases,
        [W.T for W in weights],
        [None, *errors[:-1]],
        strict=True,
    )
    backward = list(layers)[::-1]
    steps = [*zip(weights, by_weights, strict=True), *zip(biases, by_biases, strict=True)]

    def run() -> list[Any]:
        for a, W, b, output in forward:
            np.dot(a, W, out=output)
            output += b
            np.negative(output, out=output)
            np.exp(output, out=output)
            output += 1.0
            np.divide(1.0, output, out=output)
        np.subtract(outputs[-1], y, out=errors[-1])
        for turned, output, slope, error, by_W, by_b, W_turned, error_before in backward:
            np.subtract(1.0, output, out=slope)
            slope *= output
            error *= slope
            np.dot(turned, error, out=by_W)
            np.add.reduce(error, axis=0, keepdims=True, out=by_b)
            if error_before is not None:
                np.dot(error, W_turned, out=error_before)
        for parameter, step in steps:
            step *= RATE
            parameter -= step
        return parameters

    return run


def start_ours(sizes: list[int]) -> Callable[[], list[Any]]:
    """Return the step with this package."""
    import tinygrad_mlp as tg

    x, y, start = _problem(sizes)
    x, y = tg.Value(x), tg.Value(y)  # as tensors elsewhere; an array would be copied in every step
    parameters = [tg.Value(p) for p in start]

    def run() -> list[Any]:
        output = x
        for W, b in zip(parameters[0::2], parameters[1::2], strict=True):
            output = tg.sigmoid(tg.affine(output, W, b))
        loss = tg.half_squared_error(y, output)
        for p, by_p in zip(parameters, tg.grad(loss, parameters), strict=True):
            p.data -= RATE * by_p
        return [p.data for p in parameters]

    return run


def start_autograd(sizes: list[int]) -> Callable[[], list[Any]]:
    """Return the step with autograd."""
    import autograd
    import autograd.numpy as anp

    x, y, parameters = _problem(sizes)

    def loss(parameters: list[Any]) -> Any:
        output = x
        for W, b in zip(parameters[0::2], parameters[1::2], strict=True):
            output = 1 / (1 + anp.exp(-(anp.dot(output, W) + b)))
        return 0.5 * anp.sum((y - output) ** 2)

    gradient = autograd.grad(loss)

    def run() -> list[Any]:
        for p, by_p in zip(parameters, gradient(parameters), strict=True):
            p -= RATE * by_p
        return parameters

    return run


def start_mygrad(sizes: list[int]) -> Callable[[], list[Any]]:
    """Return the step with mygrad."""
    import mygrad
    from mygrad.nnet.activations import sigmoid

    x, y, start = _problem(sizes)
    parameters = [mygrad.tensor(p) for p in start]

    def run() -> list[Any]:
        output = x
        for W, b in zip(parameters[0::2], parameters[1::2], strict=True):
            output = sigmoid(mygrad.matmul(output, W) + b)
        loss = 0.5 * ((y - output) ** 2).sum()
        loss.backward()
        for p in parameters:
            p.data -= RATE * p.grad
            p.null_grad()
        return [p.data for p in parameters]

    return run


def start_torch(sizes: list[int]) -> Callable[[], list[Any]]:
    """Return the step with PyTorch as it comes, not compiled."""
    import torch

    torch.set_num_threads(1)
    x, y, start = _problem(sizes)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    parameters = [torch.from_numpy(p).requires_grad_() for p in start]

    def run() -> list[Any]:
        output = x
        for W, b in zip(parameters[0::2], parameters[1::2], strict=True):
            output = torch.sigmoid(torch.addmm(b, output, W))
        loss = 0.5 * torch.sum((y - output) ** 2)
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for p, by_p in zip(parameters, gradients, strict=True):
                p.sub_(by_p, alpha=RATE)
        return parameters

    return run
