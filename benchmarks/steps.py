"""One step of gradient descent of a sigmoid network on half the squared error, in many ways.

Every contender is written as somebody would who knows its library and nothing of how that works
inside: data are ordinary arrays, and the loss is spelled out.  Written for speed are only
``start_inplace``, ``start_tuned``, ``start_compiled`` and ``start_whole_step``.

All start from the same weights, take one step on the same batch in each run, and return their
weights and biases.  Weights are drawn evenly from ±1/sqrt(inputs), biases from ±1/2, inputs from 0
to 1 and targets from 0.2 to 0.8, and a step goes 0.1 against the gradient of the mean over the
batch: however often it is repeated, no number comes near overflow or underflow, which would slow
some contenders down and not others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

RATE = 0.1

Run = Callable[[], list[Any]]


def problem(sizes: list[int], batch: int, dtype: str) -> tuple[Any, Any, list[Any]]:
    """Return inputs, targets, and the parameters W1, b1, W2, b2, and so on."""
    import numpy as np

    source = np.random.default_rng(1)
    parameters = []
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        parameters.append(source.uniform(-1, 1, (inputs, outputs)) / inputs**0.5)
        parameters.append(source.uniform(-0.5, 0.5, (1, outputs)))
    x, y = source.random((batch, sizes[0])), source.uniform(0.2, 0.8, (batch, sizes[-1]))
    return x.astype(dtype), y.astype(dtype), [p.astype(dtype) for p in parameters]


# ----- NumPy -----


def start_numpy(sizes: list[int], batch: int, dtype: str) -> Run:
    """Return what one writes plainly, for the whole batch."""
    import numpy as np

    x, y, parameters = problem(sizes, batch, dtype)
    weights, biases = parameters[0::2], parameters[1::2]
    rate = RATE / batch

    def run() -> list[Any]:
        outputs = [x]
        for W, b in zip(weights, biases, strict=True):
            outputs.append(1 / (1 + np.exp(-(outputs[-1] @ W + b))))
        last = outputs[-1]
        error = (last - y) * (last * (1 - last))
        by_weights, by_biases = [], []
        for layer in reversed(range(len(weights))):
            a = outputs[layer]
            by_weights.append(a.T @ error)
            by_biases.append(error.sum(axis=0, keepdims=True))
            if layer > 0:
                error = (error @ weights[layer].T) * (a * (1 - a))
        for W, by_W in zip(reversed(weights), by_weights, strict=True):
            W -= rate * by_W
        for b, by_b in zip(reversed(biases), by_biases, strict=True):
            b -= rate * by_b
        return parameters

    return run


def start_inplace(sizes: list[int], batch: int, dtype: str) -> Run:
    """Return what one writes for speed: every result goes into an array that is made once."""
    import numpy as np

    x, y, parameters = problem(sizes, batch, dtype)
    weights, biases = parameters[0::2], parameters[1::2]
    rate = RATE / batch
    activations, errors, slopes = (
        [np.empty((batch, outputs), dtype) for outputs in sizes[1:]] for _ in range(3)
    )
    by_weights, by_biases = ([np.empty_like(p) for p in group] for group in (weights, biases))

    def run() -> list[Any]:
        output = x
        for W, b, a in zip(weights, biases, activations, strict=True):
            np.matmul(output, W, out=a)
            a += b
            np.negative(a, out=a)
            np.exp(a, out=a)
            a += 1.0
            np.divide(1.0, a, out=a)
            output = a
        np.subtract(output, y, out=errors[-1])
        for layer in reversed(range(len(weights))):
            error, slope, a = errors[layer], slopes[layer], activations[layer]
            np.subtract(1.0, a, out=slope)
            slope *= a
            error *= slope
            before = activations[layer - 1] if layer > 0 else x
            np.matmul(before.T, error, out=by_weights[layer])
            np.sum(error, axis=0, keepdims=True, out=by_biases[layer])
            if layer > 0:
                np.matmul(error, weights[layer].T, out=errors[layer - 1])
            by_weights[layer] *= rate
            weights[layer] -= by_weights[layer]
            by_biases[layer] *= rate
            biases[layer] -= by_biases[layer]
        return parameters

    return run


def start_products(sizes: list[int], batch: int, dtype: str) -> Run:
    """Return the matrix products of the step alone, which no program in NumPy can avoid."""
    import numpy as np

    x, _, parameters = problem(sizes, batch, dtype)
    weights = parameters[0::2]
    activations = [x, *(np.ones((batch, outputs), dtype) for outputs in sizes[1:])]
    results = [np.empty_like(a) for a in activations]
    by_weights = [np.empty_like(W) for W in weights]

    def run() -> list[Any]:
        for layer, W in enumerate(weights):
            np.matmul(activations[layer], W, out=results[layer + 1])
            np.matmul(activations[layer].T, activations[layer + 1], out=by_weights[layer])
            if layer > 0:
                np.matmul(activations[layer + 1], W.T, out=results[layer])
        return parameters

    return run


# ----- This package -----


def start_natural(sizes: list[int], batch: int, dtype: str) -> Run:
    """Return the loop of ``backward`` that one writes first."""
    import tinygrad_mlp as tg

    x, y, start = problem(sizes, batch, dtype)
    parameters = [tg.Value(p) for p in start]
    rate = RATE / batch

    def run() -> list[Any]:
        output = x
        for W, b in zip(parameters[0::2], parameters[1::2], strict=True):
            output = tg.sigmoid(output @ W + b)
        loss = tg.sum((output - y) ** 2) * 0.5
        loss.backward()
        for p in parameters:
            p.data -= rate * p.grad
        tg.zero_grad(parameters)
        return parameters

    return run


def start_one_page(sizes: list[int], batch: int, dtype: str) -> Run:
    """Return the same loop on the engine on one page, which checks nothing and keeps no copies."""
    import numpy as np

    from examples.engine_in_one_page import Value, row

    x, y, start = problem(sizes, batch, dtype)
    parameters = [Value(p) for p in start]
    rate = RATE / batch
    sigmoid = row(lambda z: 1 / (1 + np.exp(-z)), lambda g, out, z: g * (out * (1 - out)))

    def run() -> list[Any]:
        output = x
        for W, b in zip(parameters[0::2], parameters[1::2], strict=True):
            output = sigmoid(output @ W + b)
        loss = ((output - y) ** 2).sum() * 0.5
        loss.backward()
        for p in parameters:
            p.data -= rate * p.grad
            p.grad = None
        return [p.data for p in parameters]

    return run


def start_tuned(sizes: list[int], batch: int, dtype: str) -> Run:
    """Return the same loop with every hint that spares the engine work."""
    import tinygrad_mlp as tg

    x, y, start = problem(sizes, batch, dtype)
    x.flags.writeable = y.flags.writeable = False  # else every graph keeps copies of its own
    parameters = [tg.Value(p) for p in start]
    layers = list(zip(parameters[0::2], parameters[1::2], strict=True))
    rate = RATE / batch

    def run() -> list[Any]:
        output = x
        for W, b in layers:
            output = tg.sigmoid(tg.affine(output, W, b))
        tg.half_squared_error(y, output).backward(retain_grads=False)
        for p in parameters:
            p.grad *= rate
            p.data -= p.grad
            p.grad = None
        return parameters

    return run


def _loss(x: Any, y: Any, *parameters: Any) -> Any:
    import tinygrad_mlp as tg

    output = x
    for W, b in zip(parameters[0::2], parameters[1::2], strict=True):
        output = tg.sigmoid(output @ W + b)
    return tg.sum((output - y) ** 2) * 0.5


def start_value_and_grad(sizes: list[int], batch: int, dtype: str) -> Run:
    """Return the step on arrays, of which a function gives the gradients."""
    import tinygrad_mlp as tg

    x, y, parameters = problem(sizes, batch, dtype)
    rate = RATE / batch
    slopes_of = tg.value_and_grad(_loss, argnums=tuple(range(2, 2 + len(parameters))))

    def run() -> list[Any]:
        _, slopes = slopes_of(x, y, *parameters)
        for p, slope in zip(parameters, slopes, strict=True):
            p -= rate * slope
        return parameters

    return run


def start_compiled(sizes: list[int], batch: int, dtype: str) -> Run:
    """Return the same with a compiled function; like its results, no array is made anew."""
    import tinygrad_mlp as tg

    x, y, parameters = problem(sizes, batch, dtype)
    rate = RATE / batch
    slopes_of = tg.compile(
        tg.value_and_grad(_loss, argnums=tuple(range(2, 2 + len(parameters)))), reuse_outputs=True
    )

    def run() -> list[Any]:
        _, slopes = slopes_of(x, y, *parameters)
        for p, slope in zip(parameters, slopes, strict=True):
            slope *= rate
            p -= slope
        return parameters

    return run


def start_whole_step(sizes: list[int], batch: int, dtype: str, backend: str = "numpy") -> Run:
    """Return a compiled function that moves the parameters too, in their own memory."""
    import tinygrad_mlp as tg

    if backend == "numba":
        import numba  # noqa: F401  so that it is reported where it is missing
        import scipy  # noqa: F401  which numba needs for products
    x, y, parameters = problem(sizes, batch, dtype)
    rate = RATE / batch
    places = tuple(range(2, 2 + len(parameters)))
    gradient = tg.grad(_loss, argnums=places)

    def step(x: Any, y: Any, *parameters: Any) -> list[Any]:
        slopes = gradient(x, y, *parameters)
        return [p - rate * slope for p, slope in zip(parameters, slopes, strict=True)]

    compiled = tg.compile(step, donate_argnums=places, backend=backend)

    def run() -> list[Any]:
        compiled(x, y, *parameters)
        return parameters

    return run


def start_fit(sizes: list[int], batch: int, dtype: str, epochs: int) -> Run:
    """Return ``Network.fit``, in one call, whose every epoch is a step on all that is there."""
    import tinygrad_mlp as tg

    x, y, parameters = problem(sizes, batch, dtype)
    network = tg.Network(verbose=False)
    for W, b in zip(parameters[0::2], parameters[1::2], strict=True):
        layer = tg.FullyConnectedLayer(*W.shape, dtype=dtype)
        layer.weights, layer.bias = W, b
        network.add(layer)
        network.add(tg.ActivationLayer("sigmoid"))

    def run() -> list[Any]:
        network.fit(x, y, epochs=epochs, learning_rate=RATE, batch_size=batch, rng=1)
        return [p.data for p in network.parameters()]

    return run


# ----- Peers -----


def start_autograd(sizes: list[int], batch: int, dtype: str) -> Run:
    """Return the step with autograd."""
    import autograd
    import autograd.numpy as anp

    x, y, parameters = problem(sizes, batch, dtype)
    rate = RATE / batch

    def loss(parameters: list[Any]) -> Any:
        output = x
        for W, b in zip(parameters[0::2], parameters[1::2], strict=True):
            output = 1 / (1 + anp.exp(-(output @ W + b)))
        return anp.sum((output - y) ** 2) * 0.5

    gradient = autograd.grad(loss)

    def run() -> list[Any]:
        for p, slope in zip(parameters, gradient(parameters), strict=True):
            p -= rate * slope
        return parameters

    return run


def start_torch(sizes: list[int], batch: int, dtype: str, compiled: bool = False) -> Run:
    """Return the step with PyTorch, in one thread; its weights change in place."""
    import torch

    torch.set_num_threads(1)
    x, y, start = problem(sizes, batch, dtype)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    parameters = [torch.from_numpy(p).requires_grad_() for p in start]
    rate = RATE / batch

    def loss(*parameters: Any) -> Any:
        output = x
        for W, b in zip(parameters[0::2], parameters[1::2], strict=True):
            output = torch.sigmoid(output @ W + b)
        return torch.sum((output - y) ** 2) * 0.5

    loss = torch.compile(loss) if compiled else loss

    def run() -> list[Any]:
        loss(*parameters).backward()
        with torch.no_grad():
            for p in parameters:
                p -= rate * p.grad
                p.grad = None
        return [p.detach() for p in parameters]

    return run


def start_jax(sizes: list[int], batch: int, dtype: str) -> Run:
    """Return the step with JAX, as one compiled function in one thread that may reuse weights."""
    import os

    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    x, y, start = problem(sizes, batch, dtype)
    x, y = jnp.asarray(x), jnp.asarray(y)
    rate = RATE / batch

    def loss(parameters: list[Any], x: Any, y: Any) -> Any:
        output = x
        for W, b in zip(parameters[0::2], parameters[1::2], strict=True):
            output = jax.nn.sigmoid(output @ W + b)
        return jnp.sum((output - y) ** 2) * 0.5

    def step(parameters: list[Any], x: Any, y: Any) -> list[Any]:
        slopes = jax.grad(loss)(parameters, x, y)
        return [p - rate * slope for p, slope in zip(parameters, slopes, strict=True)]

    step = jax.jit(step, donate_argnums=0)
    now = [jnp.asarray(p) for p in start]

    def run() -> list[Any]:
        nonlocal now
        now = jax.block_until_ready(step(now, x, y))
        return now

    return run
