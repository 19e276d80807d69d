"""Derivatives of solutions: of a fixed point, and of a root that SciPy finds.

What a solver does on its way has no derivative that anybody needs: the solution depends on the
parameters by the equation that it fulfils.  That is the implicit function theorem.
"""

import sys

import numpy as np

import tinygrad_mlp as tg

# %% A fixed point z = f(p, z), and its rule
#
# With dz = f_p dp + f_z dz, the gradient g by z becomes w f_p by p, where w = g + w f_z.


def rule_of_a_fixed_point(g, z, p, *, f):
    """Return the gradient by p, by the implicit function theorem."""
    inner = tg.jacobian(lambda z: f(p, z))(z)
    w = tg.linalg.solve((np.eye(z.size) - inner).T, g)
    return tg.vjp(lambda p: f(p, z), p)[1](w)


@tg.custom_vjp(rule_of_a_fixed_point)
def fixed_point(p, *, f):
    """Repeat z = f(p, z) until it changes no more."""
    z, before = np.zeros(len(p["b"])), np.inf
    while np.max(np.abs(z - before)) > 1e-15:
        z, before = f(p, z), z
    return z


# %% A layer that is one: z = tanh(W z + b), as in deep equilibrium models (Bai et al., 2019)


def layer(p, z):
    """Return the next z."""
    return tg.tanh(p["W"] @ z + p["b"])


def loss(p):
    """Return something to differentiate."""
    return tg.sum(fixed_point(p, f=layer) ** 2)


rng = np.random.default_rng(0)
p = {"W": 0.2 * rng.normal(size=(5, 5)), "b": rng.normal(size=5)}
slope = tg.grad(loss)(p)

step = 1e-6 * np.eye(5)[0]
moved = {**p, "b": p["b"] + step}, {**p, "b": p["b"] - step}
by_differences = (loss(moved[0]) - loss(moved[1])) / 2e-6
print(f"slope by b[0]: {slope['b'][0]:.8f}, by differences {by_differences:.8f}")

# %% It is a function like any other, so it has second derivatives too

direction = {"W": np.zeros((5, 5)), "b": np.eye(5)[0]}
curvature = tg.hvp(loss, p, direction)["b"][0]
by_differences = (tg.grad(loss)(moved[0])["b"][0] - tg.grad(loss)(moved[1])["b"][0]) / 2e-6
print(f"curvature by b[0]: {curvature:.6f}, by differences {by_differences:.6f}")

# %% Gradient descent through it: the layer learns to answer with 0.5 everywhere


def error(p):
    """Return how far the answers are from 0.5."""
    return tg.sum((fixed_point(p, f=layer) - 0.5) ** 2)


for _ in range(200):
    slopes = tg.grad(error)(p)
    p = {name: p[name] - 0.2 * slopes[name] for name in p}
print("learned:", np.round(fixed_point(p, f=layer), 3))

# %% A root F(a, x) = 0 that scipy.optimize finds

try:
    from scipy.optimize import root
except ImportError:
    print("the root is left out: SciPy is not installed")
    sys.exit()


def rule_of_a_root(g, x, a, *, equation):
    """Return the gradient by a: F_x dx + F_a da = 0."""
    w = tg.linalg.solve(tg.jacobian(lambda x: equation(a, x))(x).T, -g)
    return tg.vjp(lambda a: equation(a, x), a)[1](w)


@tg.custom_vjp(rule_of_a_root)
def root_of(a, *, equation):
    """Return x with equation(a, x) = 0, by Powell's hybrid method with the exact Jacobian."""
    slopes = tg.jacobian(lambda x: equation(a, x))
    return root(lambda x: equation(a, x), np.ones(2), jac=slopes, tol=1e-13).x


def circle_and_line(a, x):
    """A circle of radius a[0], and the line through the origin with the slope a[1]."""
    return tg.stack([tg.sum(x**2) - a[0] ** 2, x[1] - a[1] * x[0]])


a = np.array([5.0, 0.75])
print("root:", np.round(root_of(a, equation=circle_and_line), 12))
table = tg.jacobian(lambda a: root_of(a, equation=circle_and_line))(a)
print(f"its derivatives by radius and slope:\n{np.round(table, 12)}")
