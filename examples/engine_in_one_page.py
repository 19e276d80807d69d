"""Reverse-mode differentiation on one page: tensors, broadcasting, derivatives of any order."""
import numpy as np

def row(forward, *vjps):
    """Return a function that computes and, where an argument is a Value, remembers."""
    def call(*args):
        inputs = [x.data if isinstance(x, Value) else x for x in args]
        result = Value(forward(*inputs), vjps, args, inputs)
        return result if Value in map(type, args) else result.data
    return call

# The table: a function, and for each argument the rule (vjp) that takes the cotangent g back.
add = row(np.add, lambda g, out, x, y: g, lambda g, out, x, y: g)
multiply = row(np.multiply, lambda g, out, x, y: g * y, lambda g, out, x, y: g * x)
divide = row(np.divide, lambda g, out, x, y: g / y, lambda g, out, x, y: -g * (out / y))
power = row(pow, lambda g, out, x, y: g * (y * x**(y - 1)), lambda g, out, x, y: g * (out * log(x)))
exp = row(np.exp, lambda g, out, x: g * out)
log = row(np.log, lambda g, out, x: g / x)
tanh = row(np.tanh, lambda g, out, x: g * tanh_slope(x))
tanh_slope = row(lambda x: 4 * np.exp(-2 * abs(x)) / np.square(1 + np.exp(-2 * abs(x))),
                 lambda g, out, x: g * (-2 * tanh(x) * out))
matmul = row(np.matmul, lambda g, out, x, y: g @ y.mT, lambda g, out, x, y: x.mT @ g)
transpose = row(np.matrix_transpose, lambda g, out, x: g.mT)
reshape = row(np.reshape, lambda g, out, x, shape: reshape(g, x.shape))
broadcast_to = row(np.broadcast_to, lambda g, out, x, shape: sum_to(g, x.shape))
sum_to = row(
    lambda x, s: x.sum(tuple(i for i in range(-x.ndim, 0) if -i > len(s) or s[i] == 1)).reshape(s),
    lambda g, out, x, s: broadcast_to(g, x.shape))
getitem = row(lambda x, i: x[i], lambda g, out, x, i: place(g, i, x.shape))
place = row(lambda x, i, s: np.add.at(o := np.zeros(s), i, x) or o, lambda g, out, x, i, s: g[i])

class Value:
    """A number or an array, and what it was made from."""
    grad, births = None, iter(range(2**63))
    __array_ufunc__ = None  # so that array + value asks the value
    def __init__(self, data, vjps=(), args=(), inputs=()):
        self.data, self.birth = np.asarray(data, float)[()], next(Value.births)
        self.vjps, self.args, self.inputs = vjps, args, inputs

    __add__, __radd__, __mul__, __rmul__ = add, add, multiply, multiply
    __truediv__, __pow__, __matmul__, __getitem__ = divide, power, matmul, getitem
    __rtruediv__, __rpow__ = lambda x, y: divide(y, x), lambda x, y: power(y, x)
    __rmatmul__, __neg__ = lambda x, y: matmul(y, x), lambda x: x * -1
    __sub__, __rsub__ = lambda x, y: x + -y, lambda x, y: y + -x
    reshape, mT, shape = reshape, property(transpose), property(lambda x: x.data.shape)

    def sum(self, axis=None, keepdims=False):
        kept, shape = (self.data.sum(axis, keepdims=k).shape for k in (True, keepdims))
        return sum_to(self, kept).reshape(shape)

    def backward(self):
        for value, g in pull_back(self).items():  # leaves gather, all others start afresh
            value.grad = g if value.args or value.grad is None else value.grad + g

def history(output):
    """Return all that the output was made from, and itself, parents before children."""
    found, layer = {output}, {output}
    while layer := {x for value in layer for x in value.args if isinstance(x, Value)} - found:
        found |= layer
    return sorted(found, key=lambda value: value.birth)

def pull_back(output, create_graph=False):
    """Return the cotangent of each value: the derivative of the output by it."""
    cotangents = {output: Value(np.ones(output.shape)) if create_graph else np.ones(output.shape)}
    for value in reversed(history(output)):  # children come first: the cotangent is complete
        primals = (value, *value.args) if create_graph else (value.data, *value.inputs)
        for parent, vjp in zip(value.args, value.vjps):
            if isinstance(parent, Value):
                share = vjp(cotangents[value], *primals)
                share = share if share.shape == parent.shape else sum_to(share, parent.shape)
                cotangents[parent] = cotangents[parent] + share if parent in cotangents else share
    return cotangents

def grad(output, inputs, create_graph=False):
    """Return the derivatives of a scalar; as Values, if they shall be differentiated again."""
    cotangents = pull_back(output, create_graph)
    return [cotangents.get(x, np.zeros(x.shape)) for x in inputs]

if __name__ == "__main__":
    print(grad((x := Value(3.0)) * x, [x]))
