"""SciPy's optimizers with exact derivatives: minimize, least_squares and root."""

import sys
from typing import Any

import numpy as np

import tinygrad_mlp as tg

try:
    from scipy.optimize import least_squares, minimize, root
except ImportError:
    print("left out: SciPy is not installed")
    sys.exit()

# %% A valley that is hard to go down: gradient, and the product with the Hessian


def rosenbrock(x):
    """Return 0 where all are 1, and more elsewhere."""
    return tg.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


start = np.full(50, 1.5)
found = minimize(
    tg.compile(tg.value_and_grad(rosenbrock)), start, jac=True, method="L-BFGS-B",
    options={"maxiter": 1000},
)  # fmt: skip
print(f"L-BFGS-B: {found.nit} steps, off by {np.max(np.abs(found.x - 1.0)):.0e}")

found = minimize(
    rosenbrock, start, method="trust-ncg",
    jac=tg.compile(tg.grad(rosenbrock)),
    hessp=tg.compile(lambda x, v: tg.hvp(rosenbrock, x, v)),
)  # fmt: skip
print(f"trust-ncg: {found.nit} steps, off by {np.max(np.abs(found.x - 1.0)):.0e}")

# %% A curve through noisy points: the Jacobian of the residuals, all rows at once

rng = np.random.default_rng(0)
t = np.linspace(0.0, 4.0, 60)
y = 2.0 * np.exp(-0.7 * t) * np.cos(3.0 * t) + 0.02 * rng.normal(size=60)


def residuals(p):
    """Return how far the curve is from each point."""
    height, decay, frequency = p
    return height * tg.exp(-decay * t) * tg.cos(frequency * t) - y


slopes: Any = tg.jacobian(residuals)  # a type checker would want the text that SciPy takes too
found = least_squares(residuals, [1.0, 1.0, 2.5], jac=slopes)
print(f"least_squares: {found.nfev} steps, {np.round(found.x, 2)} for 2, 0.7 and 3")

# %% Equations: where a circle meets a hyperbola


def equations(x):
    """Return two numbers that shall be 0."""
    return tg.stack([tg.sum(x**2) - 5.0, x[0] * x[1] - 2.0])


found = root(equations, np.array([3.0, 0.5]), jac=tg.jacobian(equations))
print(f"root: {np.round(found.x, 9)}, off by {np.max(np.abs(found.fun)):.0e}")
