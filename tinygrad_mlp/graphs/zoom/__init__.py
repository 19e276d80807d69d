"""From tensors down to single numbers, one scalar operation at a time; import ``expand``."""

from tinygrad_mlp.graphs.zoom.expansion import expand as expand
