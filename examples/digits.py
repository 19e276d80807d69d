"""Handwritten digits: a classifier with dropout and early stopping, right for about 98 %."""

import numpy as np

import tinygrad_mlp as tg

# %% 1,797 digits of 8 x 8 pixels, a fifth kept back for the test

split = tg.datasets.train_test_split(*tg.datasets.load_digits(), rng=0)

# %% The network: logits at the end, one for each digit

rng = np.random.default_rng(0)
network = tg.Network(
    [
        tg.FullyConnectedLayer(64, 128, rng=rng, init="he_uniform"),
        tg.ActivationLayer("relu"),
        tg.Dropout(0.3),
        tg.FullyConnectedLayer(128, 10, rng=rng, init="he_uniform"),
    ],
    verbose=False,
)

# %% Training

history = network.fit(
    split.x_train, split.y_train, epochs=60, full_pass=True, batch_size=32, rng=rng,
    loss="softmax_cross_entropy", optimizer=tg.optimizers.AdamW(weight_decay=0.01),
    learning_rate=tg.schedules.CosineDecay(3e-3, steps=60 * 41),
    validation_split=0.1, metrics=["accuracy"],
    callbacks=[tg.EarlyStopping(patience=15)],
)  # fmt: skip
history.plot().save("digits.svg")

# %% What it knows

told = network.evaluate(split.x_test, split.y_test, metrics=["accuracy", "top_2"])
print(f"{len(history)} epochs; of the test digits {told['accuracy']:.1%} are right,", end=" ")
print(f"and {told['top_2']:.1%} are among the first two answers")
wrong = np.flatnonzero(network(split.x_test).argmax(axis=1) != split.y_test)
for row in split.x_test[wrong[0]].reshape(8, 8):
    print(*("#" if ink > 0.4 else "." for ink in row))
