"""Names that micrograd, PyTorch, JAX and NumPy have for what is called otherwise here."""

from __future__ import annotations

from typing import Any, Never

import numpy as np

from tinygrad_mlp.core.functions import counterpart

#: What to write instead, and for which attributes of a Value elsewhere.
_OF_VALUES = {
    "value.grad": "gradient derivative",
    "value.data": "value _value",
    "value.label": "name",
    "value.size": "length numel",
    # micrograd and autograd
    "value.args": "_prev _children",
    "value.op": "_op grad_fn",
    "value.op (its vjps are the rules)": "_backward",
    # PyTorch's graph
    "tg.stop_gradient(value)": "detach detach_",
    "tg.stop_gradient(value) (all others have a gradient)": "requires_grad",
    "value.grad (every Value has one)": "requires_grad_",
    "value.grad (backward() keeps it)": "retain_grad",
    "value.op is None": "is_leaf",
    "tg.zero_grad(value)": "zero_grad",
    "value.copy()": "clone",
    # PyTorch's types, shapes and places
    'value.astype("float32")': "float to",
    'value.astype("float64")': "double",
    'value.astype("float16")': "half",
    "value.astype(int)": "long int",
    "value.astype(bool)": "bool",
    "value.numpy() (all is on the CPU)": "cpu",
    "value (all is on the CPU)": "cuda device",
    "value.ndim": "dim",
    "value.T": "t",
    "value.transpose(1, 0)": "permute",
    "value.reshape": "view",
    "value (reshape takes any order in memory)": "contiguous",
    "tg.expand_dims(value, 0)": "unsqueeze",
    "tg.broadcast_to(value, shape)": "expand",
    # PyTorch's functions
    "value + other": "add",
    "value - other": "sub",
    "value * other": "mul",
    "value / other": "div",
    "-value": "neg",
    "value ** exponent": "pow",
    "value @ other": "matmul mm bmm mv",
    "abs(value)": "abs",
    "tg.sign(value)": "sign",
    "tg.floor(value)": "floor",
    "value.clip(0.0, 1.0)": "clamp",
    "tg.log_softmax(value)": "log_softmax",
    "tg.logsumexp(value)": "logsumexp",
    "np.equal(value, other)": "eq",
    "np.not_equal(value, other)": "ne",
    "value < other": "lt",
    "value <= other": "le",
    "value > other": "gt",
    "value >= other": "ge",
    "value[index]": "gather",
    "value.take(index, axis)": "index_select",
    "tg.where(mask, 0.0, value)": "masked_fill at",
    "tg.array_split(value, 2)": "chunk split",
    "tuple(value)": "unbind",
    # Writing into an array
    "value.data += number": "add_",
    "value.data -= number": "sub_",
    "value.data *= number": "mul_",
    "value.data[...] = number": "copy_ fill_ fill",
    "value.data[...] = 0.0": "zero_",
    "tg.sort(value)": "sort partition",
    # NumPy's methods
    "np.argsort(value)": "argpartition",
    "tg.choose(value.astype(int), choices)": "choose",
    "tg.compress(condition, value)": "compress",
    "np.searchsorted(value.ravel(), number)": "searchsorted",
    "tg.where(mask, number, value)": "put",
    # NumPy's memory
    "value.ravel()": "flat",
    "value.numpy().flags": "flags",
    "value.numpy().strides": "strides",
    "value.numpy().tobytes()": "tobytes",
}


def by_name(table: dict[str, str]) -> dict[str, str]:
    """Return a table of advice, and the names that it is for, as one of names.

    >>> by_name({"tg.clip": "clamp clip_by_value"})
    {'clamp': 'tg.clip', 'clip_by_value': 'tg.clip'}
    """
    return {name: advice for advice, names in table.items() for name in names.split()}


class Elsewhere:
    """A name that others use for what has another one here; it says which.

    A ``__getattr__`` would say the same, and make every attribute of every Value slow.
    """

    def __init__(self, name: str, advice: str) -> None:
        self.name = name
        self.advice = advice

    def __get__(self, instance: Any, owner: type) -> Never:
        raise AttributeError(
            f"a Value has no attribute {self.name!r}; did you mean {self.advice}?",
            name=self.name,
            obj=instance,
        )

    def __set__(self, instance: Any, new: Any) -> Never:
        self.__get__(instance, type(instance))


class OtherNames:
    """The attributes of a Value that only others have."""

    __slots__ = ()


for _name, _advice in by_name(_OF_VALUES).items():
    setattr(OtherNames, _name, Elsewhere(_name, _advice))


#: What to write instead, and for which names of a package.
_OF_PACKAGES = {
    "tg.Value": "Tensor Variable Parameter tensor as_tensor from_numpy asarray",
    "tg.Value(np.zeros(shape))": "zeros zeros_",
    "tg.Value(np.ones(shape))": "ones ones_",
    "tg.Value(rng.normal(size=shape))": "randn normal",
    "tg.Value(rng.random(shape))": "rand uniform",
    "np.random.default_rng(seed)": "manual_seed PRNGKey random",
    "tg.grad": "autograd multigrad",
    "tg.no_grad": "enable_grad set_grad_enabled inference_mode",
    "tg.stop_gradient": "detach",
    "tg.jacobian": "jacfwd jacrev",
    "tg.hvp": "hessian_vector_product",
    "tg.vjp": "make_vjp",
    "tg.jvp": "make_jvp",
    "tg.gradcheck": "check_grads check_grad",
    "tg.operation": "primitive defvjp custom_jvp custom_gradient Function",
    "tg.compile": "jit njit",
    "tg.source": "make_jaxpr",
    "tg.draw": "make_dot draw_dot",
    "np (its functions take Values)": "numpy lax",
    "None": "newaxis",
    "tg.subtract": "sub",
    "tg.multiply": "mul",
    "tg.divide": "div",
    "tg.negative": "neg",
    "tg.matmul": "mm bmm mv",
    "tg.clip": "clamp",
    "tg.concatenate": "cat",
    "tg.expand_dims": "unsqueeze",
    "tg.transpose": "permute",
    "tg.softmax_cross_entropy": "cross_entropy CrossEntropyLoss",
    "tg.mse": "mse_loss MSELoss",
    "tg.Network": "Sequential MLP",
    "tg.FullyConnectedLayer": "Linear Dense",
    "tg.Layer": "Module",
    "tg.BatchNorm": "BatchNorm1d",
    "tg.optimizers": "optim optimizer",
    "tg.optimizers.SGD": "SGD",
    "tg.optimizers.Adam": "Adam",
}
_ADVICE = by_name(_OF_PACKAGES)


def advice_of_package(name: str) -> str:
    """Return what to write instead of ``tg.name``, or nothing.

    Examples
    --------
    >>> advice_of_package("jit"), advice_of_package("argmax"), advice_of_package("absolute")
    ('tg.compile', 'np.argmax', 'tg.abs')
    """
    numpys = vars(np).get(name)
    if name in _ADVICE or name.startswith("_") or numpys is None:
        return _ADVICE.get(name, "")
    ours = counterpart(numpys) if hasattr(numpys, "__name__") else None
    return f"np.{name}" if ours is None else f"tg.{ours.__name__}"
