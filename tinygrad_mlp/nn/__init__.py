"""The multilayer perceptron; from here come the layers, the network of them, and its training."""

from tinygrad_mlp.nn.callbacks import EarlyStopping as EarlyStopping
from tinygrad_mlp.nn.callbacks import Progress as Progress
from tinygrad_mlp.nn.dropout import Dropout as Dropout
from tinygrad_mlp.nn.layer import Layer as Layer
from tinygrad_mlp.nn.layers import ActivationLayer as ActivationLayer
from tinygrad_mlp.nn.layers import FullyConnectedLayer as FullyConnectedLayer
from tinygrad_mlp.nn.network import Network as Network
from tinygrad_mlp.nn.normalization import BatchNorm as BatchNorm
from tinygrad_mlp.nn.normalization import LayerNorm as LayerNorm
from tinygrad_mlp.nn.residual import Residual as Residual
from tinygrad_mlp.nn.training_pass import TrainingPass as TrainingPass
