"""The ``graphviz.Digraph`` that ``draw`` returns; the one module that loads graphviz."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import graphviz

from tinygrad_mlp.drawing.layered import check_size, layered_svg
from tinygrad_mlp.drawing.render import render_source
from tinygrad_mlp.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tinygrad_mlp.graph import Graph


class Drawing(graphviz.Digraph):  # type: ignore[misc]  # graphviz promises no types
    """A Digraph that notebooks can display even where no layout program is installed.

    Without one, what was added to it or changed in it does not show.

    Attributes
    ----------
    graph : Graph or None
        What it was drawn from; None for a copy or a subgraph.
    """

    graph: Graph | None = None
    direction = "LR"
    show: tuple[str, ...] = ()

    def _repr_image_svg_xml(self) -> str:
        if self.graph is None:
            return render_source(self.source, "svg").decode()
        check_size(self.graph)
        try:
            return render_source(self.source, "svg").decode()
        except RenderError:
            return layered_svg(self.graph, direction=self.direction, show=self.show)

    def _repr_image_png(self) -> bytes:
        return render_source(self.source, "png")

    def _repr_mimebundle_(
        self,
        include: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        **_: Any,
    ) -> dict[str, Any]:
        """Return what a notebook shows: the picture, or a text that tells why there is none."""
        wanted = {"image/svg+xml"} if include is None else set(include)
        wanted -= set(exclude or ())
        makers = {"image/svg+xml": self._repr_image_svg_xml, "image/png": self._repr_image_png}
        bundle: dict[str, Any] = {}
        for kind, make in makers.items():
            if kind in wanted:
                try:
                    bundle[kind] = make()
                except RenderError as error:
                    bundle["text/plain"] = f"no drawing: {error}"
        return bundle
