"""Lesson 3. A value that is used twice; written from docs/lessons/lesson03_used_twice.md."""

# %% [markdown]
# # 3. A value that is used twice
#
# **The idea: if there are several paths to the output, their slopes add up.**
#
# In lesson 2 every number was used once.  Now let one be used twice.
#
# ## Two uses, two contributions
#
# Take x · x at x = 3.  The operation is a product, and both its inputs are x.  Give the two inputs
# different names for a moment, u · v.  By lesson 2, u gets v = 3 and v gets u = 3.  But u and v are
# the same x.  If x moves, both move, and the output feels both:

# %%
import tinygrad_mlp as tg
x = tg.Value(3.0, label="x")
y = x * x
y.label = "y"
print(tg.why(y, x))

# %% [markdown]
# There is one row for each use.  The last column is the **contribution** of this use, upstream ×
# local.  (Some sheets and pages call it a *share*.)  The gradient is the sum of the contributions,
# 3 + 3 = 6.  School agrees: the derivative of x² is 2x.
#
# ## Along two paths
#
# The same happens when a value goes different ways:

# %%
w, x = tg.Value(3.0, label="w"), tg.Value(2.0, label="x")
p = w + x
p.label = "p"
L = p * w
L.label = "L"
L.backward()
tg.save_drawing(L, "lesson03.svg", show=("label", "op", "value", "grad", "local"))

# %% [markdown]
# There are two paths from w to L.  One goes through p.  The other goes straight into L.  Along each
# path slopes multiply, and the results add up:

# %%
print(tg.why(L, w).chain())

# %% [markdown]
# The second line is the straight path.  It has one step only, so nothing needs to be multiplied: the
# local derivative of L = p · w by w is p.
#
# By school: L = w² + x · w, so ∂L/∂w = 2w + x = 6 + 2 = 8.
#
# ## Why the pass goes backwards
#
# Watch the gradient of w grow.  It gets its first contribution from L, and its second from p:

# %%
for step in tg.steps(L):
    print(step)

# %% [markdown]
# The order matters.  p may hand on its slope only when nothing more can arrive at p.  So the pass
# visits the results in reverse: the last one computed comes first.  When it reaches a value, it has
# already visited everything that was made of this value.  So the gradient of this value is complete.
#
# This also saves work.  Let a value go two ways that meet again, and do this 60 times in a row.  Then
# there are 2⁶⁰ paths, and nobody can list them.  But the backward pass walks along each arrow only once
# (an arrow is also called an *edge*):

# %%
y = tg.Value(0.5, label="x0")
start = y
for _ in range(60):
    y = tg.sin(y) + tg.cos(y)
print(len(list(tg.steps(y))), "steps")
print(tg.why(y, start).chain())

# %% [markdown]
# Back to L = p · w.  Open this page in a browser, and stop where w gets its second contribution:

# %%
tg.steps(L).save("lesson03_steps.html")

# %% [markdown]
# ## Calling backward twice
#
# Leaves *add up* what they get, over several calls too.  This is useful when the output is a sum with
# many terms: you can handle one term after the other.  It is also the most common surprise:

# %%
x = tg.Value(3.0, label="x")
for call in [1, 2]:
    (x * x).backward()
    print("after call", call, "x.grad is", x.grad)
tg.zero_grad(x)
print("after zero_grad it is", x.grad)

# %% [markdown]
# `None` means: not computed.
#
# ## Exercises
#
# Look for values from which more than one arrow starts.  Their boxes need a sum.

# %%
a, b = tg.Value(1.0, label="a"), tg.Value(1.0, label="b")
sheets = [
    tg.exercise(p * w, ask="gradient", seed=4, title="Sheet 1"),
    tg.exercise(a * b + a, seed=2, title="Sheet 2"),
    tg.exercise((a * b) * (a + b), seed=3, title="Sheet 3"),
]
for number, sheet in enumerate(sheets, 1):
    sheet.save(f"lesson03_sheet{number}.html")
sheets[2].save("lesson03_sheet.svg")

# %% [markdown]
# This is sheet 3, the hardest.  Sheets 1 and 2 are in your folder, for the browser.
#
# What does the checker say if you forget a path?  Here are the right answers of sheet 1, but box 3, ∂L/∂w,
# gets only what comes through the plus.  That is the gradient of p, the number in box 1:

# %%
answers = dict(sheets[0].key)
answers[3] = answers[1]
print(sheets[0].grade(answers))

# %%
for sheet in sheets:
    print(sheet.key)
