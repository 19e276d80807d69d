"""Lesson 8. Write your own engine; written from docs/lessons/lesson08_engine.md."""

# %% [markdown]
# # 8. Write your own engine
#
# **The idea: eighty lines hold all of it: a table of rules, and one loop that walks backwards.**
#
# In lessons 1 to 7 a library found the gradients.  Now you write that library, piece by piece, and check
# each piece at once.  There are three parts.  After part 1 you have an engine for numbers, and may stop.
# Part 2 makes it work on tables.  Part 3 takes gradients of gradients.  The finished program is
# examples/engine_in_one_page.py, and its page has
# a word on every line.
#
# ## Part 1: numbers
#
# ### An operation computes and remembers

# %%
import numpy as np


def row(forward, *vjps):
    def call(*args):
        inputs = [x.data if isinstance(x, Value) else x for x in args]
        result = Value(forward(*inputs), vjps, args, inputs)
        return result if Value in map(type, args) else result.data
    return call

# %% [markdown]
# `row` makes an operation out of a function, `forward`, and one rule for each argument.  (`*vjps` collects
# the rules in a tuple, `*args` the arguments.)  The operation is the function `call`.  It does three things.
# It takes the numbers out of the arguments.  It computes.  It remembers how this was done.  If no argument is
# a `Value`, there is nothing to remember, and plain numbers come back.
#
# A rule answers the question of lesson 2: the gradient g has arrived at the result; what does this
# argument get?  The books call such a rule a **vjp**, for *vector-Jacobian product*.  You need not know
# more about this name: a rule takes g and returns the contribution.
#
# ### A value knows what it was made from

# %%
class Value:
    grad, births = None, iter(range(2**63))
    __array_ufunc__ = None  # so that array + value asks the value
    def __init__(self, data, vjps=(), args=(), inputs=()):
        self.data, self.birth = np.asarray(data, float)[()], next(Value.births)
        self.vjps, self.args, self.inputs = vjps, args, inputs

# %% [markdown]
# A value keeps its number or table in `data`, and what `row` remembered.  (`[()]` turns a table of shape ()
# into a number.)  The *parents* of a value are what it was made from; it is their *child*.  Values are
# numbered as they are born, by `next(Value.births)`.  Nothing is born before its parents.  So, sorted by
# number, parents come before children.
#
# ### The loop

# %%
def history(output):
    found, layer = {output}, {output}
    while (
        layer := {x for value in layer for x in value.args if isinstance(x, Value)}
        - found
    ):
        found |= layer
    return sorted(found, key=lambda value: value.birth)


def pull_back(output):
    cotangents = {output: 1.0}
    for value in reversed(history(output)):
        for parent, vjp in zip(value.args, value.vjps):
            if isinstance(parent, Value):
                share = vjp(cotangents[value], value.data, *value.inputs)
                cotangents[parent] = cotangents.get(parent, 0.0) + share
    return cotangents


def grad(output, inputs):
    cotangents = pull_back(output)
    return [cotangents.get(x, 0.0) for x in inputs]

# %% [markdown]
# `history` collects the output, its parents, their parents and so on, until nothing new is found.  Then
# it sorts them by birth.  (`:=` gives a name to the new ones, and the loop ends when there are none.)
#
# Read `pull_back` slowly; it is the heart.
#
# - `cotangents` maps each value to the gradient that has arrived at it so far.  *Cotangent* is another
#   name for "the gradient that arrives here".  The output begins with 1.
# - Values are visited from the last to the first (lesson 3).
# - Each parent gets its `share`, or contribution, by the rule (lesson 2).
# - If it already had something, the share is added (lesson 3).
#
# ### The first operation, and a check

# %%
multiply = row(np.multiply, lambda g, out, x, y: g * y, lambda g, out, x, y: g * x)
x = Value(3.0)
print(pull_back(multiply(x, x))[x])

# %% [markdown]
# `lambda g, out, x, y: g * y` is a function without a name.  It gets g, the result and the two arguments,
# and returns g · y.  So the first argument of a product gets g times the second, and the other way round.
# And that is the 6 of lesson 3.
#
# Trust no rule before it is checked.  `check` moves one argument by h, once forth and once back, and compares
# the difference with the gradient (lesson 1).  It moves by h · `way`, where `way` is a random number, or a
# table of them.  So it will serve for tables too: all elements move at once.

# %%
rng = np.random.default_rng(0)


def check(operation, *numbers, h=1e-6):
    values = [Value(x) for x in numbers]
    for place, slope in enumerate(grad(operation(*values), values)):
        way, ends = rng.normal(size=values[place].data.shape), []
        for sign in (1, -1):
            moved = list(numbers)
            moved[place] = numbers[place] + sign * h * way
            ends.append(operation(*moved))
        wanted = np.sum(ends[0] - ends[1]) / (2 * h)
        assert np.allclose(np.sum(slope * way), wanted, rtol=1e-5), (slope, wanted)
    print("right")


check(multiply, 2.0, -3.0)

# %% [markdown]
# ### Arithmetic
#
# The rules are school calculus, times g.  `exp` is its own derivative, so its rule takes the result, `out`:

# %%
add = row(np.add, lambda g, out, x, y: g, lambda g, out, x, y: g)
check(add, 2.0, -3.0)
divide = row(
    np.divide,
    lambda g, out, x, y: g / y,
    lambda g, out, x, y: -g * (out / y),
)
check(divide, 2.0, -3.0)
exp = row(np.exp, lambda g, out, x: g * out)
check(exp, 0.7)
log = row(np.log, lambda g, out, x: g / x)
check(log, 0.7)
power = row(
    pow,
    lambda g, out, x, y: g * (y * x**(y - 1)),
    lambda g, out, x, y: g * (out * log(x)),
)
check(power, 0.7, 3.0)

# %% [markdown]
# *tanh* is an activation like the sigmoid, but it goes from −1 to 1.  Its slope is 1 − tanh².  For large
# x this formula loses its digits; lesson 9 says why.  So the slope is an operation of its own, with a
# formula that does not:

# %%
tanh = row(np.tanh, lambda g, out, x: g * tanh_slope(x))
tanh_slope = row(
    lambda x: 4 * np.exp(-2 * abs(x)) / np.square(1 + np.exp(-2 * abs(x))),
    lambda g, out, x: g * (-2 * tanh(x) * out),
)
check(tanh, 0.7)

# %% [markdown]
# ### Signs
#
# `x * y` asks the class of x what `*` means.  Tell it.  Then lesson 2 runs on your own engine.  (`np.float64`
# is how NumPy prints its numbers in a list.)

# %%
Value.__add__ = Value.__radd__ = add
Value.__mul__ = Value.__rmul__ = multiply
Value.__truediv__, Value.__pow__ = divide, power
Value.__neg__ = lambda x: x * -1
Value.__sub__ = lambda x, y: x + -y
w, x, b = Value(2.0), Value(3.0), Value(-4.0)
print(grad((w * x + b) ** 2, [w, x, b]))

# %% [markdown]
# ## Part 2: tables
#
# ### What is repeated is summed
#
# What is repeated on the way forward is summed on the way back (lesson 4), and the other way round.  So
# `broadcast_to` and `sum_to` are each other's rules.  `sum_to(x, s)` adds up along each axis that the shape s
# does not have, or in which it has length 1:

# %%
broadcast_to = row(np.broadcast_to, lambda g, out, x, shape: sum_to(g, x.shape))
sum_to = row(
    lambda x, s: x.sum(
        tuple(i for i in range(-x.ndim, 0) if -i > len(s) or s[i] == 1)
    ).reshape(s),
    lambda g, out, x, s: broadcast_to(g, x.shape),
)
reshape = row(np.reshape, lambda g, out, x, shape: reshape(g, x.shape))

# %% [markdown]
# The loop changes in two lines.  The output begins with a table of ones, as if all its elements were added
# up.  And if a parent was broadcast, its share is too large, and is summed:

# %%
Value.shape = property(lambda x: x.data.shape)


def pull_back(output):
    cotangents = {output: np.ones(output.shape)}
    for value in reversed(history(output)):
        for parent, vjp in zip(value.args, value.vjps):
            if isinstance(parent, Value):
                share = vjp(cotangents[value], value.data, *value.inputs)
                share = (
                    share
                    if share.shape == parent.shape
                    else sum_to(share, parent.shape)
                )
                cotangents[parent] = cotangents.get(parent, 0.0) + share
    return cotangents


check(lambda x: sum_to(x, (1, 3)), np.ones((2, 3)))
check(lambda x: broadcast_to(x, (2, 3)), np.ones((1, 3)))
check(lambda x: reshape(x, (3, 2)), np.ones((2, 3)))
check(add, np.ones((2, 3)), 1.0)

# %% [markdown]
# In the last check a number meets a table.  It is used six times, so its gradient is a sum of six:

# %%
b = Value(1.0)
print(pull_back(add(np.ones((2, 3)), b))[b])

# %% [markdown]
# ### Matrices
#
# `mT` turns a matrix.  These are the two rules of lesson 4:

# %%
transpose = row(np.matrix_transpose, lambda g, out, x: g.mT)
Value.mT = property(transpose)
matmul = row(
    np.matmul,
    lambda g, out, x, y: g @ y.mT,
    lambda g, out, x, y: x.mT @ g,
)
check(transpose, np.ones((2, 3)))
check(matmul, rng.normal(size=(4, 2)), rng.normal(size=(2, 3)))

# %% [markdown]
# ### Taking a part
#
# `getitem` takes elements out of a table.  `place` is the way back: it puts gradients where they belong,
# into a table of zeros.  The check takes element 0 twice.  So `place` must *add*, which `np.add.at` does:

# %%
getitem = row(lambda x, i: x[i], lambda g, out, x, i: place(g, i, x.shape))
place = row(
    lambda x, i, s: np.add.at(o := np.zeros(s), i, x) or o,
    lambda g, out, x, i, s: g[i],
)
check(lambda x: getitem(x, [0, 0, 2]), np.array([1.0, 2.0, 3.0]))
Value.__matmul__, Value.__getitem__ = matmul, getitem

# %% [markdown]
# ## Part 3: gradients of gradients
#
# All rules are written with signs and operations that work on Values as well.  So give them Values instead of
# numbers.  Then the gradient is a Value too.  It remembers how it was made, and has a gradient itself.  That
# is all that `create_graph=True` changes in the loop.  (The numbers of the forward pass that a rule is given
# are called *primals*.)

# %%
def pull_back(output, create_graph=False):
    cotangents = {
        output: Value(np.ones(output.shape)) if create_graph else np.ones(output.shape)
    }
    for value in reversed(history(output)):
        primals = (value, *value.args) if create_graph else (value.data, *value.inputs)
        for parent, vjp in zip(value.args, value.vjps):
            if isinstance(parent, Value):
                share = vjp(cotangents[value], *primals)
                share = (
                    share
                    if share.shape == parent.shape
                    else sum_to(share, parent.shape)
                )
                cotangents[parent] = (
                    cotangents[parent] + share if parent in cotangents else share
                )
    return cotangents


def grad(output, inputs, create_graph=False):
    cotangents = pull_back(output, create_graph)
    return [cotangents.get(x, np.zeros(x.shape)) for x in inputs]

# %% [markdown]
# The second derivative of x³ is 6x:

# %%
x = Value(2.0)
[first] = grad(x**3, [x], create_graph=True)
[second] = grad(first, [x])
print(first.data, second)

# %% [markdown]
# Here is a drawing of what `create_graph` makes, for y = exp(w · x).  It is drawn by the package, whose
# engine is this one grown up.  The backward pass is a graph of its own, in the grey frame, and goes from
# right to left.  A dashed line joins each value with its gradient.  The thin grey arrows bring the numbers of
# the forward pass that the rules need:

# %%
import tinygrad_mlp as tg
w, x = tg.Value(2.0, label="w"), tg.Value(3.0, label="x")
y = tg.exp(w * x)
y.label = "y"
slopes = tg.grad(y, [w, x], create_graph=True)
tg.save_drawing([y, *slopes], "lesson08.svg", show=("label", "op"))

# %% [markdown]
# The page below walks through y as `pull_back` does: two steps forward, and four back.

# %%
tg.steps(y).save("lesson08_steps.html")

# %% [markdown]
# ## Exercises
#
# Write the rules of these three functions as a function `backward`: it gets the upstream gradient and the
# arguments, and returns the gradient by each.  `tg.exercise_code` makes a file to fill in, and grades
# what you wrote.  The numbers after the function are those that it is tried with.

# %%
def product(x, y):
    return x * y


def quotient(x, y):
    return x / y


def products(x, W):
    return x @ W


tasks = [
    tg.exercise_code(product, 2.0, -3.0),
    tg.exercise_code(quotient, 2.0, -3.0),
    tg.exercise_code(products, rng.normal(size=(2, 3)), rng.normal(size=(3, 2))),
]
for number, task in enumerate(tasks, 1):
    task.save(f"lesson08_task{number}.py")

# %% [markdown]
# The files `lesson08_task1.py` to `lesson08_task3.py` tell the formula and the shapes, and have an empty
# `backward` for you.  A first try at task 2, and what the grade says:

# %%
def backward(upstream, x, y):
    return upstream / y, upstream * x / y**2


print(tasks[1].grade(backward))

# %%
answers = [
    lambda upstream, x, y: (upstream * y, upstream * x),
    lambda upstream, x, y: (upstream / y, -upstream * x / y**2),
    lambda upstream, x, W: (upstream @ W.T, x.T @ upstream),
]
for task, answer in zip(tasks, answers):
    print(task.grade(answer).score)
