"""The ``graphviz.Digraph`` that ``draw`` returns; the one module that loads graphviz."""

from __future__ import annotations

import os
import subprocess
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import graphviz

from tinygrad_mlp._support.files import write_whole
from tinygrad_mlp.drawing.builtin.plan import layered_svg
from tinygrad_mlp.drawing.graphviz.programs import (
    FORMATS,
    MAXIMUM_NODES,
    find_program,
    render_source,
)
from tinygrad_mlp.drawing.style import DEFAULT
from tinygrad_mlp.drawing.svg import shown_in_cell
from tinygrad_mlp.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tinygrad_mlp.drawing.style import Style
    from tinygrad_mlp.graphs.graph import Graph


class Drawing(graphviz.Digraph):  # type: ignore[misc]  # graphviz promises no types
    """A Digraph that can be displayed, piped and rendered where no layout program is installed.

    SVG then comes from the built-in writer, in which what was added to the Digraph or changed in
    it does not show.

    Attributes
    ----------
    graph : Graph or None
        What it was drawn from; None for a copy or a subgraph.
    choices : Style
        Direction, parts and colours.
    """

    graph: Graph | None = None
    choices = DEFAULT
    _drawn: Sequence[str] = ()  # the body as it was at first

    def remember(self, graph: Graph, choices: Style) -> None:
        """Note what this was drawn from."""
        self.graph, self.choices, self._drawn = graph, choices, list(self.body)

    def pipe(self, format: str | None = None, **options: Any) -> Any:  # noqa: A002  graphviz' name
        """Return the picture as bytes, or as text in an ``encoding``; as ``Digraph.pipe``."""
        try:
            return super().pipe(format, **options)
        except (graphviz.ExecutableNotFound, OSError, subprocess.CalledProcessError) as error:
            content = self._instead(error, format or self.format)
        encoding = options.get("encoding")
        return content.decode(encoding) if encoding else content

    def render(self, filename: Any = None, directory: Any = None, **options: Any) -> Any:
        """Write the source and the picture, and return the path of that; as ``Digraph.render``."""
        try:
            return super().render(filename, directory=directory, **options)
        except (graphviz.ExecutableNotFound, subprocess.CalledProcessError) as error:
            failed: Exception = error
        except OSError as error:
            # What names a file was about that file, and not about starting the program.
            if error.filename not in (None, graphviz.backend.dot_command.DOT_BINARY):
                raise
            failed = error
        source = Path(self.filepath)  # which is written already
        outfile = options.get("outfile")
        kind = options.get("format") or (Path(outfile).suffix[1:] if outfile else self.format)
        path = Path(outfile) if outfile else source.with_name(f"{source.name}.{kind}")
        content = self._instead(failed, kind)
        write_whole(path, content)
        if options.get("cleanup"):
            source.unlink()
        if options.get("view") or options.get("quiet_view"):
            graphviz.view(path)
        return os.fspath(path)

    def _instead(self, error: Exception, kind: str) -> bytes:
        """Return what can be had without ``dot``; raise its error where that would not show all."""
        failed = isinstance(error, subprocess.CalledProcessError | BrokenPipeError)
        as_drawn = kind == "svg" and self.graph is not None and self.body == self._drawn
        if failed and not as_drawn:
            raise error
        return self._picture(kind)

    def _picture(self, kind: str) -> bytes:
        """Return what can be had without ``dot``, or raise ``RenderError``."""
        if kind in {"dot", "gv"}:
            return str(self.source).encode()
        if kind == "svg":
            return self._repr_image_svg_xml().encode()
        if kind not in FORMATS:
            raise RenderError(
                f"{kind.upper()} needs Graphviz: install it from https://graphviz.org/download, "
                "or take svg, which needs nothing"
            )
        return render_source(self.source, kind, engine=self.engine)

    def _repr_image_svg_xml(self) -> str:
        """Return what ``pipe`` gives, in ``programs.SECONDS``, or else the built-in drawing."""
        if self.graph is None:
            return render_source(self.source, "svg", engine=self.engine).decode()
        if len(self.graph) > MAXIMUM_NODES:
            return layered_svg(self.graph, self.choices)
        try:
            return render_source(self.source, "svg", engine=self.engine).decode()
        except RenderError as error:
            if find_program() is not None:
                told = f"{error}; the built-in layout made this drawing"
                warnings.warn(told, RuntimeWarning, stacklevel=2)
            return layered_svg(self.graph, self.choices)

    def _repr_image_png(self) -> bytes:
        return render_source(self.source, "png", engine=self.engine)

    def _repr_mimebundle_(
        self,
        include: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        **_: Any,
    ) -> dict[str, Any]:
        """Return what a notebook shows: the picture, or a text that tells why there is none."""
        wanted = {"image/svg+xml"} if include is None else set(include)
        wanted -= set(exclude or ())
        makers = {
            "image/svg+xml": lambda: shown_in_cell(self._repr_image_svg_xml()),
            "image/png": self._repr_image_png,
        }
        bundle: dict[str, Any] = {}
        for kind, make in makers.items():
            if kind in wanted:
                try:
                    bundle[kind] = make()
                except Exception as error:  # noqa: BLE001  a notebook shows something, come what may
                    bundle["text/plain"] = f"no drawing: {error}"
        return bundle
