"""Lesson 12. A tiny GPT; written from docs/lessons/lesson12_gpt.md."""

# %% [markdown]
# # 12. A tiny GPT
#
# **The idea: a language model is a network like yours, with one new part: attention.**
#
# A language model guesses how a text goes on.  This one reads letters, and guesses the next letter.  You
# build it in four steps: turn a text into numbers, write attention, put the model together, and train it.
#
# ## Step 1: a text in numbers
#
# The text comes with Python: `import this` prints the *Zen of Python*.  It is stored in a simple secret
# writing, `rot13`.  (`redirect_stdout` keeps it from being printed here.)

# %%
import codecs
import contextlib
import io
import numpy as np
import tinygrad_mlp as tg
with contextlib.redirect_stdout(io.StringIO()):
    import this
text = codecs.decode(this.s, "rot13").lower()
letters = sorted(set(text))
print(text[:30], f"... {len(text)} characters, {len(letters)} different ones")

# %% [markdown]
# The pieces that a model reads are called **tokens**; here they are characters.  The model gets each
# token as a row of 32 numbers: a 1 at the place of its character, and zeros elsewhere.  Such a row is
# called *one-hot*.  (`np.eye` is a table of all of them, and the list picks one for each letter.)

# %%
tokens = np.eye(len(letters))[[letters.index(letter) for letter in text]]
print(tokens.shape)

# %% [markdown]
# If you multiply a one-hot row by a matrix E, you get one row of E.  So E holds a row of numbers for
# each character, its **embedding**.  Where a token stands matters too.  So a row for its place is added, from
# a second table P.
#
# ## Step 2: attention
#
# Layers as in lesson 7 work on each row of a table by itself.  But the next letter depends on several letters
# before it.  **Attention** lets every token look back, and choose where.  From its row x, each token makes
# three new rows:
#
# - a *query*, x @ Q: what am I looking for?
# - a *key*, x @ K: what do I have?
# - a *value*, x @ V: what do I give?
#
# The query of one token times the key of another, number by number and added up, is a score: how well the
# two fit.  `softmax` (lesson 9) makes positive numbers with the sum 1 out of a row of scores.  With these as
# weights, each token gets a weighted sum of the values.  The model reads 16 tokens at once (`length`); each is
# a row of 20 numbers (`width`):

# %%
length, width = 16, 20
later = np.triu(np.full((length, length), -1e9), 1)


def attention(x, Q, K, V):
    scores = (x @ Q) @ tg.swapaxes(x @ K, -1, -2) / width**0.5 + later
    return tg.softmax(scores) @ (x @ V)

# %% [markdown]
# `swapaxes` turns the keys (ᵀ), so that one product makes all scores, 16 × 16.  Dividing by the root of the
# width, `width**0.5`, keeps them small.
#
# It would be cheating to see the letter that you have to guess.  So `later` is −1,000,000,000 (a billion)
# wherever a token would look at one that comes after it, and 0 elsewhere.  It is added to the scores, and
# `softmax` makes 0 out of so low a score.  (`np.triu(..., 1)` keeps what is right of the diagonal.)
#
# ## Step 3: the model
#
# First comes attention, then two layers for each token by itself.  Both parts *add* to x what they found.  So
# one path leads straight through, with the slope 1, and gradients do not vanish (lesson 9).  At the end, a
# matrix turns each row into a score for every character.  `tg.scope` only gives a part a name and a frame in
# drawings:

# %%
def gpt(x, E, P, Q, K, V, W1, W2, U):
    x = x @ E + P
    with tg.scope("attention"):
        x = x + attention(x, Q, K, V)
    with tg.scope("neurons"):
        x = x + tg.tanh(x @ W1) @ W2
    return x @ U


square = (width, width)
sizes = {"E": (len(letters), width), "P": (length, width)}
sizes |= {"Q": square, "K": square, "V": square}
sizes |= {"W1": (width, 4 * width), "W2": (4 * width, width)}
sizes |= {"U": (width, len(letters))}
rng = np.random.default_rng(1)
weights = [rng.normal(size=size) * size[0] ** -0.5 for size in sizes.values()]
print(sum(table.size for table in weights), "numbers to learn")

# %% [markdown]
# (`|=` puts more names into a dict.  The random numbers are made smaller where more of them are added up.)
#
# Every operation in it is one that you know: products of matrices, sums, quotients, exponentials.  So
# the gradient needs nothing new.  In the drawing, attention is shown with all its operations, and the
# neurons are folded into one box.  The dashed boxes are the root of the width, and `later`:

# %%
x = tg.Value(tokens[:length], label="x")
named = [tg.Value(table, label=name) for name, table in zip(sizes, weights)]
scores = gpt(x, *named)
scores.label = "scores"
model = tg.Graph.of(scores, parameters=named)
what = ("label", "op", "shape")
tg.save_drawing(
    model, "lesson12.svg", depth=1, expand="attention", show=what, direction="TB"
)

# %% [markdown]
# Is it true that no token looks ahead?  Ask the gradient: by which tokens do the scores at place 5 (counted
# from 0) have a slope that is not 0?

# %%
seen = np.abs(tg.grad(tg.sum(scores[5]), x)).sum(axis=1) > 0
print(*("yes" if place else "no" for place in seen))

# %% [markdown]
# Here is the model step by step, forward and backward.  `depth=1` takes a frame as one step:

# %%
total = tg.sum(scores)
tg.steps(total, depth=1).save("lesson12_steps.html")

# %% [markdown]
# ## Step 4: training
#
# The softmax of the scores says how probable the model finds each letter.  The loss is the
# *cross-entropy*: minus the logarithm of the probability that the model gave to the right letter, on
# average.  Guessing blindly among 32 characters costs −log(1/32) = 3.47.
#
# In each turn 16 pieces of the text are drawn at random.  The right answers are the same pieces, moved on
# by one letter.  The steps are recorded once and compiled (lesson 11).  `Adam` is gradient descent that
# chooses the step of every number by itself: `init` makes its memory, and `update` returns the moves.

# %%
def loss(x, y, *weights):
    scores = tg.reshape(gpt(x, *weights), (-1, len(letters)))
    return tg.softmax_cross_entropy(y, scores)


step = tg.compile(tg.value_and_grad(loss, argnums=tuple(range(2, 10))))
adam = tg.optimizers.Adam(betas=(0.9, 0.99))
state = adam.init(weights)
for turn in range(601):
    places = rng.integers(len(text) - length, size=16)[:, None] + np.arange(length)
    answers = tokens[places + 1].reshape(-1, len(letters))
    value, slopes = step(tokens[places], answers, *weights)
    moves, state = adam.update(slopes, state, weights, 0.01)
    weights = [table - move for table, move in zip(weights, moves)]
    if turn % 200 == 0:
        print(f"turn {turn}: loss {value:.1f}")

# %% [markdown]
# ### It writes
#
# Take a beginning of at least 16 letters.  Let the model score the next one, add the letter with the
# highest score, and go on:

# %%
def tokens_of(text):
    return np.eye(len(letters))[[letters.index(letter) for letter in text]]


def go_on(text, count):
    for _ in range(count):
        x = tokens_of(text[-length:])
        text += letters[int(np.argmax(gpt(x, *weights)[-1]))]
    return text


print(go_on("beautiful is better", 50))

# %% [markdown]
# After a second of training it knows the sound of the text, and some of its words.  The large models
# do the same with more: more tokens, more width, many such pairs of attention and neurons one behind
# the other, and much of the text that people have written.
#
# ## Questions
#
# 1. Let the model read a single token, so that `length` is 1.  For which of the eight tables of weights is
#    the gradient 0?  Guess first, then see the answer.
# 2. Without `later` the loss gets very small, but the writing is bad.  Why?
#
# 1. A softmax of one score is 1, whatever the score.  So Q and K get nothing, as the lines below show.  (P
#    keeps its first row only, for the one place that is left.)
# 2. Each place then sees the next letter, which is its own answer.  It learns to copy, and when it writes
#    there is nothing to copy from.

# %%
later = np.zeros((1, 1))
single = tg.value_and_grad(loss, argnums=tuple(range(2, 10)))
weights[1] = weights[1][:1]
value, slopes = single(tokens[:1], tokens[1:2], *weights)
print([name for name, slope in zip(sizes, slopes) if not slope.any()])

# %% [markdown]
# ## Exercises
#
# The first sheet is the smallest attention there is: two tokens of one number each, without softmax and
# without `later`.  Only the transpose is new to you: what was turned on the way forward is turned back.  The
# second sheet is what the model does with every part: its result is added to x, so that two paths lead back.
# In the third exercise you write the backward pass of the first, for larger tables.

# %%
q, k, v = (tg.Value([[1.0], [1.0]], label=name) for name in ("q", "k", "v"))
h, u, w = (tg.Value(1.0, label=name) for name in ("x", "u", "w"))
smallest = tg.sum((q @ tg.transpose(k)) @ v)
sheets = [
    tg.exercise(smallest, ask="gradient", seed=1, title="Sheet 1"),
    tg.exercise(h + tg.relu(h * u) * w, seed=1, title="Sheet 2"),
]
for number, sheet in enumerate(sheets, 1):
    sheet.save(f"lesson12_sheet{number}.html")
sheets[0].save("lesson12_sheet.svg")


def mixture(q, k, v):
    return (q @ tg.swapaxes(k, -1, -2)) @ v


task = tg.exercise_code(mixture, *(rng.normal(size=(4, 3)) for _ in range(3)))
task.save("lesson12_task.py")

# %% [markdown]
# This is sheet 1.  Its b holds the scores, and c what each token gets.

# %%
for sheet in sheets:
    print(sheet.key)


def backward(upstream, q, k, v):
    scores = upstream @ v.T
    return scores @ k, scores.T @ q, (q @ k.T).T @ upstream


print(task.grade(backward))

# %% [markdown]
# This was the last lesson.  The tutorial shows the package as a whole.
