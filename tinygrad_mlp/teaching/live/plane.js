// The result over two numbers as a map, with the line on which it changes sides.

function colour(name) {
  const text = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return [1, 3, 5].map((place) => parseInt(text.slice(place, place + 2), 16));
}

function mixed(one, other, share) {
  return one.map((part, place) => Math.round(part + (other[place] - part) * share));
}

/** The two dials of the plane. */
function sides() {
  return [dials[byId("plane-x").value], dials[byId("plane-y").value]];
}

/** The result at the corners of all cells, row by row, from the bottom. */
function sampled([across, up], cells) {
  const resultAt = along(result, [across, up]);
  const at = ([low, high], i) => low + ((high - low) * i) / cells;
  const row = (y) =>
    Array.from({ length: cells + 1 }, (_, i) => numbersIn(resultAt(at(across.range, i), y))[0]);
  return Array.from({ length: cells + 1 }, (_, i) => row(at(up.range, i)));
}

/** The pieces of the line between two sides in a cell, as pairs of points in units of cells. */
function borderIn(corners) {
  const ends = [];
  const edges = [
    [0, 1, (t) => [t, 0]],
    [1, 3, (t) => [1, t]],
    [2, 3, (t) => [t, 1]],
    [0, 2, (t) => [0, t]],
  ];
  for (const [a, b, point] of edges) {
    if (corners[a] > 0 !== corners[b] > 0) ends.push(point(corners[a] / (corners[a] - corners[b])));
  }
  return ends;
}

function drawPlane(cells) {
  const [across, up] = sides();
  const canvas = byId("map");
  const context = canvas.getContext("2d");
  const size = canvas.width;
  const cell = size / cells;
  const heights = sampled([across, up], cells).map((row) => row.map((x) => x - data.level));
  const largest = Math.max(...heights.flat().filter(Number.isFinite).map(Math.abs)) || 1;
  const [page, above, below] = ["--page", "--gradient-ink", "--input-border"].map(colour);
  context.lineWidth = 2;
  context.strokeStyle = `rgb(${colour("--ink")})`;
  const border = new Path2D();
  for (let row = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      const corners = [0, 1, 2, 3].map((c) => heights[row + (c >> 1)][column + (c & 1)]);
      const height = corners.reduce((a, b) => a + b) / 4;
      const share = Number.isFinite(height) ? 0.1 + 0.75 * Math.abs(height / largest) : 0;
      context.fillStyle = `rgb(${mixed(page, height > 0 ? above : below, share)})`;
      const left = column * cell;
      const bottom = size - row * cell;
      context.fillRect(left, bottom - cell, cell + 0.5, cell + 0.5);
      const ends = borderIn(corners);
      for (let n = 0; n + 1 < ends.length; n += 2) {
        border.moveTo(left + ends[n][0] * cell, bottom - ends[n][1] * cell);
        border.lineTo(left + ends[n + 1][0] * cell, bottom - ends[n + 1][1] * cell);
      }
    }
  }
  context.stroke(border);
  mark(context, size, across, up);
  const range = (dial) => `${dial.name} from ${told(dial.range[0])} to ${told(dial.range[1])}`;
  byId("plane-words").textContent =
    `Across ${range(across)}, up ${range(up)}. ${colourWords(heights.flat())} ` +
    `The darker, the further from ${told(data.level)}. A click moves the point.`;
}

/** What the colours say; only of those that are there. */
function colourWords(heights) {
  const level = told(data.level);
  const isAbove = heights.some((height) => height > 0);
  const isBelow = heights.some((height) => height < 0);
  if (isAbove && isBelow) {
    return `In orange ${data.resultName} is more than ${level}, in blue less, and a line parts them.`;
  }
  const side = isAbove ? "nowhere less than" : isBelow ? "nowhere more than" : "nowhere but at";
  return `Here ${data.resultName} is ${side} ${level}.`;
}

/** Shows where the two numbers are now, and the points that were given. */
function mark(context, size, across, up) {
  const share = (dial, x) => (x - dial.range[0]) / (dial.range[1] - dial.range[0]);
  const dot = (x, y, radius, fill) => {
    context.beginPath();
    context.arc(share(across, x) * size, size - share(up, y) * size, radius, 0, 2 * Math.PI);
    context.fillStyle = fill;
    context.fill();
    context.stroke();
  };
  const page = `rgb(${colour("--page")})`;
  context.strokeStyle = `rgb(${colour("--highlight")})`;
  context.lineWidth = 3;
  dot(state[across.of][across.place], state[up.of][up.place], 6, page);
}

function addPlane() {
  if (dials.length < 2) return;
  byId("plane").hidden = false;
  options(byId("plane-x"), 0);
  options(byId("plane-y"), 1);
  const move = (event) => {
    const canvas = byId("map").getBoundingClientRect();
    const shares = [
      (event.clientX - canvas.left) / canvas.width,
      1 - (event.clientY - canvas.top) / canvas.height,
    ];
    const at = ([low, high], share) => low + (high - low) * Math.min(Math.max(share, 0), 1);
    change(sides().map((dial, n) => [dial, at(dial.range, shares[n])]));
  };
  byId("map").addEventListener("pointerdown", (event) => {
    byId("map").setPointerCapture(event.pointerId);
    move(event);
  });
  byId("map").addEventListener("pointermove", (event) => {
    if (event.buttons) move(event);
  });
}
