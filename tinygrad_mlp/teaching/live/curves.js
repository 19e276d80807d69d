// The result and its derivative by one number, as curves.

const [WIDTH, HEIGHT, LEFT, FOOT] = [340, 150, 8, 18];

function svgElement(name, attributes, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

/** Where a curve is on the whole: poles are cut off, the present number is inside. */
function heightsOf(ys, now) {
  const sorted = ys.filter(Number.isFinite).sort((a, b) => a - b);
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const ends = [at(0.02), at(0.98), ...(Number.isFinite(now) ? [now] : [])];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const size = Math.max(Math.abs(low), Math.abs(high));
  const isFlat = high - low < 1e-12 * Math.max(size, 1); // what is left is rounding
  const room = isFlat ? Math.max(size * 0.1, 1e-3) : (high - low) * 0.12;
  return [low - room, high + room];
}

function chart(title, kind, xs, ys, x, y) {
  const svg = svgElement("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: kind, role: "img" });
  svg.append(svgElement("title", {}, title));
  const [low, high] = heightsOf(ys, y);
  const right = WIDTH - LEFT;
  const top = 20;
  const bottom = HEIGHT - FOOT;
  const first = xs[0];
  const across = (v) => LEFT + ((v - first) / (xs[xs.length - 1] - first)) * (right - LEFT);
  const up = (v) => bottom - ((v - low) / (high - low)) * (bottom - top);
  const line = (kind_, x1, y1, x2, y2) => svgElement("line", { class: kind_, x1, y1, x2, y2 });
  const label = (at, height, anchor, text) =>
    svg.append(svgElement("text", { x: at, y: height, "text-anchor": anchor }, text));
  svg.append(line("axis", LEFT, bottom, right, bottom), line("axis", LEFT, top, right, top));
  if (low < 0 && high > 0) svg.append(line("axis", LEFT, up(0), right, up(0)));
  const isInside = (height) => height >= low && height <= high;
  let path = "";
  let drawn = false;
  xs.forEach((v, place) => {
    const inside = isInside(ys[place]);
    if (inside) path += `${drawn ? "L" : "M"}${across(v).toFixed(1)},${up(ys[place]).toFixed(1)}`;
    drawn = inside;
  });
  svg.append(svgElement("path", { d: path }));
  if (x >= first && x <= xs[xs.length - 1]) {
    svg.append(line("now", across(x), top, across(x), bottom));
    if (Number.isFinite(y)) svg.append(svgElement("circle", { cx: across(x), cy: up(y), r: 4.5 }));
  }
  label(LEFT, 13, "start", title);
  const reached = [...ys, y].filter(isInside); // not the room around it: no square is below zero
  if (reached.length) {
    label(right, 13, "end", `${told(Math.min(...reached), 3)} … ${told(Math.max(...reached), 3)}`);
  }
  label(LEFT, HEIGHT - 4, "start", told(first, 3));
  label(right, HEIGHT - 4, "end", told(xs[xs.length - 1], 3));
  return svg;
}

function drawCurves(found, points) {
  const dial = dials[byId("curve-by").value];
  const [low, high] = dial.range;
  const xs = Array.from({ length: points }, (_, i) => low + ((high - low) * i) / (points - 1));
  const at = along(everything, [dial]);
  const all = xs.map((x) => at(x));
  const resultIn = (one) => numbersIn(one.values[data.result])[0];
  const x = state[dial.of][dial.place];
  byId("charts").replaceChildren(
    chart(data.resultName, "value", xs, all.map(resultIn), x, resultIn(found)),
    chart(
      `∂${data.resultName}/∂${dial.name}`,
      "slope",
      xs,
      all.map((one) => slopeOf(dial, one)),
      x,
      slopeOf(dial, found),
    ),
  );
}
