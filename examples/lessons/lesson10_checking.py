"""Lesson 10. Is my gradient right; written from docs/lessons/lesson10_checking.md."""

# %% [markdown]
# # 10. Is my gradient right?
#
# **The idea: compare it with a difference, and know how far a difference can be trusted.**
#
# In lesson 1 you found a slope by moving the input a little.  That needs no rule, so it can check
# every rule.  This is called a **gradient check**.
#
# ## How small is a little?
#
# Take f(x) = x³ at 1.5.  School says 3x² = 6.75.  Here is the slope from a difference, for smaller and
# smaller h (1e-04 is 10⁻⁴):

# %%
import numpy as np
import tinygrad_mlp as tg


def f(x):
    return x * x * x


for h in [1e-1, 1e-4, 1e-8, 1e-12, 1e-15]:
    slope = (f(1.5 + h) - f(1.5)) / h
    print(f"h = {h:.0e}: {slope:.9f}, error {abs(slope - 6.75):.0e}")

# %% [markdown]
# First it gets better, then worse.  There are two errors:
#
# - **The bend.**  Between 1.5 and 1.5 + h the curve bends.  The smaller h, the smaller this error: it shrinks
#   as h.
# - **Rounding.**  A computer's numbers have about 16 digits.  f(1.5 + h) and f(1.5) agree in most of them,
#   and the difference keeps only the rest.  The smaller h, the fewer digits are left: this error grows as
#   1/h.
#
# Move in both directions, (f(x + h) − f(x − h)) / 2h, and most of the bend cancels.  This is a
# **central difference**.  The error by the bend now shrinks as h²: with an h that is ten times smaller, it
# is a hundred times smaller.  Here are the errors of both, at 1.3:

# %%
steps = [10.0**-k for k in range(1, 16)]
x, slope = 1.3, 3 * 1.3 * 1.3
curves = {
    "one-sided": [abs((f(x + h) - f(x)) / h - slope) for h in steps],
    "central": [abs((f(x + h) - f(x - h)) / (2 * h) - slope) for h in steps],
}
for name, errors in curves.items():
    print(f"{name}: the best error is {min(errors):.0e}")
tg.draw_curves(
    curves,
    x=range(1, 16),
    title="Errors of differences",
    x_label="k, where h is 10 to the power -k",
    y_label="error",
    logarithmic=True,
).save("lesson10.svg")

# %% [markdown]
# From left to right, h gets smaller.  On the left side of each V the error is that of the bend, on the right
# side that of rounding.
#
# So a difference never has all digits.  With a good h a central one has about 10 of 16.  That is
# enough: a wrong rule is wrong in the first digits.
#
# There are other ways to a derivative, which lose no digits like this.  `tg.agreement` computes them side by
# side:

# %%
found = tg.agreement(f, 1.3)
for name in ["reverse mode", "forward mode", "complex step"]:
    print(f"{name:13} {found[name].value}")

# %% [markdown]
# *Reverse mode* is the backward pass.  *Forward mode* takes slopes along with the numbers, from the
# input to the output.  The *complex step* is for those who know complex numbers: it moves x in the
# imaginary direction, and then nothing is subtracted.  Five ways to one derivative has the
# details.
#
# ## The check to write next to every rule
#
# `tg.gradcheck` compares the backward pass of a function with central differences, for every argument.  It
# chooses h by itself.  (*tanh* is an activation like the sigmoid, from −1 to 1.  Its slope is 1 − tanh².)

# %%
def layer(x, W, b):
    return tg.tanh(x @ W + b)


rng = np.random.default_rng(0)
x, W, b = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=(1, 2))
print(tg.gradcheck(layer, x, W, b))

# %% [markdown]
# If you moved each number by itself, you would have to call the function twice for each.  `gradcheck`
# moves all numbers of an argument at once, each by a random part of h.  A wrong gradient foretells a
# wrong change of the output: only by a rare chance could its errors cancel.
#
# ## What is wrong?
#
# "Wrong" is a short answer.  The **gradient doctor** compares your backward pass with the right one
# *and* with those that people write by mistake, and tells which of them you wrote:

# %%
def backward(upstream, x, W, b):
    a = layer(x, W, b)
    delta = upstream * (1 - a)
    return delta @ W.T, x.T @ delta, delta


print(tg.diagnose(layer, backward, x, W, b))

# %% [markdown]
# There are two mistakes.  The square is missing in 1 − a².  And the gradient of b must be summed, because b
# was broadcast (lesson 4).  The gradient doctor has the list of what it knows.
#
# ## And the gradient in your head?
#
# A page can ask *you* for each number before it shows it:

# %%
p, q = tg.Value(2.0, label="p"), tg.Value(-1.0, label="q")
tg.steps((p * q + p) ** 2).save("lesson10_quiz.html", quiz=True)

# %% [markdown]
# ## Find the mistake
#
# Here are three functions, each with a backward pass in which something is wrong.  First find it by eye.
# Then ask the doctor: `tg.diagnose(function, backward, ...)`, with numbers for the arguments.  (`tg.mean` is
# the mean of all elements, and `tg.sigmoid_prime` is σ′.  None means: not asked.)

# %%
def weighted(x, w):
    return tg.sum(x * w)


def first(upstream, x, w):
    return upstream * w, upstream * w


def error(y, p):
    return tg.mean((p - y) ** 2)


def second(upstream, y, p):
    return None, upstream * 2 * (p - y)


def score(x, W):
    return tg.sigmoid(x @ W)


def third(upstream, x, W):
    delta = upstream * tg.sigmoid_prime(tg.sigmoid(x @ W))
    return delta @ W.T, x.T @ delta

# %%
print(tg.diagnose(weighted, first, rng.normal(size=3), rng.normal(size=3)))
print(tg.diagnose(error, second, rng.normal(size=5), rng.normal(size=5)))
print(tg.diagnose(score, third, x, W))

# %% [markdown]
# ## Exercises
#
# On the two sheets you find by rules what a difference only comes near to.  The third exercise is code: a
# backward pass.  `tg.exercise_code` makes a file to fill in, and the doctor grades it.

# %%
u, w, b = (tg.Value(1.0, label=name) for name in "uwb")
n = u * w + b
n.label = "n"
sheets = [
    tg.exercise(n * n * n, seed=2, title="Sheet 1"),
    tg.exercise(tg.square(u * w) + u, seed=3, title="Sheet 2"),
]
for number, sheet in enumerate(sheets, 1):
    sheet.save(f"lesson10_sheet{number}.html")
sheets[0].save("lesson10_sheet.svg")
task = tg.exercise_code(score, x, W)
task.save("lesson10_task.py")
print(task.template.partition("def backward")[0].strip())

# %% [markdown]
# This is sheet 1.  When it is done, check your last number as in the first part of this lesson: compute L
# with this input 0.001 larger and 0.001 smaller, and divide the difference by 0.002.  (c is n · n, and
# n⁽¹⁾ and n⁽²⁾ are its first and its second argument.)

# %%
for sheet in sheets:
    print(sheet.key)


def backward(upstream, x, W):
    delta = upstream * tg.sigmoid_prime(x @ W)
    return delta @ W.T, x.T @ delta


print(task.grade(backward))
