"""Exclusive or: four points that a single layer cannot tell apart, and two layers can."""

import tinygrad_mlp as tg

# %% The four points

x, y = tg.datasets.xor()

# %% A network of two layers learns them

network = tg.Network(
    [
        tg.FullyConnectedLayer(2, 4, rng=0),
        tg.ActivationLayer("tanh"),
        tg.FullyConnectedLayer(4, 1, rng=1),
    ],
    verbose=False,
)
history = network.fit(
    x, y, epochs=500, learning_rate=0.1, rng=0,
    loss="binary_cross_entropy", optimizer=tg.optimizers.Adam(),
)  # fmt: skip

# %% What it answers: logits, above 0 for yes

for point, logit, wanted in zip(x, network(x), y, strict=True):
    print(point, "->", int(logit[0] > 0), "wanted", int(wanted[0]))
print(f"loss {history[0]:.3f} to {history[-1]:.5f}")
