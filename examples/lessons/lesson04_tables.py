"""Lesson 4. Tables of numbers; written from docs/lessons/lesson04_tables.md."""

# %% [markdown]
# # 4. Tables of numbers
#
# **The idea: a table is many numbers at once, and its gradient has the same shape.**
#
# Programs that learn have thousands of numbers.  Nobody names each of them.  You put them into tables,
# and one line of code works on a whole table.  Tables are made by NumPy, which calls them *arrays*.
#
# ## Element by element
#
# The numbers in a table are its *elements*.  Most operations work on each element by itself.  But a
# gradient belongs to one single output.  So we add up at the end:

# %%
import tinygrad_mlp as tg
x = tg.Value([1.0, 2.0, 3.0], label="x")
L = tg.sum(x**2)
L.label = "L"
L.backward()
print(L.item(), x.grad)

# %% [markdown]
# `x.grad` has a number for each number of `x`: by lesson 1 the slope of x² is 2x, for each element.
# The sum has the slope 1 by each of its terms, so each element of x² gets the same gradient, 1.
#
# The **shape** of a table tells its sizes: (3,) is a list of 3 numbers, (3, 2) a table with 3 rows and
# 2 columns, and () a single number.  A gradient always has the shape of its value:

# %%
print(x.shape, x.grad.shape)

# %% [markdown]
# ## A small table meets a large one
#
# Add one number to a table, and NumPy uses this number again for each element.  Add one row to a table,
# and NumPy uses the row again for each row.  This is called **broadcasting**:

# %%
x, b = tg.Value([1.0, 2.0, 3.0], label="x"), tg.Value(10.0, label="b")
z = x + b
z.label = "z"
L = tg.sum(z**2)
L.label = "L"
print(z.data)

# %% [markdown]
# `z.data` is the plain table in z.  What is the slope of L by b?  Look closer: `tg.expand` makes a second
# graph, in which every number has a box of its own.

# %%
closer = tg.expand(L)
closer.label = "L"
closer.backward()
tg.save_drawing(closer, "lesson04.svg", show=("label", "op", "value", "grad"))

# %% [markdown]
# So b is used three times, and lesson 3 says what to do: add up.  22 + 24 + 26 = 72.  The first graph,
# with tables, gives the same:

# %%
L.backward()
print(x.grad, b.grad)

# %% [markdown]
# That is the whole secret of broadcasting: *what was repeated on the way forward is summed on the way
# back*.
#
# ## Products of matrices
#
# A table with rows and columns is a *matrix*.  `x @ W` multiplies two of them: each row of x meets each
# column of W.  Multiply them number by number, and add up.  Python counts rows and columns from 0, and
# x[n, i] is the number in row n and column i.  So the result has, in row n and column j, the sum over i of
# x[n, i] · W[i, j].

# %%
x = tg.Value([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], label="x")
W = tg.Value([[1.0, -1.0], [0.5, 2.0]], label="W")
z = x @ W
z.label = "z"
print(x.shape, "@", W.shape, "is", z.shape)
print(z.data)

# %% [markdown]
# For example, z[0, 1] is row 0 of x times column 1 of W: 1 · (−1) + 2 · 2 = 3.
#
# How does W[0, 1] get its gradient?  Call g what has arrived at z: the upstream of lesson 2, now a table
# of the shape of z.
#
# - W[0, 1] is used once for each row n of x.  There it is multiplied by x[n, 0], and it helps to make
#   z[n, 1].
# - So this use contributes upstream × local = g[n, 1] · x[n, 0].
# - The gradient is the sum of these over n.  This is column 0 of x times column 1 of g.
# - A product of matrices takes *rows* of its first matrix.  So x must be turned: xᵀ, the *transpose* of x,
#   has the columns of x as its rows.
#
# For x it goes the same way.  The two rules are
#
# | by | gradient | shapes here |
# | --- | --- | --- |
# | W | xᵀ @ g | (2, 3) @ (3, 2) is (2, 2) |
# | x | g @ Wᵀ | (3, 2) @ (2, 2) is (3, 2) |
#
# It is the same rule as for numbers: upstream times the other factor.  Did you forget which factor is
# turned, and where it stands?  Take sizes that all differ, say (4, 3) @ (3, 2), and look at the shapes:
# only one way fits.
#
# Try it.  Here L is the sum of z², so g is 2z:

# %%
L = tg.sum(z**2)
g = 2 * z.data
L.backward()
print((x.data.T @ g == W.grad).all(), (g @ W.data.T == x.grad).all())

# %% [markdown]
# (`.T` is ᵀ.  `==` compares element by element, and `.all()` asks whether it is true of all.)
#
# You can ask where one number of a gradient came from.  Results without a label are called v with a number:

# %%
L.label = "L"
print(tg.why(L, W, index=(0, 1)))

# %% [markdown]
# Here are the steps of the whole product, table by table.  In the page, point at a box to see its
# numbers:

# %%
tg.steps(L).save("lesson04_steps.html")

# %% [markdown]
# ## Exercises
#
# Go against the arrows.  Each arrow brings a contribution, or share, by the rule of its operation.  You
# have met them all: plus, the product of numbers, the square, broadcasting, and @.  Σ is the sum of all
# elements.  ⊙ multiplies element by element.

# %%
u, v = tg.Value([1.0, 1.0], label="u"), tg.Value([1.0, 1.0], label="v")
c = tg.Value(1.0, label="c")
row = tg.Value([[1.0, 1.0]], label="x")
M = tg.Value([[1.0, 1.0], [1.0, 1.0]], label="W")
sheets = [
    tg.exercise(tg.sum(u * v), ask="gradient", seed=1, title="Sheet 1"),
    tg.exercise(tg.sum(c * u + v), ask="gradient", seed=2, title="Sheet 2"),
    tg.exercise(tg.sum((row @ M) ** 2), ask="gradient", seed=3, title="Sheet 3"),
]
for number, sheet in enumerate(sheets, 1):
    sheet.save(f"lesson04_sheet{number}.html")
sheets[1].save("lesson04_sheet.svg")

# %% [markdown]
# This is sheet 2, in which one number, c, meets a table of two.  In sheet 3 a row meets a matrix.

# %%
for sheet in sheets:
    print(sheet.key)
