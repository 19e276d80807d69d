"""A scalar expression, its gradient, and its graph as text."""

import tinygrad_mlp as tg

# %% Three numbers, and what is computed from them

x = tg.Value(2.0, label="x")
w = tg.Value(-3.0, label="w")
b = tg.Value(6.88, label="b")

z = x * w + b
y = z.tanh()
y.backward()

# %% Every value, and its gradient

for value in tg.history(y):
    print(
        f"{value.label or value.op.name:>9}  value {value.item():8.4f}  gradient {value.grad:8.4f}"
    )
