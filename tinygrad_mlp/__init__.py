"""Autodiff that one can see through: computational graphs and a multilayer perceptron on NumPy."""

__version__ = "0.1.0"

from tinygrad_mlp.engine import OPS as OPS
from tinygrad_mlp.engine import Op as Op
from tinygrad_mlp.engine import Value as Value
from tinygrad_mlp.engine import grad as grad
from tinygrad_mlp.engine import history as history
from tinygrad_mlp.engine import no_grad as no_grad
from tinygrad_mlp.engine import scope as scope
from tinygrad_mlp.engine import zero_grad as zero_grad
from tinygrad_mlp.ops import *
from tinygrad_mlp.nn import ActivationLayer as ActivationLayer
from tinygrad_mlp.nn import FullyConnectedLayer as FullyConnectedLayer
from tinygrad_mlp.nn import Layer as Layer
from tinygrad_mlp.nn import Network as Network
