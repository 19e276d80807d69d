"""Pictures of graphs, networks and curves; import from here the functions that ``tg`` offers."""

from tinygrad_mlp.drawing.charts.curves import draw_curves as draw_curves
from tinygrad_mlp.drawing.charts.network import draw_network as draw_network
from tinygrad_mlp.drawing.page.view import view as view
from tinygrad_mlp.drawing.render import draw as draw
from tinygrad_mlp.drawing.render import save_drawing as save_drawing
from tinygrad_mlp.drawing.terminal import tree as tree
