"""A training that may be killed at any time: run this again, and it goes on where it was."""

# %% The data, and the file that holds everything else

from pathlib import Path

import tinygrad_mlp as tg

EPOCHS, FILE = 20, Path("digits.npz")
data = tg.datasets.train_test_split(*tg.datasets.load_digits(), rng=0)


def save(progress: tg.Progress) -> None:
    """Write the file anew; the old one stays until the new one is whole."""
    progress.network.save(FILE)
    print(f"epoch {progress.epoch:2}  {progress.measures['validation_accuracy']:.1%}")


# %% Going on, or beginning

if FILE.exists():
    network = tg.Network.load(FILE)
    print(f"{len(network.history)} epochs were made before")
    network.fit(data.x_train, data.y_train, epochs=EPOCHS - len(network.history), callbacks=[save])
else:
    network = tg.Network(verbose=False)
    network.add(tg.FullyConnectedLayer(64, 32, rng=1))
    network.add(tg.ActivationLayer("tanh"))
    network.add(tg.FullyConnectedLayer(32, 10, rng=2))
    network.fit(
        data.x_train,
        data.y_train,
        epochs=EPOCHS,
        full_pass=True,
        rng=3,
        loss="softmax_cross_entropy",
        optimizer=tg.optimizers.Adam(),
        learning_rate=tg.schedules.CosineDecay(0.01, steps=500),
        validation_split=0.1,
        metrics=["accuracy"],
        callbacks=[tg.EarlyStopping(patience=5), save],
    )

# %% What came out, which is the same however often it was killed

print(f"{network.score(data.x_test, data.y_test):.1%} of the test digits are right")
