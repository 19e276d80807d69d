"""Lesson 5. The neuron; written from docs/lessons/lesson05_neuron.md."""

# %% [markdown]
# # 5. The neuron
#
# **The idea: a neuron is a weighted sum and a bend, and its gradient tells how to improve it.**
#
# ## What it computes
#
# A neuron takes some inputs.  It multiplies each by a number of its own, its **weight**, and adds
# one more number, the **bias**:
#
# > z = x1 · w1 + x2 · w2 + b
#
# A function like this, which multiplies every input by a number and adds them up with one more
# number, is called **affine**.  It is straight everywhere.  So the neuron then bends the result, with
# an **activation** function.  A classic one is the *sigmoid*
#
# > σ(z) = 1 / (1 + e⁻ᶻ)
#
# It turns any number into one between 0 and 1, so you can read it as "how much yes".

# %%
import numpy as np
import tinygrad_mlp as tg
for z in [-4.0, -1.0, 0.0, 1.0, 4.0]:
    print(f"σ({z:4}) = {tg.sigmoid(z):.3f}")

# %% [markdown]
# Neurons are put one behind the other: what some of them compute are the inputs of the next.  That is
# a **neural network**.  The bend is needed for that.  An affine function of affine functions is affine
# again, so without bends a thousand neurons could do no more than one.
#
# ## The slope of the sigmoid
#
# School rules give σ′(z) = e⁻ᶻ / (1 + e⁻ᶻ)².  This is a product of two fractions: 1 / (1 + e⁻ᶻ), which
# is σ(z), and e⁻ᶻ / (1 + e⁻ᶻ), which is 1 − σ(z).  So
#
# > σ′(z) = σ(z) · (1 − σ(z))
#
# The forward pass has computed σ(z) already, so the backward pass needs no new e⁻ᶻ.  The slope is
# largest at z = 0, and there it is only 1/4.  Far from 0 the curve is flat:

# %%
for z in [0.0, 2.0, 4.0, 8.0]:
    a = tg.sigmoid(z)
    print(f"z = {z}: slope {a * (1 - a):.5f}")

# %% [markdown]
# ## One neuron, forward and backward
#
# Say the inputs are 1 and 2, and the answer should be y = 1, but the neuron answers a.  One number says
# how wrong that is, here L = (a − y)².  Such a number is called a **loss**.

# %%
x1, x2 = tg.Value(1.0, label="x1"), tg.Value(2.0, label="x2")
w1, w2, b = tg.Value(0.5, label="w1"), tg.Value(-1.0, label="w2"), tg.Value(0.5, label="b")
p1, p2 = x1 * w1, x2 * w2
s = p1 + p2
z = s + b
a = tg.sigmoid(z)
d = a - 1.0
L = tg.square(d)
for name, value in {"p1": p1, "p2": p2, "s": s, "z": z, "a": a, "d": d, "L": L}.items():
    value.label = name
L.backward()
neuron = tg.Graph.of(L, parameters=[w1, w2, b])
tg.save_drawing(neuron, "lesson05.svg", direction="TB")

# %% [markdown]
# The drawing goes from top to bottom (`"TB"`).  Green boxes are the `parameters`: what the neuron may
# change.  You can follow every number, as in lesson 2.  Only σ is new; its local derivative is
# a · (1 − a) = 0.196612:

# %%
print(tg.why(L, w2).chain())

# %% [markdown]
# ## It learns
#
# The gradient of w2 is negative.  So if w2 grows, L falls, and that is what we want.  In general, go
# *against* the gradient by a small step.  The size of the step is the **learning rate**:
#
# > w ← w − learning rate · ∂L/∂w
#
# Read ← as "becomes".  Try it by hand first.  The next page has a slider for every number.  Move the
# weights and the bias against their gradients, and watch the loss:

# %%
def loss(x1, x2, w1, w2, b):
    z = x1 * w1 + x2 * w2 + b
    a = tg.sigmoid(z)
    return tg.square(a - 1.0)


start = {"x1": 1.0, "x2": 2.0, "w1": 0.5, "w2": -1.0, "b": 0.5}
tg.save_page(loss, "lesson05_live.html", inputs=start)

# %% [markdown]
# Doing this again and again is called *gradient descent*.  Here a neuron learns the word "or": the answer
# is 1 if the first input is 1, or the second, or both.  It learns from four examples, called *samples*,
# one in each row of x; the wanted answers are the rows of y.  By lesson 4 one product of matrices computes
# all four at once: `tg.affine(x, W, b)` is x @ W + b.  The learning rate is 1.

# %%
x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
y = np.array([[0.0], [1.0], [1.0], [1.0]])
W, b = tg.Value([[0.0], [0.0]], label="W"), tg.Value([[0.0]], label="b")
for step in range(501):
    a = tg.sigmoid(tg.affine(x, W, b))
    L = tg.sum(tg.square(a - y))
    tg.zero_grad(W, b)
    L.backward()
    W.data -= 1.0 * W.grad
    b.data -= 1.0 * b.grad
    if step % 100 == 0:
        print(f"step {step}: loss {L.item():.4f}")
print(a.data.round(2).T)

# %% [markdown]
# The last line shows the four answers after learning.  The first should be 0, the others 1.  `zero_grad`
# stands there because gradients of leaves add up, as lesson 3 said.
#
# ## Exercises

# %%
u, v, c = tg.Value(1.0, label="x"), tg.Value(1.0, label="w"), tg.Value(1.0, label="b")
y = tg.Value(1.0, label="y")
p, q = tg.Value(1.0, label="x2"), tg.Value(1.0, label="w2")
sheets = [
    tg.exercise(tg.square(u * v + c - y), seed=1),
    tg.exercise(tg.square(u * v + p * q + c - y), ask="gradient", seed=2),
    tg.exercise(tg.sigmoid(u * v + c), numbers="halves", seed=3),
]
for number, sheet in enumerate(sheets, 1):
    sheet.save(f"lesson05_sheet{number}.html")
sheets[2].save("lesson05_sheet.svg")

# %% [markdown]
# This is sheet 3.  For σ take the rule of this lesson, σ(z) · (1 − σ(z)).  Sheets 1 and 2 have neurons
# without a bend, to keep the numbers short, and a loss behind each.

# %%
for sheet in sheets:
    print(sheet.key)
