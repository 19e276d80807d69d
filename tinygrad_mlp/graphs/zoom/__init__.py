"""From tensors down to single numbers: the same computation, one scalar operation at a time."""

from tinygrad_mlp.graphs.zoom.expansion import expand as expand
