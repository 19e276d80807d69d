"""Fashion-MNIST: ten kinds of clothes, 60,000 pictures to learn from, about 88 % of the test right.

Give the folder with its four files, such as /usr/share/datasets/fashion-mnist, where Debian's
package dataset-fashion-mnist puts them, and perhaps a number of epochs.  Without a folder the small
digits of this package take their place.
"""

import sys

import numpy as np

import tinygrad_mlp as tg

# %% The pictures: pixels from 0 to 1

words = sys.argv[1:] if "__file__" in globals() else []  # in a notebook they are not yours
folder = words[0] if words else None
epochs = int(words[1]) if words[1:] else 8
if folder:
    data = tg.datasets.load_idx(folder)
else:
    data = tg.datasets.train_test_split(*tg.datasets.load_digits(), rng=0)
    print("no folder was given, so these are the digits")
inputs, classes = data.x_train.shape[1], int(data.y_train.max()) + 1

# %% The network, in float32, which takes half the memory

rng = np.random.default_rng(0)


def layer(fan_in, fan_out):
    """Return a layer with weights that suit a relu."""
    return tg.FullyConnectedLayer(fan_in, fan_out, rng=rng, init="he_uniform", dtype=np.float32)


network = tg.Network(
    [layer(inputs, 128), tg.ActivationLayer("relu"), layer(128, classes)], verbose=False
)

# %% Training


def told(progress):
    """Print a line after each epoch; whatever a callback answers but True, training goes on."""
    share = network.score(data.x_test, data.y_test)
    print(f"epoch {progress.epoch + 1}: loss {progress.loss:.4f}, {share:.2%} of the test right")


network.fit(
    data.x_train, data.y_train, epochs=epochs, full_pass=True, rng=rng, callbacks=[told],
    loss="softmax_cross_entropy", optimizer=tg.optimizers.Adam(),
    learning_rate=tg.schedules.CosineDecay(2e-3, steps=epochs * len(data.x_train) // 64),
)  # fmt: skip

# %% Which it mistakes for which

answers = network(data.x_test).argmax(axis=1)
table = np.zeros((classes, classes), int)
np.add.at(table, (data.y_test, answers), 1)
print("rows: what it is; columns: what it is called")
print(table)
