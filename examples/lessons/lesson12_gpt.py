"""Lesson 12. A tiny GPT; written from docs/lessons/lesson12_gpt.md."""

# %% [markdown]
# # 12. A tiny GPT
#
# **The idea: a language model is a network like yours, with one new part: attention.**
#
# A language model guesses how a text goes on.  This one reads letters, and guesses the next letter.
# Its text comes with Python: `import this` prints the *Zen of Python*.
#
# ## A text in numbers

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
# The pieces that a model reads are called **tokens**; here they are characters.  The model gets a
# token as a row with a single 1 in it, at the place of its character.  Such a row is called
# *one-hot*:

# %%
tokens = np.eye(len(letters))[[letters.index(letter) for letter in text]]
print(tokens.shape)

# %% [markdown]
# If you multiply a one-hot row by a matrix E, you get one row of E.  So E holds a row of numbers for
# each character, its **embedding**.  Where a token stands matters too, so a row for its place is
# added.
#
# ## Attention
#
# A neuron looks at its own input only.  A letter, though, depends on those before it.  **Attention**
# lets every token look back, and choose where.  From its row x, each token makes three new rows:
#
# - a *query*, x @ Q: what am I looking for?
# - a *key*, x @ K: what do I have?
# - a *value*, x @ V: what do I give?
#
# Query times key is a score: how well the two fit.  `softmax` makes positive numbers with the sum 1
# out of a row of scores.  With these as weights, each token gets a mixture of the values:

# %%
length, width = 16, 20
later = np.triu(np.full((length, length), -1e9), 1)


def attention(x, Q, K, V):
    scores = (x @ Q) @ tg.swapaxes(x @ K, -1, -2) / width**0.5 + later
    return tg.softmax(scores) @ (x @ V)

# %% [markdown]
# `later` is -1000000000 wherever a token would look at one that comes after it.  `softmax` turns that
# into 0.  It would be cheating to see the letter that one has to guess.
#
# ## The model
#
# Attention, then a layer of neurons for each token by itself.  Both *add* to x what they found, so
# that a slope of 1 leads straight through (lesson 9 told what happens without).  At the end, a matrix
# turns each row into a score for every character:

# %%
def gpt(x, E, P, Q, K, V, W1, W2, U):
    x = x @ E + P
    with tg.scope("attention"):
        x = x + attention(x, Q, K, V)
    with tg.scope("neurons"):
        x = x + tg.tanh(x @ W1) @ W2
    return x @ U


sizes = {"E": (len(letters), width), "P": (length, width)}
sizes |= dict.fromkeys("QKV", (width, width))
sizes |= {"W1": (width, 4 * width), "W2": (4 * width, width), "U": (width, len(letters))}
rng = np.random.default_rng(1)
weights = [rng.normal(size=size) * size[0] ** -0.5 for size in sizes.values()]
print(sum(table.size for table in weights), "numbers to learn")

# %% [markdown]
# Every operation in it is one that you know: products of matrices, sums, quotients, exponentials.  So
# the gradient needs nothing new.  Here is the attention, drawn as its operations, with the rest
# folded into boxes:

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
# Is it true that nobody looks ahead?  Ask the gradient: how do the scores at place 5 (counted from 0)
# change with the token at each place?

# %%
seen = np.abs(tg.grad(tg.sum(scores[5]), x)).sum(axis=1) > 0
print(*("yes" if place else "no" for place in seen))

# %% [markdown]
# Layer by layer, the walk has few steps.  `depth=1` takes a frame as one step:

# %%
total = tg.sum(scores)
for step in tg.steps(total, depth=1):
    print(step)
tg.steps(total, depth=1).save("lesson12_steps.html")

# %% [markdown]
# ## Training
#
# The loss is the *cross-entropy*: minus the logarithm of the probability that the model gave to the
# right letter, on average.  Guessing blindly among 32 characters costs log 32 = 3.47.  The steps are
# recorded once and compiled (lesson 11).  `Adam` is gradient descent that finds a learning rate for
# every number by itself.

# %%
def loss(x, y, *weights):
    scores = tg.reshape(gpt(x, *weights), (-1, len(letters)))
    return tg.softmax_cross_entropy(y, scores)


step = tg.compile(tg.value_and_grad(loss, argnums=tuple(range(2, 10))))
adam = tg.optimizers.Adam(betas=(0.9, 0.99))
state = adam.init(weights)
for turn in range(601):
    places = rng.integers(len(text) - length, size=16)[:, None] + np.arange(length)
    value, slopes = step(tokens[places], tokens[places + 1].reshape(-1, len(letters)), *weights)
    moves, state = adam.update(slopes, state, weights, 0.01)
    weights = [table - move for table, move in zip(weights, moves)]
    if turn % 200 == 0:
        print(f"turn {turn}: loss {value:.1f}")

# %% [markdown]
# ## It writes
#
# Take a beginning, let the model guess the next letter, add it, and go on:

# %%
def go_on(text, count):
    for _ in range(count):
        x = tokens_of(text[-length:])
        text += letters[int(np.argmax(gpt(x, *weights)[-1]))]
    return text


def tokens_of(text):
    return np.eye(len(letters))[[letters.index(letter) for letter in text]]


print(go_on("beautiful is better", 50))

# %% [markdown]
# After a second of training it knows the sound of the text, and some of its words.  The large models
# do the same with more: more tokens, more width, a hundred such blocks one behind the other, and most
# of the text that people ever wrote.
#
# ## Exercises
#
# 1. Which of the eight tables of weights get no gradient if `length` is 1?  Guess first, then see the
#    answer.
# 2. What happens without `later`?  Why is the loss then so small, and the writing so bad?
# 3. How many numbers would a model of width 32 have to learn?
#
# The sheet is the smallest attention there is: two tokens of one number each, and no mask.

# %%
q, k, v = (tg.Value([[1.0], [1.0]], label=name) for name in ("q", "k", "v"))
sheet = tg.exercise(tg.sum((q @ tg.transpose(k)) @ v), ask="gradient", seed=1)
sheet.save("lesson12_sheet.html")
sheet.save("lesson12_sheet.svg")

# %% [markdown]
# 1. A softmax of one score is 1, whatever the score.  So Q and K get nothing:

# %%
later = np.zeros((1, 1))
single = tg.value_and_grad(loss, argnums=tuple(range(2, 10)))
weights[1] = weights[1][:1]
value, slopes = single(tokens[:1], tokens[1:2], *weights)
print([name for name, slope in zip(sizes, slopes) if not slope.any()])

# %% [markdown]
# 2. Each place then sees the next letter, which is its own answer.  It learns to copy, and when it writes
#    there is nothing to copy from.
#
# 3. Each of the sizes above with 32 for 16:

# %%
n = len(letters)
print(2 * n * 32 + 16 * 32 + 3 * 32**2 + 2 * 4 * 32**2)

# %% [markdown]
# The sheet:

# %%
print(sheet.key)
