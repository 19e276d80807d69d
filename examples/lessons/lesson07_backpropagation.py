"""Lesson 7. The four equations of backpropagation; written from docs/lessons/lesson07_backpropagation.md."""

# %% [markdown]
# # 7. The four equations of backpropagation
#
# **The idea: find δ of the last layer, carry it back layer by layer, and read every gradient off it.**
#
# ## The network
#
# A **layer** is several neurons side by side: x @ W + b, then a bend.  Each column of W holds the weights
# of one neuron.  Here are two layers, one behind the other.  The first has three neurons and is called
# *hidden*, because nobody outside sees its results.  The second has one neuron.  Four samples stand in
# the rows of x.  The biases begin at 0, and all other numbers are drawn at random by `rng`.  Only their
# shapes matter:

# %%
import numpy as np
import tinygrad_mlp as tg
rng = np.random.default_rng(0)
x, y = rng.normal(size=(4, 2)), rng.uniform(size=(4, 1))
W1 = tg.Value(rng.normal(size=(2, 3)), label="W1")
b1 = tg.Value(np.zeros((1, 3)), label="b1")
W2 = tg.Value(rng.normal(size=(3, 1)), label="W2")
b2 = tg.Value(np.zeros((1, 1)), label="b2")
z1 = tg.affine(x, W1, b1)
a1 = tg.sigmoid(z1)
z2 = tg.affine(a1, W2, b2)
a2 = tg.sigmoid(z2)
L = tg.half_squared_error(y, a2)
for name, value in {"z1": z1, "a1": a1, "z2": z2, "a2": a2, "L": L}.items():
    value.label = name
L.backward()
network = tg.Graph.of(L, parameters=[W1, b1, W2, b2])
what = ("label", "op", "shape")
tg.save_drawing(network, "lesson07.svg", show=what, direction="TB")

# %% [markdown]
# In parentheses stands the shape.  The dashed boxes are x, at the top, and y, at the bottom: plain tables
# without a label, which never change.
#
# We want ∂L/∂W and ∂L/∂b of every layer.  One table for each layer helps to find them all: **δ** (say
# "delta"), the gradient of L by the z of the layer.  So δ2 = ∂L/∂z2 and δ1 = ∂L/∂z1.
#
# Two signs: `@` is the product of matrices, and ⊙ multiplies element by element.
#
# ## Equation 1: where it begins
#
# The last steps are z2 → a2 → L.  Lesson 6 says ∂L/∂a2 = a2 − y, since L is the half sum.  The sigmoid
# works on each element by itself.  So each element has a path of its own, and slopes multiply (lesson 2):
#
# > **(1)** δ2 = (a2 − y) ⊙ σ′(z2)

# %%
def slope(z):
    return tg.sigmoid(z) * (1 - tg.sigmoid(z))


delta2 = (a2.data - y) * slope(z2.data)
print(np.allclose(delta2, z2.grad))

# %% [markdown]
# ## Equation 2: one layer back
#
# The steps before are z1 → a1 → z2.  Go back along them.  At z2 δ2 has arrived.  The step a1 → z2 is
# a1 @ W2 + b2.  By lesson 4, its first factor a1 gets upstream @ W2ᵀ, and the upstream is δ2.  The step
# z1 → a1 is element by element again:
#
# > **(2)** δ1 = (δ2 @ W2ᵀ) ⊙ σ′(z1)

# %%
delta1 = (delta2 @ W2.data.T) * slope(z1.data)
print(np.allclose(delta1, z1.grad))

# %% [markdown]
# ## Equation 3: the bias
#
# In z = x @ W + b, the b is one row that is used again for each sample.  What was repeated on the way
# forward is summed on the way back (lesson 4):
#
# > **(3)** ∂L/∂b = the sum of δ over the samples
#
# In NumPy, `sum(axis=0)` adds up the rows, which are the samples, and `keepdims=True` leaves one row:

# %%
print(np.allclose(delta2.sum(axis=0, keepdims=True), b2.grad))
print(np.allclose(delta1.sum(axis=0, keepdims=True), b1.grad))

# %% [markdown]
# ## Equation 4: the weights
#
# Lesson 4 again, now the rule for the second factor, W: the first factor, turned, @ upstream.  The first
# factor is the input of the layer, and the upstream is δ:
#
# > **(4)** ∂L/∂W = (input of the layer)ᵀ @ δ

# %%
print(np.allclose(a1.data.T @ delta2, W2.grad))
print(np.allclose(x.T @ delta1, W1.grad))

# %% [markdown]
# The page below shows all of it, step by step.  Stop at the gradients of z2 and z1: they are the two deltas.

# %%
tg.steps(L).save("lesson07_steps.html")

# %% [markdown]
# ## Why this is right for any network
#
# Take a network with as many layers as you like.  Equation 1 gives the δ of the last layer.  If the δ of a
# layer is right, equation 2 gives the right δ of the layer before it: it is the chain rule, and the only way
# from a layer to the loss leads through the next layer.  So every δ is right, from the last layer to the
# first.  Equations 3 and 4 need only the δ of their own layer.  That is the proof.
#
# As a program it is two loops.  The first goes forward and keeps the `inputs` and the `sums` z of all
# layers.  The second goes back.  Equations 1 and 2 differ only in what `arrives` at the a of a layer: a − y
# at the last one, δ @ Wᵀ of the next layer at the others.  (`zip` takes one thing from each list in turn.
# `[::-1]` turns a list round.  `inputs[-2::-1]` does that too, without the last one, which is the output.)

# %%
def gradients(x, y, weights, biases):
    inputs, sums = [x], []
    for W, b in zip(weights, biases):
        sums.append(inputs[-1] @ W + b)
        inputs.append(tg.sigmoid(sums[-1]))
    arrives, found = inputs[-1] - y, []
    for W, z, a in zip(weights[::-1], sums[::-1], inputs[-2::-1]):
        delta = arrives * slope(z)
        found.append((a.T @ delta, delta.sum(axis=0, keepdims=True)))
        arrives = delta @ W.T
    return found[::-1]

# %% [markdown]
# Compare it with the graph, for five layers.  Their sizes are 2, 4, 3, 5, 3 and 1, so the first W has the
# shape (2, 4), the next (4, 3), and so on:

# %%
sizes = [2, 4, 3, 5, 3, 1]
weights = [tg.Value(rng.normal(size=pair)) for pair in zip(sizes, sizes[1:])]
biases = [tg.Value(rng.normal(size=(1, size))) for size in sizes[1:]]
a = x
for W, b in zip(weights, biases):
    a = tg.sigmoid(tg.affine(a, W, b))
tg.half_squared_error(y, a).backward()
by_hand = gradients(x, y, [W.data for W in weights], [b.data for b in biases])
for W, b, (by_weights, by_bias) in zip(weights, biases, by_hand):
    print(np.allclose(by_weights, W.grad), np.allclose(by_bias, b.grad))

# %% [markdown]
# ## The package writes them too
#
# The package derives the equations from the graph.  It can print them for LaTeX, a program that sets
# formulas.  `wrt` is short for "with respect to": it names what you want the gradients by.  Here are the
# equations for one sample, where equation 3 has nothing to sum:

# %%
def one_sample(x, W1, b1, W2, b2, y):
    z1 = tg.affine(x, W1, b1)
    a1 = tg.sigmoid(z1)
    z2 = tg.affine(a1, W2, b2)
    a2 = tg.sigmoid(z2)
    return tg.half_squared_error(y, a2)


numbers = x[:1], W1.data, b1.data, W2.data, b2.data, y[:1]
print(tg.source(one_sample, *numbers, wrt=("W1", "b1", "W2", "b2"), target="latex"))

# %% [markdown]
# The last six equations are 1 and 2, then 3 for each layer, then 4 for each layer.  `\odot` is ⊙,
# `\mathsf{T}` is ᵀ, and `\frac{a}{b}` is a fraction.
#
# ## Exercises
#
# To keep the numbers short, the layers on these sheets have no bend.  So a is z, and there is no factor
# σ′(z).  The sheets also ask for the gradients of x and y: x gets δ @ Wᵀ, as in equation 2, and y is
# subtracted (lesson 6).

# %%
row, target = tg.Value([[1.0, 1.0]], label="x"), tg.Value([[1.0]], label="y")
U1 = tg.Value(np.ones((2, 2)), label="W1")
c1 = tg.Value(np.ones((1, 2)), label="b1")
U2, c2 = tg.Value(np.ones((2, 1)), label="W2"), tg.Value([[1.0]], label="b2")
hidden = tg.affine(row, U1, c1)
hidden.label = "z1"
final, alone = tg.affine(hidden, U2, c2), tg.affine(row, U2, c2)
final.label = alone.label = "z2"
one, two = tg.half_squared_error(target, alone), tg.half_squared_error(target, final)
sheets = [
    tg.exercise(one, ask="gradient", seed=1, title="Sheet 1"),
    tg.exercise(two, ask="gradient", seed=3, title="Sheet 2"),
    tg.exercise(two, ask=["forward", "gradient"], seed=2, title="Sheet 3"),
]
for number, sheet in enumerate(sheets, 1):
    sheet.save(f"lesson07_sheet{number}.html")
sheets[0].save("lesson07_sheet.svg")

# %% [markdown]
# This is sheet 1: the last layer alone, so x stands where a1 stood.  Sheets 2 and 3 have two layers.  On sheet 3
# the values are missing too: go forward first.

# %%
for sheet in sheets:
    print(sheet.key)
