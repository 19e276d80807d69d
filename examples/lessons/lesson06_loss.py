"""Lesson 6. The loss, and why its factor matters; written from docs/lessons/lesson06_loss.md."""

# %% [markdown]
# # 6. The loss, and why its factor matters
#
# **The idea: a factor in front of the loss is a factor in front of the learning rate.**
#
# A loss says in one number how wrong a network is.  Two losses may differ by a factor only, and still
# learn very differently.
#
# ## Three ways to add up errors
#
# A network has n outputs.  Call them ŷ (say "y hat"), and call y what they should be.  Each output has an
# error ŷ − y.  Errors are squared, so that a positive one and a negative one cannot cancel.  Then people
# write one of these:
#
# | loss | its gradient by ŷ |
# | --- | --- |
# | sum of (ŷ − y)² | 2 (ŷ − y) |
# | half the sum: ½ sum of (ŷ − y)² | ŷ − y |
# | mean of halves: the half sum, divided by n | (ŷ − y) / n |
#
# The slope of a square comes from lesson 1.  Each ŷ stands in one term only, so it gets one contribution.
# The ½ is there for beauty: it cancels the 2 that comes from the square.  Dividing by n makes losses of
# networks with few and many outputs easy to compare.

# %%
import numpy as np
import tinygrad_mlp as tg
y = np.zeros((1, 10))
y_hat = tg.Value(np.full((1, 10), 0.5), label="y_hat")
two = {"half sum": tg.half_squared_error, "mean of halves": tg.mse}
for name, loss in two.items():
    L = loss(y, y_hat)
    print(f"{name}: loss {L.item():.3f}, gradient {tg.grad(L, y_hat)[0, :3]}")

# %% [markdown]
# Here all ten outputs are 0.5 and should be 0.  (`np.full` makes a table of equal numbers.)  In the
# package, the half sum is `tg.half_squared_error` and the mean of halves is `tg.mse`.  `tg.grad(L, v)`
# returns the gradient of L by v, and leaves `v.grad` alone.  All ten elements of a gradient are alike here,
# so three are shown.
#
# ## A mistake that everybody makes once
#
# In many notebooks you find these two functions, side by side:

# %%
def mse(y, y_hat):
    return np.mean(0.5 * (y - y_hat) ** 2)


def mse_prime(y, y_hat):
    return y_hat - y

# %% [markdown]
# By its name, the second is the derivative of the first.  Look at the table above: it is not.  It belongs
# to the half *sum*, and is n times too large.
#
# A computer can tell.  Write the rule as a function `backward`.  It gets the upstream of lesson 2 and the
# arguments, and returns a gradient for each argument; None means that you leave one out.  `tg.diagnose`
# compares it with the right one, for some numbers that you give (more of this in lesson 10).  It calls ŷ
# `y_pred`, and `textwrap` breaks what it says into lines:

# %%
import textwrap


def backward(upstream, y, y_hat):
    return None, upstream * mse_prime(y, y_hat)


outputs = np.linspace(0.1, 1.0, 10).reshape(1, 10)
verdict = tg.diagnose(tg.mse, backward, y, outputs)
print(textwrap.fill(str(verdict["y_pred"]), 80))

# %% [markdown]
# With one output n is 1, and both are the same.  That is why the mistake lives so long.
#
# ## What it does
#
# Let ten numbers start at 1 and learn to be 0, by gradient descent with a learning rate of 2.1.  Follow
# the loss `mse`, once with its true gradient, and once with the one that is ten times as large:

# %%
def losses(gradient, learning_rate=2.1):
    y_hat, found = np.ones((1, 10)), []
    for _ in range(31):
        found.append(mse(y, y_hat))
        y_hat = y_hat - learning_rate * gradient(y, y_hat)
    return found


def true_gradient(y, y_hat):
    return (y_hat - y) / y_hat.size


curves = {
    "true gradient of mse": losses(true_gradient),
    "mse_prime": losses(mse_prime),
}
for name, curve in curves.items():
    first, second, third = curve[:3]
    print(f"{name}: {first:.2f}, {second:.2f}, {third:.2f} ... {curve[30]:.4f}")
tg.draw_curves(
    curves,
    title="The same learning rate, 2.1",
    x=range(31),
    x_label="step",
    y_label="loss",
    logarithmic=True,
).save("lesson06.svg")

# %% [markdown]
# The scale on the left is *logarithmic*: from one line to the next the loss is 100 times as large.
# (1e-05 is how Python writes 10⁻⁵, which is 0.00001.)
#
# Why does one fall and the other grow?  A step takes rate · factor · error away from ŷ.  The factor is 1/10
# for the true gradient, and 1 for `mse_prime`.  So a step multiplies the error by 1 − rate · factor:
#
# - With the true gradient that is 1 − 2.1 / 10 = 0.79.  The error shrinks.
# - With the other it is 1 − 2.1 = −1.1.  Every step jumps over the goal, and lands a bit further away.
#
# Neither gradient is *bad*.  Both point the same way.  With a learning rate of 0.21 the second one takes the
# very same steps.  (`np.allclose` asks whether all numbers are equal, but for rounding.)

# %%
print(np.allclose(losses(mse_prime, 0.21), losses(true_gradient, 2.1)))

# %% [markdown]
# So the factor does not change where learning goes, only how far each step goes.  If you take a learning
# rate from a book, take its loss with it.  Look closely: in many libraries mse has no ½.
#
# In the page below, move the factor.  The loss and its gradient grow with it, but the place where the loss
# is smallest stays where it is:

# %%
def scaled(p, factor):
    return factor * tg.half_squared_error(np.array([1.0, 2.0]), p)


start = {"p": [0.5, 3.0], "factor": 0.5}
ranges = {"p": (0.0, 4.0), "factor": (0.1, 2.0)}
tg.save_page(scaled, "lesson06_live.html", inputs=start, ranges=ranges)

# %% [markdown]
# ## Many samples
#
# The samples that are computed at once are a **batch**.  The same question comes back: add their losses
# up, or average them?  If you add, a batch that is twice as large makes steps that are twice as large.  The
# networks of this package (`tg.Network`) average over the samples, and take the half sum over the outputs
# of each.
#
# ## Exercises
#
# On these sheets ŷ is called p, or a.  They also ask for the slopes by y.  In ŷ − y the y is subtracted.  So
# its slopes are those by ŷ with the other sign.

# %%
p, q = tg.Value([1.0, 1.0], label="p"), tg.Value([1.0, 1.0], label="y")
m = tg.Value(1.0, label="w")
half_sum = tg.half_squared_error(q, p)
after_product = tg.half_squared_error(q, m * p)
sheets = [
    tg.exercise(half_sum, ask="gradient", seed=1, title="Sheet 1"),
    tg.exercise(tg.mse(q, p), ask="gradient", seed=1, title="Sheet 2"),
    tg.exercise(after_product, ask="gradient", seed=3, title="Sheet 3"),
]
for number, sheet in enumerate(sheets, 1):
    sheet.save(f"lesson06_sheet{number}.html")
sheets[1].save("lesson06_sheet.svg")

# %% [markdown]
# This is sheet 2.  Sheet 1 has the same numbers and the half sum.  What is the factor between their
# answers?  On sheet 3 the output is a = w · p, where one number w meets a table p (lesson 4).
#
# The factor is 2, the number of outputs.

# %%
for sheet in sheets:
    print(sheet.key)
