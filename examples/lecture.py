"""From ten lines to a lecture: slide, steps, live page, thirty sheets with keys, equations."""

import json
from pathlib import Path

import tinygrad_mlp as tg

# %% Your expression


def loss(w, x, b, y):
    """The squared error of a straight line at one point: the only thing to change."""
    p = w * x
    n = p + b
    e = n - y
    p.label, n.label, e.label = "p", "n", "e"  # their names on the slide and in the steps
    return tg.square(e)


start = {"w": 2.0, "x": 3.0, "b": -4.0, "y": 1.0}
w, x, b, y = (tg.Value(number, label=name) for name, number in start.items())
L = loss(w, x, b, y)
L.label = "L"
L.backward()

# %% The slide, the steps, the live page, the equations

folder = Path("lecture")
(folder / "sheets").mkdir(parents=True, exist_ok=True)
everything = ("label", "op", "value", "grad", "local")
tg.save_drawing(L, folder / "slide.svg", show=everything, page="slide")
tg.steps(L).save(folder / "steps.html")
tg.steps(L).save(folder / "frames")
tg.save_page(loss, folder / "live.html", inputs=start)
equations = tg.source(loss, *start.values(), wrt=("w", "b"), target="latex", numbers=True)
(folder / "equations.tex").write_text(equations, encoding="utf-8")

# %% Thirty sheets, with keys and solutions

sheets = tg.exercise(L, seed=2026, variants=30, title="Backpropagation, week 3")
for sheet in sheets:
    sheet.save(folder / "sheets" / f"sheet{sheet.number:02}.svg")
    sheet.save(folder / "sheets" / f"sheet{sheet.number:02}.html")
keys = {sheet.number: sheet.key for sheet in sheets}
(folder / "keys.json").write_text(json.dumps(keys, indent=1), encoding="utf-8")
(folder / "solutions.txt").write_text("\n\n".join(sheet.solution for sheet in sheets), "utf-8")

# %% What there is now

print(tg.why(L, w).chain())
print("in the folder", folder, "are", *sorted(path.name for path in folder.iterdir()))
print("sheet 1 has the key", sheets[0].key)
answers = {**sheets[0].key, 1: -sheets[0].key[1]}
grade = sheets[0].grade(answers)
print("and with one wrong sign it is worth", grade.score, "of", grade.total, "points")
