"""Lesson 11. From a formula to a program; written from docs/lessons/lesson11_compiled.md."""

# %% [markdown]
# # 11. From a formula to a program
#
# **The idea: a graph is a list of steps, and such a list can be printed, shortened and run without the
# graph.**
#
# ## Two views of one network
#
# The network of lesson 7, on one sample, can be seen number by number or table by table:

# %%
import numpy as np
import tinygrad_mlp as tg
rng = np.random.default_rng(0)
x, y = rng.normal(size=(1, 2)), rng.uniform(size=(1, 1))
W1, b1 = rng.normal(size=(2, 3)), np.zeros((1, 3))
W2, b2 = rng.normal(size=(3, 1)), np.zeros((1, 1))


def loss(W1, b1, W2, b2, x, y):
    a1 = tg.sigmoid(tg.affine(x, W1, b1))
    a2 = tg.sigmoid(tg.affine(a1, W2, b2))
    return tg.half_squared_error(y, a2)


L = loss(*(tg.Value(table) for table in (W1, b1, W2, b2)), x, y)
print(len(tg.history(L)), "values, table by table")
print(len(tg.history(tg.expand(L))), "values, number by number")

# %% [markdown]
# `tg.history` lists every value that L was made of, and L.  The nine are four tables of weights and biases, z
# and a of both layers, and L.
#
# Python needs about a microsecond for each value: to call the operation, to make the object, to
# remember the arguments.  That is much more than a multiplication takes.  So the first way to be fast is:
# **tables instead of numbers**.
#
# The second way is to do without these objects as well.
#
# ## Record once
#
# Training does the same steps again and again; only the numbers change.  So run the function *once*, with
# Values, and look at the graph: it is the list of steps.  This is called **tracing**.  The steps of the
# backward pass can be recorded as a graph too (lesson 8, part 3), so the list holds both passes.
#
# `tg.value_and_grad(loss, argnums=...)` is a function that returns the loss and its gradients by the
# arguments with these numbers, here W1, b1, W2 and b2.  `tg.source` traces it and prints the list as Python:

# %%
which = (0, 1, 2, 3)
source = tg.source(tg.value_and_grad(loss, argnums=which), W1, b1, W2, b2, x, y)
print(source[source.index("def loss_and_gradients") :])

# %% [markdown]
# No graph, no objects, no loop over a table of rules: just the lines that you would have written
# by hand after lesson 7.  `dz1` is short for ∂L/∂z1, the δ1 of lesson 7, and so on.  You find the four
# equations in them.  (There is one sample, so equation 3 has nothing to sum, and the gradient of b1 is dz1
# itself.)
#
# Here is such a list as a picture, for a single layer.  As in lesson 8, the backward pass stands in the grey
# frame.  Start at ∂L/∂L and go left, along the black arrows:

# %%
tables = {"x": x, "W": rng.normal(size=(2, 1)), "b": b2, "y": y}
values = [tg.Value(table, label=name) for name, table in tables.items()]
L = tg.half_squared_error(values[3], tg.sigmoid(tg.affine(*values[:3])))
L.label = "L"
slopes = tg.grad(L, values[1:3], create_graph=True)
tg.save_drawing([L, *slopes], "lesson11.svg", show=("label", "op"))

# %% [markdown]
# ∂L/∂z has a thick frame, like ∂L/∂W, because it is asked for: it is ∂L/∂b as well.  And here is the same
# layer, step by step:

# %%
tg.steps(L).save("lesson11_steps.html")

# %% [markdown]
# ## Shorten
#
# Before the list is run, what is not needed goes.  Something computed twice is computed once.
# Something that nobody reads is left out.  Here two squares are the same, and a logarithm is not
# used:

# %%
def wasteful(x):
    unused = tg.log(x)
    return tg.square(x) + tg.square(x)


print(tg.source(wasteful, np.array([1.0, 2.0])))

# %% [markdown]
# ## Run
#
# To record, to shorten and to run such a list is called **compiling**, and `tg.compile` does it.  It
# also gives every table a fixed place in memory, so that no run has to ask for new memory:

# %%
step = tg.compile(tg.value_and_grad(loss, argnums=which))
value, gradients = step(W1, b1, W2, b2, x, y)
wanted, slopes = tg.value_and_grad(loss, argnums=which)(W1, b1, W2, b2, x, y)
print(value == wanted, all((a == b).all() for a, b in zip(gradients, slopes)))

# %% [markdown]
# The numbers are the same to the last bit.  How much faster it is, and when, is measured on
# the page about performance.
#
# ## What it costs
#
# A list of steps has no `if`.  While the function is recorded, Python takes one branch, and the list
# knows only that one.  A good compiler refuses, instead of giving wrong numbers later:

# %%
import textwrap


def bent(x):
    if x > 0:
        return x
    return 0.1 * x


try:
    tg.compile(bent)(1.0)
except tg.TraceError as error:
    print(textwrap.fill(str(error), 80))

# %% [markdown]
# `tg.where(condition, x, y)` computes both and chooses element by element, so it is a step like any
# other:

# %%
print(tg.compile(lambda x: tg.where(x > 0, x, 0.1 * x))(np.array([-1.0, 2.0])))

# %% [markdown]
# The large frameworks make the same two offers.  PyTorch records the graph while your program runs,
# as a `Value` does, so you can use `if` and look at every number.  JAX's `jit` and `torch.compile`
# record a list of steps and run that.
#
# ## Questions
#
# 1. How many values has the first network, number by number, if it has 10 hidden neurons instead of 3?
#    Guess, then count.
# 2. Which lines of the printed program are equation 2 of lesson 7?
# 3. Write |x|, the number without its sign, with `tg.where`.  Compile it, and look at its gradient at 0.
#
# 1. Each hidden neuron has 11: three weights and a bias, five results of its own (two products, two sums,
#    the sigmoid), and one product and one sum on the way to the output.  Then there are 5 more: b2, a2, and
#    three for the loss.  3 · 11 + 5 = 38, and 10 · 11 + 5 = 115.
# 2. Those of da1 and dz1.
# 3. −1.  At 0 the condition x > 0 is false, so −x is taken.  At a kink it is a choice (lesson 9).

# %%
W1, b1 = rng.normal(size=(2, 10)), np.zeros((1, 10))
W2, b2 = rng.normal(size=(10, 1)), np.zeros((1, 1))
L = loss(*(tg.Value(table) for table in (W1, b1, W2, b2)), x, y)
print(len(tg.history(tg.expand(L))))
print(tg.compile(tg.grad(lambda x: tg.where(x > 0, x, -x)))(0.0))

# %% [markdown]
# ## Exercises
#
# The sheets are such lists, for one layer without a bend: first table by table, then number by number.  In
# the third exercise you write the list of the backward pass yourself, for a layer with its bend.

# %%
row, target = tg.Value([[1.0, 1.0]], label="x"), tg.Value([[1.0]], label="y")
V, c = tg.Value([[1.0], [1.0]], label="W"), tg.Value([[1.0]], label="b")
z = tg.affine(row, V, c)
z.label = "z"
tables = tg.half_squared_error(target, z)
numbers = tg.expand(tables)
sheets = [
    tg.exercise(tables, ask="gradient", seed=4, title="Sheet 1"),
    tg.exercise(numbers, ask=["forward", "gradient"], seed=2, title="Sheet 2"),
]
for number, sheet in enumerate(sheets, 1):
    sheet.save(f"lesson11_sheet{number}.html")
sheets[1].save("lesson11_sheet.svg")


def layer(x, W, b):
    return tg.sigmoid(x @ W + b)


task = tg.exercise_code(layer, np.ones((4, 2)), np.ones((2, 3)), np.zeros((1, 3)))
task.save("lesson11_task.py")

# %% [markdown]
# This is sheet 2.

# %%
for sheet in sheets:
    print(sheet.key)


def backward(upstream, x, W, b):
    delta = upstream * tg.sigmoid_prime(x @ W + b)
    return delta @ W.T, x.T @ delta, delta.sum(axis=0, keepdims=True)


print(task.grade(backward))
