"""Regression on a table from a CSV file: numbers and words in, a number out.

The table is made here, in the manner of the diabetes data of Efron et al. (2004): ten measurements
of 442 patients, some of which tell how far a disease will go in a year, and noise.
"""

import csv
from pathlib import Path

import numpy as np

import tinygrad_mlp as tg

# %% A table with names in its first line

rng = np.random.default_rng(0)
with Path("patients.csv").open("w", newline="", encoding="utf-8") as file:
    table = csv.writer(file)
    table.writerow(["age", "sex", "bmi", "pressure", *(f"serum{k}" for k in range(1, 7)), "course"])
    for _ in range(442):
        age, bmi, pressure = rng.normal(48, 13), rng.normal(26, 4), rng.normal(95, 14)
        sex, serum = rng.choice(["female", "male"]), rng.normal(size=6)
        course = 150 + 7 * (bmi - 26) + 1.2 * (pressure - 95) + 30 * np.tanh(2 * serum[4])
        course += (15 if sex == "male" else -15) + rng.normal(0, 45)
        numbers = [round(float(number), 3) for number in (bmi, pressure, *serum, course)]
        table.writerow([round(float(age)), sex, *numbers])

# %% Words become one-hot; a missing number or a line that is too short would be told here

data = tg.datasets.load_csv("patients.csv", target="course")
print(*data.feature_names)
split = tg.datasets.train_test_split(data.x, data.y, rng=0)

# %% Scaled by what the training part knows: mean 0, standard deviation 1

middle, spread = split.x_train.mean(axis=0), split.x_train.std(axis=0)
height, width = split.y_train.mean(), split.y_train.std()
x_train, x_test = ((x - middle) / spread for x in (split.x_train, split.x_test))
y_train, y_test = ((y - height) / width for y in (split.y_train, split.y_test))

# %% Training, with weights that decay and an early end

network = tg.Network(
    [
        tg.FullyConnectedLayer(x_train.shape[1], 16, rng=0),
        tg.ActivationLayer("tanh"),
        tg.FullyConnectedLayer(16, 1, rng=1),
    ],
    verbose=False,
)
history = network.fit(
    x_train, y_train, epochs=300, full_pass=True, batch_size=32, rng=0,
    loss="mse", optimizer=tg.optimizers.AdamW(weight_decay=0.1),
    validation_split=0.2, callbacks=[tg.EarlyStopping(patience=20)],
)  # fmt: skip

# %% How good it is: r2 is 1 for perfect answers, 0 for always giving the mean

print(f"{len(history)} epochs, r2 of the test part {network.score(x_test, y_test):.2f}")
off = np.abs(network(x_test) - y_test).mean() * width
print(f"off by {off:.0f} in the mean; the numbers themselves spread by {width:.0f}")
