"""The backpropagation of a network, written out as NumPy, and the same steps run at full speed."""

import numpy as np

import tinygrad_mlp as tg

# %% The loss, and a step of training


def loss(W1, b1, W2, b2, x, y):
    """Half the squared error of a network with one hidden layer."""
    z1 = tg.affine(x, W1, b1)
    a1 = tg.tanh(z1)
    z2 = tg.affine(a1, W2, b2)
    a2 = tg.sigmoid(z2)
    return tg.half_squared_error(y, a2)


def step(W1, b1, W2, b2, x, y):
    """The parameters after a step of gradient descent."""
    slopes = tg.grad(loss, argnums=(0, 1, 2, 3))(W1, b1, W2, b2, x, y)
    return [p - 0.5 * slope for p, slope in zip((W1, b1, W2, b2), slopes, strict=True)]


# %% The backward pass as a text

x, y = tg.datasets.xor()
rng = np.random.default_rng(0)
W1, b1 = rng.normal(size=(2, 3)), rng.normal(size=(1, 3))
W2, b2 = rng.normal(size=(3, 1)), rng.normal(size=(1, 1))
parameters = (W1, b1, W2, b2)

print(tg.source(loss, *parameters, x, y, wrt=(0, 1, 2, 3)))

# %% The same steps, compiled

# The parameters are donated: the program writes the next ones into their memory.
descend = tg.compile(step, donate_argnums=(0, 1, 2, 3))
for _ in range(2000):
    descend(*parameters, x, y)
print("loss after 2,000 steps:", loss(*parameters, x, y))
print(descend.report())
