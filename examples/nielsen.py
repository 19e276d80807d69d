"""The first recipe of M. Nielsen, Neural Networks and Deep Learning (2015), chapter 1.

784-30-10 sigmoid units, weights and biases from a normal distribution, half the squared error,
plain descent in batches of 10 with rate 3.0, for 30 epochs.  On MNIST he reports 95.42 % of the
test at its best epoch (epoch 28).  Give a folder in MNIST's format, and perhaps a number of epochs;
without a folder the small digits of this package take their place.
"""

import sys

import numpy as np

import tinygrad_mlp as tg

# %% The data: he learns from the first 50,000 of MNIST's 60,000

words = sys.argv[1:] if "__file__" in globals() else []  # in a notebook they are not yours
folder = words[0] if words else None
epochs = int(words[1]) if words[1:] else 30
if folder:
    data = tg.datasets.load_idx(folder)
else:
    data = tg.datasets.train_test_split(*tg.datasets.load_digits(), rng=0)
    print("no folder was given, so these are the digits")
x, y = data.x_train[:50000], tg.datasets.one_hot(data.y_train[:50000], classes=10)

# %% The network, drawn as he draws it

rng = np.random.default_rng(0)


def layer(inputs, outputs):
    """Weights and biases of mean 0 and variance 1."""
    made = tg.FullyConnectedLayer(inputs, outputs, rng=rng)
    made.weights = rng.normal(size=(inputs, outputs))
    made.bias = rng.normal(size=(1, outputs))
    return made


network = tg.Network(
    [
        layer(x.shape[1], 30),
        tg.ActivationLayer("sigmoid"),
        layer(30, 10),
        tg.ActivationLayer("sigmoid"),
    ],
    verbose=False,
)

# %% Training: the loss and the descent are those of the notebook, so nothing needs to be named

shares = np.zeros(epochs)


def tested(progress):
    """Count the right answers on the test set, as his program does after each epoch."""
    right = network(data.x_test).argmax(axis=1) == data.y_test
    shares[progress.epoch] = right.mean()
    print(f"Epoch {progress.epoch}: {right.sum()} / {len(right)}")


network.fit(
    x, y, epochs=epochs, learning_rate=3.0, batch_size=10, full_pass=True, rng=0,
    callbacks=[tested],
)  # fmt: skip
print(f"best: {shares.max():.2%} after epoch {shares.argmax()}")
