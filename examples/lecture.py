"""From ten lines to a lecture: slide, steps, live page, equations, thirty sheets with keys."""

import tinygrad_mlp as tg

# %% Your expression


def loss(w, x, b, y):
    """The squared error of a straight line at one point: the only thing to change."""
    return tg.square(w * x + b - y)


start = {"w": 2.0, "x": 3.0, "b": -4.0, "y": 1.0}
L = loss(*(tg.Value(number, label=name) for name, number in start.items()))
L.label = "L"
L.backward()
tg.save_drawing(L, "slide.svg", page="slide", show=["label", "op", "value", "grad", "local"])
tg.steps(L).save("steps.html")
tg.save_page(loss, "live.html", inputs=start)
tg.exercise(L, variants=30, title="Backpropagation, week 3").save("sheets")
print(tg.source(loss, *start.values(), wrt=("w", "b"), target="latex", numbers=True))
