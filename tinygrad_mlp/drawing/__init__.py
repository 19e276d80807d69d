"""Pictures: computation graphs as DOT, SVG, PNG and PDF, learning curves, networks."""

from tinygrad_mlp.drawing.charts.curves import line_chart_svg as line_chart_svg
from tinygrad_mlp.drawing.charts.network import draw_network as draw_network
from tinygrad_mlp.drawing.charts.network import network_svg as network_svg
from tinygrad_mlp.drawing.graphviz.dot import to_digraph as to_digraph
from tinygrad_mlp.drawing.graphviz.dot import to_dot as to_dot
from tinygrad_mlp.drawing.render import draw as draw
from tinygrad_mlp.drawing.render import render_svg as render_svg
from tinygrad_mlp.drawing.render import save_drawing as save_drawing
from tinygrad_mlp.drawing.terminal import tree as tree
