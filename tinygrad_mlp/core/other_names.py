"""Names that micrograd, PyTorch, JAX and NumPy have for what is called otherwise here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Never

import numpy as np

from tinygrad_mlp.core.functions import counterpart


class Elsewhere:
    """A name that others use for what has another one here; it says which.

    A ``__getattr__`` would say the same, and make every attribute of every Value slow.
    """

    def __init__(self, advice: str) -> None:
        self.advice = advice

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

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

    if not TYPE_CHECKING:  # for a type checker, these names would exist
        gradient = Elsewhere("value.grad")
        derivative = Elsewhere("value.grad")
        value = Elsewhere("value.data")
        name = Elsewhere("value.label")
        length = Elsewhere("value.size")

        # micrograd and autograd
        _prev = Elsewhere("value.args")
        _children = Elsewhere("value.args")
        _op = Elsewhere("value.op")
        _backward = Elsewhere("value.op (its vjps are the rules)")
        _value = Elsewhere("value.data")

        # PyTorch's graph
        detach = Elsewhere("tg.stop_gradient(value)")
        detach_ = Elsewhere("tg.stop_gradient(value)")
        requires_grad = Elsewhere("tg.stop_gradient(value) (all others have a gradient)")
        requires_grad_ = Elsewhere("value.grad (every Value has one)")
        retain_grad = Elsewhere("value.grad (backward() keeps it)")
        grad_fn = Elsewhere("value.op")
        is_leaf = Elsewhere("value.op is None")
        zero_grad = Elsewhere("tg.zero_grad(value)")
        clone = Elsewhere("value.copy()")

        # PyTorch's types, shapes and places
        float = Elsewhere('value.astype("float32")')
        double = Elsewhere('value.astype("float64")')
        half = Elsewhere('value.astype("float16")')
        long = Elsewhere("value.astype(int)")
        int = Elsewhere("value.astype(int)")
        bool = Elsewhere("value.astype(bool)")
        to = Elsewhere('value.astype("float32")')
        cpu = Elsewhere("value.numpy() (all is on the CPU)")
        cuda = Elsewhere("value (all is on the CPU)")
        device = Elsewhere("value (all is on the CPU)")
        numel = Elsewhere("value.size")
        dim = Elsewhere("value.ndim")
        t = Elsewhere("value.T")
        permute = Elsewhere("value.transpose(1, 0)")
        view = Elsewhere("value.reshape")
        contiguous = Elsewhere("value (reshape takes any order in memory)")
        unsqueeze = Elsewhere("tg.expand_dims(value, 0)")
        expand = Elsewhere("tg.broadcast_to(value, shape)")

        # PyTorch's functions
        add = Elsewhere("value + other")
        sub = Elsewhere("value - other")
        mul = Elsewhere("value * other")
        div = Elsewhere("value / other")
        neg = Elsewhere("-value")
        pow = Elsewhere("value ** exponent")
        matmul = Elsewhere("value @ other")
        mm = Elsewhere("value @ other")
        bmm = Elsewhere("value @ other")
        mv = Elsewhere("value @ other")
        abs = Elsewhere("abs(value)")
        sign = Elsewhere("tg.sign(value)")
        floor = Elsewhere("tg.floor(value)")
        clamp = Elsewhere("value.clip(0.0, 1.0)")
        log_softmax = Elsewhere("tg.log_softmax(value)")
        logsumexp = Elsewhere("tg.logsumexp(value)")
        eq = Elsewhere("np.equal(value, other)")
        ne = Elsewhere("np.not_equal(value, other)")
        lt = Elsewhere("value < other")
        le = Elsewhere("value <= other")
        gt = Elsewhere("value > other")
        ge = Elsewhere("value >= other")
        gather = Elsewhere("value[index]")
        index_select = Elsewhere("value.take(index, axis)")
        masked_fill = Elsewhere("tg.where(mask, 0.0, value)")
        chunk = Elsewhere("tg.array_split(value, 2)")
        split = Elsewhere("tg.array_split(value, 2)")
        unbind = Elsewhere("tuple(value)")

        # Writing into an array
        add_ = Elsewhere("value.data += number")
        sub_ = Elsewhere("value.data -= number")
        mul_ = Elsewhere("value.data *= number")
        copy_ = Elsewhere("value.data[...] = number")
        fill_ = Elsewhere("value.data[...] = number")
        zero_ = Elsewhere("value.data[...] = 0.0")
        fill = Elsewhere("value.data[...] = number")
        sort = Elsewhere("tg.sort(value)")
        at = Elsewhere("tg.where(mask, 0.0, value)")

        # NumPy's memory
        flat = Elsewhere("value.ravel()")
        flags = Elsewhere("value.numpy().flags")
        strides = Elsewhere("value.numpy().strides")
        tobytes = Elsewhere("value.numpy().tobytes()")


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
_ADVICE = {name: advice for advice, names in _OF_PACKAGES.items() for name in names.split()}


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
