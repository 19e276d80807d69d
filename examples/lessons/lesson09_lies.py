"""Lesson 9. When gradients lie; written from docs/lessons/lesson09_lies.md."""

# %% [markdown]
# # 9. When gradients lie
#
# **The idea: the rules are exact, but there are five ways to a number that is not what you want.**
#
# ## 1. A kink has no slope
#
# `relu(z)` is z for positive z, and 0 otherwise.  It is a very common activation, and it has a kink
# at 0: left of it the slope is 0, right of it 1.  At 0 itself there is no slope, but a program must
# return something.  (`tg.grad(f)` is the slope of f, as a function, and 1e-9 is 10⁻⁹.)

# %%
import numpy as np
import tinygrad_mlp as tg
print(tg.grad(tg.relu)(-1e-9), tg.grad(tg.relu)(0.0), tg.grad(tg.relu)(1e-9))

# %% [markdown]
# 0 is a choice.  Any number from 0 to 1 would do.  It rarely matters, because numbers rarely are
# exactly 0.  But a table that begins with zeros is full of them.
#
# And two formulas for one function can choose differently.  `maximum(x, y)` is the larger of two numbers.
# The larger one gets the whole gradient, and the other one 0.  If both are equal, each gets half.  So
# `maximum(z, 0)` is the same function as relu, but at 0 it has another slope.  (`lambda z: ...` is a function
# without a name.)

# %%
print(tg.grad(lambda z: tg.maximum(z, 0.0))(0.0))

# %% [markdown]
# Move x over the kink in the page below, and see the slope jump:

# %%
ranges = {"x": (-2.0, 2.0)}
tg.save_page(tg.relu, "lesson09_live.html", inputs={"x": 1.0}, ranges=ranges)

# %% [markdown]
# ## 2. Where the curve is flat, nothing arrives
#
# The slope of the sigmoid is at most 1/4 (lesson 5), and far from 0 it is almost nothing.  In the
# chain rule such factors multiply.  Here are ten layers with random weights, once with sigmoids and once with
# relu, and the largest gradient in each layer.  (`:.0e` prints one digit and the power of ten.)

# %%
def gradient_sizes(activation):
    rng, a, weights = np.random.default_rng(0), np.ones((1, 8)), []
    for layer in range(10):
        weights.append(tg.Value(rng.normal(size=(8, 8)) / 2, label=f"W{layer + 1}"))
        a = activation(a @ weights[-1])
    return [np.abs(slope).max() for slope in tg.grad(tg.sum(a), weights)]


sizes = {"sigmoid": gradient_sizes(tg.sigmoid), "relu": gradient_sizes(tg.relu)}
for name, size in sizes.items():
    print(f"{name}: last layer {size[9]:.0e}, first layer {size[0]:.0e}")
tg.draw_curves(
    sizes,
    x=range(1, 11),
    title="Gradients on their way back from layer 10 to layer 1",
    x_label="layer",
    y_label="largest gradient",
    logarithmic=True,
).save("lesson09.svg")

# %% [markdown]
# Read it from right to left, as the backward pass goes.  Each grey line stands for gradients 100 times
# smaller than the line above.
#
# These gradients are right.  But with sigmoids the first layers hardly learn, while the last ones do.
# This is called the *vanishing gradient*.
#
# There is also a lie.  Lesson 5 said σ′ = σ · (1 − σ).  For a computer, σ(40) is so close to 1 that
# it *is* 1, and 1 − 1 is 0:

# %%
s = tg.sigmoid(40.0)
print(s * (1 - s), tg.grad(tg.sigmoid)(40.0))

# %% [markdown]
# In the first number no digit is right.  The second is right.  It was computed as σ(z) · σ(−z): 1 − σ(z) is
# σ(−z), and this way nothing is subtracted.
#
# ## 3. Numbers that are too large
#
# A computer's numbers end at about 10³⁰⁸.  Beyond is `inf`, for "infinite", and `inf / inf` is **nan**,
# "not a number".  From then on everything is nan.  Take *softmax*.  It makes positive numbers with the sum 1
# out of any numbers: e to the power of each, divided by the sum of these.  (`errstate` keeps NumPy from
# warning you.)

# %%
def careless_softmax(z):
    e = tg.exp(z)
    return e / tg.sum(e)


z = tg.Value([1000.0, 1001.0], label="z")
with np.errstate(all="ignore"):
    print(careless_softmax(z).data)
print(tg.softmax(z).data)

# %% [markdown]
# `tg.softmax` subtracts the largest number from all, before it takes powers.  This divides each power, and
# so their sum too, by the same number.  So the result stays the same.  If you do get nan, `detect_anomaly`
# stops at the operation that made the first inf or nan:

# %%
with np.errstate(all="ignore"), tg.detect_anomaly():
    try:
        careless_softmax(z)
    except tg.AnomalyError as error:
        print(str(error).splitlines()[0])

# %% [markdown]
# ## 4. Numbers that changed
#
# The backward pass needs the numbers of the forward pass: the local derivatives of w · w are w and w.  If w
# is changed in between, new and old numbers mix, and the gradient is that of no function at all.
# The package notices this:

# %%
w = tg.Value([1.0, 2.0], label="w")
L = tg.sum(w * w)
w.data[0] = 10.0
try:
    L.backward()
except tg.GraphError as error:
    print(str(error).partition(";")[0])

# %% [markdown]
# Most small engines, that of lesson 8 too, notice nothing.
#
# ## 5. Gradients of yesterday
#
# Leaves add up what they get (lesson 3).  If you forget `zero_grad`, each step follows the sum of all
# gradients so far.  Let w learn to be 1, with and without `zero_grad`:

# %%
def learn(forgetful):
    w = tg.Value(0.0, label="w")
    for _ in range(20):
        L = tg.square(w - 1.0)
        if not forgetful:
            tg.zero_grad(w)
        L.backward()
        w.data -= 0.2 * w.grad
    return w.item()


print(f"with zero_grad {learn(False):.3f}, without {learn(True):.3f}")

# %% [markdown]
# Without it, w swings around the goal like a ball on a spring, and does not come to rest.
#
# ## Exercises
#
# The operations on these sheets have kinks.  |x| is x without its sign: its slope is −1 left of 0, and 1
# right of it.  For `maximum` take the rule of part 1.  `numbers="given"` keeps the numbers of a, b and c.

# %%
numbers = {"a": 2.0, "b": -3.0, "c": -4.0}
a, b, c = (tg.Value(number, label=name) for name, number in numbers.items())
first, second = tg.relu(a * b) + a, tg.maximum(a * b, c)
third = tg.relu(a) * tg.relu(b) + tg.abs(c)
sheets = [
    tg.exercise(first, numbers="given", title="Sheet 1"),
    tg.exercise(second, ask="gradient", numbers="given", title="Sheet 2"),
    tg.exercise(third, ask="gradient", numbers="given", title="Sheet 3"),
]
for number, sheet in enumerate(sheets, 1):
    sheet.save(f"lesson09_sheet{number}.html")
sheets[0].save("lesson09_sheet.svg")

# %% [markdown]
# This is sheet 1.  Where does the backward pass stop?
#
# On sheet 1 nothing comes through the relu, because c = a · b is negative.  So b gets 0.

# %%
for sheet in sheets:
    print(sheet.key)
