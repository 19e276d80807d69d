"""The multilayer perceptron; from here come the layers and the network of them."""

from tinygrad_mlp.nn.layer import Layer as Layer
from tinygrad_mlp.nn.layers import ActivationLayer as ActivationLayer
from tinygrad_mlp.nn.layers import FullyConnectedLayer as FullyConnectedLayer
from tinygrad_mlp.nn.network import Network as Network
