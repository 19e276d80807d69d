"""Train one network in several processes that share every batch (extra mpi).

mpiexec -n 2 python examples/mpi.py
"""

# %%
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one core for each process

import tinygrad_mlp as tg

try:
    from mpi4py import MPI
except (ImportError, RuntimeError):  # without an MPI it is the second
    print("this needs mpi4py and an MPI: pip install 'tinygrad-mlp[mpi]' mpich")
    raise SystemExit from None

comm = MPI.COMM_WORLD

# %% All processes make the same data and the same network: the seeds say which.
x, labels = tg.datasets.load_digits()
data = tg.datasets.train_test_split(x, labels, rng=0)
network = tg.Network(
    [
        tg.FullyConnectedLayer(64, 128, rng=1, init="he_normal"),
        tg.ActivationLayer("relu"),
        tg.Dropout(0.2),
        tg.FullyConnectedLayer(128, 10, rng=2),
    ],
    verbose=False,
)

# %% Each computes its share of every batch; all get the same weights.
history = network.fit(
    data.x_train,
    data.y_train,
    epochs=15,
    batch_size=128,
    full_pass=True,
    rng=3,
    loss="softmax_cross_entropy",
    optimizer=tg.optimizers.Adam(),
    comm=comm,
)

# %% What comes after ``fit`` runs in all of them too, so one is asked.
if comm.rank == 0:
    share = network.score(data.x_test, data.y_test)
    print(f"{comm.size} processes, loss {history[-1]:.6f}, accuracy of the test part {share:.1%}")
