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
# A sum like this is called **affine**: each input times a number, and one more number.  It is straight
# everywhere.  So the neuron then bends the result, with an **activation** function.  A classic one is the
# *sigmoid*, written σ (say "sigma"):
#
# > σ(z) = 1 / (1 + e⁻ᶻ)
#
# It turns any number into one between 0 and 1.  So you can read it as "how much yes".

# %%
import numpy as np
import tinygrad_mlp as tg
for z in [-4.0, -1.0, 0.0, 1.0, 4.0]:
    print(f"σ({z:4}) = {tg.sigmoid(z):.3f}")

# %% [markdown]
# Neurons are put one behind the other: what some of them compute is the input of the next.  That is a
# **neural network**.  It needs the bends.  An affine function of affine functions is affine again, so
# without bends a thousand neurons, one behind the other, could do no more than one.
#
# ## The slope of the sigmoid
#
# School rules give σ′(z) = e⁻ᶻ / (1 + e⁻ᶻ)².  This is a product of two fractions.  The first is
# 1 / (1 + e⁻ᶻ), which is σ(z).  The second is e⁻ᶻ / (1 + e⁻ᶻ).  Both together give 1, so the second is
# 1 − σ(z).  So
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
# Say the inputs are 1 and 2, and the answer should be y = 1.  The neuron answers a.  One number says how
# wrong that is, here L = (a − y)².  Such a number is called a **loss**.  (`tg.square(d)` is d².)

# %%
x1, x2 = tg.Value(1.0, label="x1"), tg.Value(2.0, label="x2")
w1, w2 = tg.Value(0.5, label="w1"), tg.Value(-1.0, label="w2")
b = tg.Value(0.5, label="b")
p1, p2 = x1 * w1, x2 * w2
s = p1 + p2
z = s + b
a = tg.sigmoid(z)
d = a - 1.0
L = tg.square(d)
names = {"p1": p1, "p2": p2, "s": s, "z": z, "a": a, "d": d, "L": L}
for name, value in names.items():
    value.label = name
L.backward()
neuron = tg.Graph.of(L, parameters=[w1, w2, b])
tg.save_drawing(neuron, "lesson05.svg", direction="TB")

# %% [markdown]
# Green boxes are the `parameters`: what the neuron may change.  You can follow every number, as in
# lesson 2.  Only two steps are new.  The local derivative of σ is a · (1 − a) = 0.196612.  A number that is
# subtracted, such as the 1, turns the sign: if it grows, the difference falls, so the local derivative by
# it is −1.  Here is the path of the bias:

# %%
print(tg.why(L, b).chain())

# %% [markdown]
# The path of w2 is longer by one plus, which multiplies by 1, and by a product, which multiplies by
# x2 = 2.  So ∂L/∂w2 = −0.28747 · 2 = −0.57494.  The drawing has one digit more.
#
# ## It learns
#
# The gradient of w2 is negative.  So if w2 grows, L falls, and that is what we want.  In general, go
# *against* the gradient by a small step.  The size of the step is the **learning rate**:
#
# > w ← w − learning rate · ∂L/∂w
#
# Read ← as "becomes".  Try it by hand first.  The page below has a slider for every number.  Below each
# value in its drawing stands the gradient.  Move the weights and the bias against their gradients, and
# watch the loss:

# %%
def loss(x1, x2, w1, w2, b):
    z = x1 * w1 + x2 * w2 + b
    a = tg.sigmoid(z)
    return tg.square(a - 1.0)


start = {"x1": 1.0, "x2": 2.0, "w1": 0.5, "w2": -1.0, "b": 0.5}
tg.save_page(loss, "lesson05_live.html", inputs=start)

# %% [markdown]
# Doing this again and again is called *gradient descent*.  Here a neuron learns the word "or": the answer
# is 1 if the first input is 1, or the second, or both.  It learns from four examples, called *samples*.
# Each row of x is a sample, and each row of y is a wanted answer.  By lesson 4 one product of matrices
# computes all four at once: `tg.affine(x, W, b)` is x @ W + b.  The loss is the sum over the samples, and
# the learning rate is 1.  (`W.data -= ...` subtracts from the plain table in W.)

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
# The last line shows the four answers after learning, rounded and in one row.  The first should be 0, the
# others 1.  `zero_grad` stands there because gradients of leaves add up, as lesson 3 said.
#
# ## Exercises
#
# On these sheets x² in a small box is the square.

# %%
u, v = tg.Value(1.0, label="x"), tg.Value(1.0, label="w")
c, y = tg.Value(1.0, label="b"), tg.Value(1.0, label="y")
p, q = tg.Value(1.0, label="x2"), tg.Value(1.0, label="w2")
two_inputs = tg.square(u * v + p * q + c - y)
sheets = [
    tg.exercise(tg.square(u * v + c - y), seed=1, title="Sheet 1"),
    tg.exercise(two_inputs, ask="gradient", seed=2, title="Sheet 2"),
    tg.exercise(tg.sigmoid(u * v + c), numbers="halves", seed=3, title="Sheet 3"),
]
for number, sheet in enumerate(sheets, 1):
    sheet.save(f"lesson05_sheet{number}.html")
sheets[2].save("lesson05_sheet.svg")

# %% [markdown]
# This is sheet 3.  For σ take the rule of this lesson, σ(z) · (1 − σ(z)).  On sheets 1 and 2 the neurons
# have no bend, so that the numbers stay short, and a loss comes after each.  There y is subtracted.

# %%
for sheet in sheets:
    print(sheet.key)
