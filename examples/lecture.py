"""From ten lines to a lecture: slide, steps, live page, equations, thirty sheets with keys."""

from pathlib import Path

import tinygrad_mlp as tg

# %% Your expression


def loss(w, x, b, y):
    """The squared error of a straight line at one point: the only thing to change."""
    p = w * x
    s = p + b
    d = s - y
    p.label, s.label, d.label = "p", "s", "d"  # so slide, pages, sheets and equations say the same
    return tg.square(d)


# %% All that you hand out, in the folder in which you start this

start = {"w": 2.0, "x": 3.0, "b": -4.0, "y": 1.0}
L = loss(*(tg.Value(number, label=name) for name, number in start.items()))
L.label = "L"
L.backward()
everything = ["label", "op", "value", "grad", "local"]
tg.save_drawing(L, "slide.svg", page="slide", compact=True, show=everything)
tg.steps(L).save("steps.html")
tg.save_page(loss, "live.html", inputs=start)
tg.exercise(L, variants=30, title="Backpropagation, week 3").save("sheets")
equations = tg.source(loss, *start.values(), wrt=("w", "b"), target="latex", numbers=True)
Path("equations.tex").write_text(equations, encoding="utf-8")
print(equations)
