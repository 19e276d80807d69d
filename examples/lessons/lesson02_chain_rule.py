"""Lesson 2. The chain rule on a graph; written from docs/lessons/lesson02_chain_rule.md."""

# %% [markdown]
# # 2. The chain rule on a graph
#
# **The idea: along a path of small steps, slopes multiply.**
#
# Lesson 1 found the slope of x² by a rule from school.  A long formula has no rule of its own.  But it is
# made of short steps, and each of those has one.
#
# ## A formula is a graph
#
# Here is L = (w · x + b)², computed in small steps, each with a name:

# %%
import tinygrad_mlp as tg
w, x = tg.Value(2.0, label="w"), tg.Value(3.0, label="x")
b = tg.Value(-4.0, label="b")
p = w * x
p.label = "p"
n = p + b
n.label = "n"
L = n**2
L.label = "L"
print(p.item(), n.item(), L.item())

# %% [markdown]
# Each result remembers what it was made of.  Drawn with arrows, this is a **graph**: a box for each
# number, a small yellow box for each operation.  What you put in at the start, w, x and b, are the
# **leaves**.  Going along the arrows, from the leaves to the output, is the **forward pass**.
#
# ## Slopes of one step
#
# Look at one operation at a time.  How much does its result grow if one of its inputs grows a
# little?  This is a **local derivative**: local, because it knows nothing of the rest of the graph.
#
# | step | local derivatives | here |
# | --- | --- | --- |
# | p = w · x | ∂p/∂w = x and ∂p/∂x = w | 3 and 2 |
# | n = p + b | ∂n/∂p = 1 and ∂n/∂b = 1 | 1 and 1 |
# | L = n² | ∂L/∂n = 2n | 4 |
#
# ## Slopes multiply
#
# Let w grow by a little.  Then p grows 3 times as much as w.  Then n grows just as much as p, and L
# grows 4 times as much as n.  So L grows 4 · 1 · 3 = 12 times as much as w did.  That is the **chain
# rule**.  `tg.why` tells where a gradient came from, and `chain` writes it out as a teacher does
# on a board:

# %%
print(tg.why(L, w).chain())

# %% [markdown]
# Is it true?  Move w a little, as in lesson 1:

# %%
h = 0.0001
print(f"{(((2 + h) * 3 - 4) ** 2 - 4) / h:.2f}")

# %% [markdown]
# ## Backwards is cheaper
#
# We want the slopes of L by w, x and b.  There is a path from each of them to L, and all three paths end
# with the same step.  So start at the end, and walk against the arrows: then no step is computed twice.
# Begin with ∂L/∂L = 1, because L grows exactly as much as L does.  At each arrow do the same thing:
#
# > upstream × local = what the input gets
#
# **Upstream** is the slope that has already arrived at the result of the operation.  **Local** is
# the local derivative.  This walk is the **backward pass**, also called *backpropagation*.  `tg.steps`
# tells both passes, first the forward pass and then the backward pass:

# %%
for step in tg.steps(L):
    print(step)

# %% [markdown]
# Read the line for w: 4 had arrived at p, the local derivative is x = 3, so w gets 12.  In
# parentheses stands the operation; xʸ is a power.  "It had none" means that nothing had arrived at w
# before.
#
# The drawing shows all of it, from top to bottom (`"TB"`).  Beside an arrow stands the local derivative, after
# the sign ∂, and below it the multiplication.  The dashed box is the 2 of the square.  It never changes, so
# it gets nothing.

# %%
L.backward()
what = ("label", "op", "value", "grad", "local")
tg.save_drawing(L, "lesson02.svg", show=what, direction="TB")

# %% [markdown]
# ## Play it
#
# The same walk is a page.  Open the file in a browser, and press *Next*, or the arrow keys: first the
# values appear, then the gradients flow back.

# %%
tg.steps(L).save("lesson02_steps.html")

# %% [markdown]
# ## Exercises
#
# On a sheet, write the local derivative onto each arrow first, after the ∂.  Then start at L, go against the
# arrows, and fill in the gradients.

# %%
sheets = [
    tg.exercise(L, seed=1, title="Sheet 1"),
    tg.exercise((w + x) * b, seed=2, title="Sheet 2"),
    tg.exercise((w * x + b) ** 2, difficulty=3, seed=3, title="Sheet 3"),
]
for number, sheet in enumerate(sheets, 1):
    sheet.save(f"lesson02_sheet{number}.html")
sheets[0].save("lesson02_sheet.svg")

# %% [markdown]
# This is sheet 1.  Box 1, ∂L/∂n *on the arrow*, is the local derivative of the square.  Box 2 is the
# gradient of n: 1 × the number in box 1.  Sheets 2 and 3 are in your folder, for the browser.  Results
# without a name are called a and c there.  On sheet 3 the values are missing too: fill them in first, along the
# arrows.

# %%
for sheet in sheets:
    print(sheet.key)
