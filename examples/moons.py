"""Two half moons, and the boundary between them that a network finds, as text and as a picture."""

import numpy as np

import tinygrad_mlp as tg

# %% The points, some of them kept back

split = tg.datasets.train_test_split(*tg.datasets.moons(400, noise=0.15, rng=0), rng=0)

# %% Training

network = tg.Network(
    [
        tg.FullyConnectedLayer(2, 16, rng=0),
        tg.ActivationLayer("tanh"),
        tg.FullyConnectedLayer(16, 2, rng=1),
    ],
    verbose=False,
)
network.fit(
    split.x_train, split.y_train, epochs=60, full_pass=True, batch_size=32, learning_rate=0.02,
    rng=0, loss="softmax_cross_entropy", optimizer=tg.optimizers.Adam(),
)  # fmt: skip
print(f"{network.score(split.x_test, split.y_test):.1%} of the test points are right")

# %% The answer everywhere in the plane

across, up = np.linspace(-1.5, 2.5, 64), np.linspace(1.5, -1.0, 22)
plane = np.stack(np.meshgrid(across, up), axis=-1)
answers = network(plane.reshape(-1, 2)).argmax(axis=1).reshape(len(up), len(across))
picture = np.where(answers == 1, "#", ".")
for point, label in zip(split.x_test, split.y_test, strict=True):
    row, column = np.abs(up - point[1]).argmin(), np.abs(across - point[0]).argmin()
    picture[row, column] = "o" if label == 0 else "x"
print(*("".join(row) for row in picture), sep="\n")

# %% The boundary itself: where both logits are equal

heights = np.linspace(-1.0, 1.5, 200)
for x in np.linspace(-1.0, 2.0, 7):
    logits = network(np.column_stack([np.full_like(heights, x), heights]))
    turns = np.flatnonzero(np.diff(logits.argmax(axis=1)))
    print(f"x = {x:4.1f}: the answer changes at y =", *(f"{y:.2f}" for y in heights[turns]))
