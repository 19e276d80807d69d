"""Handwritten digits with a training loop of your own: graph, gradient, update."""

import numpy as np

import tinygrad_mlp as tg

# %% The data, and a network

rng = np.random.default_rng(0)
split = tg.datasets.train_test_split(*tg.datasets.load_digits(), rng=rng)
targets = tg.datasets.one_hot(split.y_train, classes=10)

network = tg.Network()
network.add(tg.FullyConnectedLayer(64, 32, rng=rng))
network.add(tg.ActivationLayer("tanh"))
network.add(tg.FullyConnectedLayer(32, 10, rng=rng))

# %% Forward, backward, and a step against the gradient

for epoch in range(600):
    batch = rng.integers(len(targets), size=64)
    logits = network(tg.Value(split.x_train[batch]))
    loss = tg.softmax_cross_entropy(targets[batch], logits)
    tg.zero_grad(network.parameters())
    loss.backward(retain_grads=False)
    for parameter in network.parameters():
        parameter.data -= 0.5 * parameter.grad
    if epoch % 100 == 0:
        print(f"epoch {epoch:4}  loss {loss:.4f}")

# %% What it knows

share = np.mean(network(split.x_test).argmax(axis=1) == split.y_test)
print(f"{share:.1%} of the test digits are right")
