"""Lesson 1. The slope of a function; written from docs/lessons/lesson01_slope.md."""

# %% [markdown]
# # 1. The slope of a function
#
# **The idea: a slope says how much the output moves when the input moves a little.**
#
# You need school calculus, a little Python, and this package.  Everything on this page runs as it
# stands.  Where a line begins with `>>>` or `...`, type what comes after this sign, and compare what Python
# prints.
#
# ## Move the input a little
#
# Take f(x) = x² at x = 3.  Its value is 9.  Now move x by a small step h.  How far does the value move,
# compared with the step?  (`**` is Python's sign for a power, and `:.3f` prints three digits after the
# point.)

# %%
def f(x):
    return x**2


for h in [1.0, 0.1, 0.01, 0.001]:
    moved = f(3 + h) - f(3)
    print(f"h = {h}: the value moves {moved / h:.3f} times as far")

# %% [markdown]
# The smaller the step, the closer the answer comes to 6.  This number is the **slope** of f at 3.
# School calls it the *derivative* and writes f′(3).  School also has a rule for it: the derivative of x²
# is 2x, and at x = 3 that is 6.
#
# Close to x = 3 the function looks like a straight line with the slope 6.  To draw both, take 51 numbers
# from 0 to 5 for x; `f(x)` then computes all 51 squares:

# %%
import numpy as np
import tinygrad_mlp as tg
x = np.linspace(0, 5, 51)
curves = {"f(x) = x²": f(x), "straight line with slope 6": f(3) + 6 * (x - 3)}
tg.draw_curves(
    curves,
    x=x,
    title="Near x = 3 the curve is almost a line",
    x_label="x",
).save("lesson01.svg")

# %% [markdown]
# The dashed line touches the curve at x = 3, and stays close to it nearby.  So you can guess values
# without computing f.  If x grows by 0.1, the output grows by about 6 × 0.1:

# %%
print(f"guess {f(3) + 6 * 0.1:.2f}, truth {f(3.1):.2f}")

# %% [markdown]
# ## Let the computer find it
#
# A `Value` is a number that remembers how it was made.  Its label is its name in texts and pictures.
# `y.backward()` asks for the slope of `y` by everything that it was made of, and `x.grad` holds the
# answer for `x`:

# %%
x = tg.Value(3.0, label="x")
y = f(x)
y.label = "y"
y.backward()
print(y.item(), x.grad)

# %% [markdown]
# `y.item()` is the plain number in `y`.  The 6 is exact: no h was chosen.  The next lessons show how
# this is done.
#
# The next line writes a page with a slider for x.  Open it in a browser: the point runs along the
# curve, and below stands the curve of the slope.

# %%
tg.save_page(f, "lesson01_live.html", inputs={"x": 3.0}, ranges={"x": (-5.0, 5.0)})

# %% [markdown]
# ## Two inputs, two slopes
#
# A function of two inputs has a slope for each.  You move one input and hold the other:

# %%
a, b = tg.Value(3.0, label="a"), tg.Value(2.0, label="b")
y = a * b
y.label = "y"
y.backward()
print(a.grad, b.grad)

# %% [markdown]
# If only a grows by a little, y = a · b grows b = 2 times as much.  If only b grows, y grows
# a = 3 times as much.
#
# All slopes together are called the **gradient**.  One of them is written ∂y/∂a, and said "the slope
# of y by a": how fast y grows if a grows and nothing else moves.  The name `grad` is short for
# gradient.
#
# ## Exercises
#
# The package makes exercises from any formula.  It draws numbers that are easy to work with; another
# `seed` would give other numbers.  You fill in what is missing.  The output is called L.

# %%
x, w = tg.Value(1.0, label="x"), tg.Value(1.0, label="w")
sheets = [
    tg.exercise(x * w, ask="gradient", seed=1, title="Sheet 1"),
    tg.exercise(x**3, ask="gradient", seed=2, title="Sheet 2"),
    tg.exercise(w * x**2, ask=["x", "w"], seed=3, title="Sheet 3"),
]
for number, sheet in enumerate(sheets, 1):
    sheet.save(f"lesson01_sheet{number}.html")
sheets[0].save("lesson01_sheet.svg")

# %% [markdown]
# This is sheet 1.  A box is a number with its name; a small box with round corners is an operation
# (yellow on the screen, grey on paper).  "grad" asks for the slope of L by the number in this box.
# In the box of L it is given as 1, because L grows exactly as much as L does.  The sentence about
# arrows is for lesson 2.  Here you need no arrows: read the formula below the drawing, and take the
# rule from school.
#
# All three sheets are now files in your folder, `lesson01_sheet1.html` and so on.  Open them in a browser,
# type your answers there, and let the page check them.  On sheet 3, a is the name of x².  (The small print
# says from which seed a sheet was made; it is always the first sheet of that seed.)
#
# Each line is a sheet; `1: -4.0` says that −4 belongs into box 1.

# %%
for sheet in sheets:
    print(sheet.key)
