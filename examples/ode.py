"""A differential equation whose right side is a network, learned by the adjoint method.

The gradient is itself the solution of a differential equation, which runs backwards in time (Chen
et al., *Neural ordinary differential equations*, 2018).  So no step on the way has to be kept.
"""

import sys

import numpy as np

import tinygrad_mlp as tg

EPOCHS = int(sys.argv[1]) if len(sys.argv) > 1 else 200

# %% One step of Runge and Kutta, for a state that is a tuple of arrays


def step(field, state, h):
    """Return the state after a time h, if field(state) is how fast each part of it changes."""

    def moved(slopes, part):
        return tuple(x + part * h * slope for x, slope in zip(state, slopes, strict=True))

    a = field(state)
    b = field(moved(a, 0.5))
    c = field(moved(b, 0.5))
    d = field(moved(c, 1.0))
    mean = [(i + 2.0 * j + 2.0 * k + m) / 6.0 for i, j, k, m in zip(a, b, c, d, strict=True)]
    return moved(mean, 1.0)


def states_of(field, start):
    """Return the states at all times, the first of which is known."""
    states = [start]
    for _ in range(1, POINTS):
        state = (states[-1],)
        for _ in range(STEPS):
            state = step(lambda state: (field(*state),), state, H / STEPS)
        states.append(state[0])
    return tg.stack(states)


POINTS, H = 16, 0.1  # how many states are known, and the time from one to the next
STEPS = 2  # of Runge and Kutta between them

# %% The network, compiled, with what the adjoint needs: u times its derivatives


def network(p, z):
    """Return how fast a state z changes."""
    return tg.tanh(z**3 @ p["W"] + p["b"]) @ p["V"]


velocity = tg.compile(network)


@tg.compile
def velocity_and_pulled(p, z, u):
    """Return the velocity, and the gradients of u times it."""
    value, pull_back = tg.vjp(network, p, z)
    return value, *pull_back(u)


# %% The rule: go back in time, and collect what the gradient of each state adds


def rule(g, states, p, start):  # noqa: ARG001  a rule gets all arguments
    """Return the gradients by the parameters and by the first state."""
    u, gradients = g[-1], [np.zeros(x.shape) for x in p.values()]

    def backwards(state):
        z, u, *_ = state
        value, by_p, by_z = velocity_and_pulled(p, z, u)
        return value, -by_z, *(-x for x in by_p.values())

    for z, above in zip(states[:0:-1], g[-2::-1], strict=True):
        state = (z, u, *gradients)
        for _ in range(STEPS):
            state = step(backwards, state, -H / STEPS)
        _, u, *gradients = state
        u = u + above
    return dict(zip(p, gradients, strict=True)), u


@tg.custom_vjp(rule)
def solution(p, start):
    """Return the states that the network says."""
    return states_of(lambda z: velocity(p, z), start)


# %% What is to be learned: a spiral, from some of its points

start = np.array([2.0, 0.0])
spiral = np.array([[-0.1, 2.0], [-2.0, -0.1]])
points = states_of(lambda z: z**3 @ spiral, start)


def loss(p):
    """Return how far the states are from the points."""
    return tg.mean((solution(p, start) - points) ** 2)


# %% The gradient agrees with that of the steps themselves, which keeps all of them


def loss_by_steps(p):
    """Return the same, with a graph of every step."""
    return tg.mean((states_of(lambda z: network(p, z), start) - points) ** 2)


rng = np.random.default_rng(0)
p = {"W": rng.normal(size=(2, 32)) / 4, "b": np.zeros(32), "V": rng.normal(size=(32, 2)) / 4}
adjoint, exact = tg.grad(loss)(p), tg.grad(loss_by_steps)(p)
off = max(np.max(np.abs(adjoint[name] - exact[name])) for name in p)
print(f"the adjoint is off by {off / max(np.max(np.abs(x)) for x in exact.values()):.0e}")

# %% Training with Adam, written out

first = {name: np.zeros_like(x) for name, x in p.items()}
second = {name: np.zeros_like(x) for name, x in p.items()}
print(f"loss {loss(p):.4f}")
for number in range(1, EPOCHS + 1):
    for name, slope in tg.grad(loss)(p).items():
        first[name] = 0.9 * first[name] + 0.1 * slope
        second[name] = 0.999 * second[name] + 0.001 * slope**2
        mean, size = first[name] / (1 - 0.9**number), second[name] / (1 - 0.999**number)
        p[name] = p[name] - 0.02 * mean / (np.sqrt(size) + 1e-8)
print(f"loss after {EPOCHS} steps {loss(p):.4f}")
