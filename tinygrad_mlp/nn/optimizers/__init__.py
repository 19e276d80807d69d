r"""Optimizers: how gradients become moves, each as a pair of pure functions.

``init(parameters)`` gives the state to begin with; ``update(gradients, state, parameters, rate)``
gives what to subtract from each parameter, and the next state.  Nothing is changed in place, and
arrays and Values are taken alike, so an update can be compiled, checked and tested by itself.
Every entry of a state is a scalar, or a list with one array for each parameter.
"""

from tinygrad_mlp.nn.optimizers.adam import Adam as Adam
from tinygrad_mlp.nn.optimizers.adam import AdamW as AdamW
from tinygrad_mlp.nn.optimizers.combining import Chain as Chain
from tinygrad_mlp.nn.optimizers.combining import ClipByNorm as ClipByNorm
from tinygrad_mlp.nn.optimizers.combining import ClipByValue as ClipByValue
from tinygrad_mlp.nn.optimizers.combining import chain as chain
from tinygrad_mlp.nn.optimizers.optimizer import Optimizer as Optimizer
from tinygrad_mlp.nn.optimizers.rules import SGD as SGD
from tinygrad_mlp.nn.optimizers.rules import Adagrad as Adagrad
from tinygrad_mlp.nn.optimizers.rules import RMSProp as RMSProp
