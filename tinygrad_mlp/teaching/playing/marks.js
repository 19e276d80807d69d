// What a step lights in the drawing: its boxes, its edges, and what passes over them.

const onEdges = element("g", { id: "on-edges", "aria-hidden": "true" });
cameraElement.append(onEdges);
document.querySelector("#drawing defs").append(
  ...["back-arrow", "passed-arrow"].map((id) =>
    element(
      "marker",
      {
        id,
        viewBox: "0 0 8 8",
        refX: 7.5,
        refY: 4,
        markerWidth: id === "back-arrow" ? 11 : 8,
        markerHeight: id === "back-arrow" ? 11 : 8,
        markerUnits: "userSpaceOnUse",
        orient: "auto-start-reverse",
      },
      element("path", { d: "M0,0.8L8,4L0,7.2Z" }),
    ),
  ),
);

/** Whether things may move by themselves. */
const moves = () => !matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The lines that each use of an argument runs along, from the argument to its user. */
const piecesByUse = new Map();

function findPieces() {
  piecesByUse.clear();
  for (const line of drawn.lines.keys()) {
    for (const { uses, pieces } of line.edges) {
      for (const { user, argument } of uses) piecesByUse.set(`${user.place}:${argument}`, pieces);
    }
  }
}

function piecesOfUse(user, argument) {
  return piecesByUse.get(`${user}:${argument}`) ?? [];
}

/** Points of the plane along a line, so many parts apart. */
function pointsOn(line, parts) {
  const path = drawn.lines.get(line);
  const [left, top] = originOf(line.level.frame, drawn.picture);
  const length = path.getTotalLength();
  return Array.from({ length: parts + 1 }, (_, place) => {
    const { x, y } = path.getPointAtLength((length * place) / parts);
    return [left + x, top + y];
  });
}

const LOOKS_OF_LINES = ["current", "back", "leaves", "passed"];

/** Marks what the first steps have done, and what the last does; of an asked one no number. */
function mark(count, isAsked) {
  for (const made of drawn.lines.values()) made.classList.remove(...LOOKS_OF_LINES);
  onEdges.replaceChildren();
  findPieces();
  const step = steps[count - 1];
  const before = steps.slice(0, Math.max(0, count - 1)).flatMap(({ parts }) => parts);
  const passed = before.filter((part) => part.user !== undefined);
  for (const [place, part] of passed.entries()) {
    markPassed(part, passed.length - place <= MOST_SHARES);
  }
  const now = step ? thingsOf(step) : new Set();
  for (const [thing, made] of drawn.things) {
    made.classList.toggle("now", now.has(thing));
    made.classList.toggle("waiting", thing.isKnown === false && !now.has(thing));
  }
  if (step) markCurrent(step, isAsked);
}

/** The things that a step is about: what gets a number, and where that comes from. */
function thingsOf(step) {
  const about = step.parts.map((part) => nodes[part.node]);
  const from = step.phase === "backward" ? step.edges.map(([user]) => nodes[user]) : [];
  return new Set([...about, ...from].map(shownFor));
}

/** Of earlier steps there is no number on the edge: they would take long to write. */
const MOST_SHARES = 300;

/** A line that was passed shows where to, and what came over it. */
function markPassed({ user, argument, words }, isTold) {
  const pieces = piecesOfUse(user, argument);
  for (const line of pieces) drawn.lines.get(line).classList.add("passed");
  if (pieces.length === 0) return;
  drawn.lines.get(pieces[0]).classList.add("leaves");
  if (isTold && words && arrives(pieces.at(-1))) {
    const number = words.split(" = ").at(-1);
    // Beside an upright line there is less room.
    const rounded = String(Number(Number(number).toPrecision(3)));
    const shown = drawn.picture.upright ? rounded : number;
    onEdges.append(numberAt(pieces.at(-1), shown, { user: nodes[user], argument }, "share"));
  }
}

function markCurrent(step, isAsked) {
  const isBack = step.phase === "backward";
  for (const [user, argument] of step.edges) {
    const pieces = piecesOfUse(user, argument);
    for (const line of pieces) {
      const made = drawn.lines.get(line);
      made.classList.remove("passed");
      made.classList.add("current", ...(isBack ? ["back"] : []));
      made.parentElement.append(made); // above the others
    }
    if (isBack && pieces.length > 0) drawn.lines.get(pieces[0]).classList.add("leaves");
  }
  const [part] = step.parts;
  if (!isBack || step.parts.length > 1 || !part.words) return;
  const pieces = piecesOfUse(part.user, part.argument);
  const lines = part.words.split(/ (?=[×=])/); // upstream, × local, = contribution
  if (pieces.length > 0) bubble(pieces.at(-1), isAsked ? ["?"] : lines);
}

const BUBBLE_LINE = 15;

/**
 * Words in a frame on a line, where they cover no box if there is such a place; nearer to the
 * beginning of the line, for at its end stand the numbers of others.
 */
function bubble(line, lines) {
  const width = Math.max(...lines.map((words) => textWidth(words))) + 14;
  const height = BUBBLE_LINE * lines.length + 7;
  const boxes = [...drawn.things.keys()].filter((thing) => !thing.isFrame || thing.closed);
  const places = boxes.map((thing) => placeIn(drawn.picture, thing)).filter(Boolean);
  const covers = ([x, y]) => (box) =>
    x + width / 2 > box.x &&
    x - width / 2 < box.x + box.width &&
    y + height / 2 > box.y &&
    y - height / 2 < box.y + box.height;
  const points = pointsOn(line, 20);
  const tried = [8, 7, 9, 6, 10, 5, 11, 4, 12, 13, 14, 15].map((place) => points[place]);
  const [x, y] = tried.find((point) => !places.some(covers(point))) ?? tried[0];
  const top = y - height / 2;
  onEdges.append(
    element("rect", { class: "bubble", x: x - width / 2, y: top, width, height, rx: 6 }),
    ...lines.map((words, place) =>
      textElement(x, top + BUBBLE_LINE * (place + 1), words, "bubble-words"),
    ),
  );
}

/** Lets a dot run along each edge of a step, the way that its numbers go. */
function flow(step) {
  if (!moves()) return;
  for (const [user, argument] of step.edges) {
    const points = piecesOfUse(user, argument).flatMap((line) => pointsOn(line, 12));
    if (points.length === 0) continue;
    if (step.phase === "backward") points.reverse();
    const dot = element("circle", { class: "dot", r: 5 });
    onEdges.prepend(dot);
    const frames = points.map(([x, y]) => ({ transform: `translate(${x}px, ${y}px)` }));
    dot.animate(frames, { duration: 700, easing: "ease-in-out" }).finished.then(
      () => dot.remove(),
      () => dot.remove(),
    );
  }
}

/** Moves as little as it takes to see what a step is about, or at least what gets a number. */
function follow(step) {
  const seen = [...thingsOf(step)].map((thing) => placeIn(drawn.picture, thing)).filter(Boolean);
  const first = placeIn(drawn.picture, shownFor(nodes[step.parts[0].node]));
  if (seen.length === 0 || !first) return;
  const axes = [
    ["x", "width"],
    ["y", "height"],
  ];
  for (const [at, size] of axes) {
    const ends = (places) => [
      Math.min(...places.map((place) => place[at])) * camera.scale + camera[at],
      Math.max(...places.map((place) => place[at] + place[size])) * camera.scale + camera[at],
    ];
    let [from, to] = ends(seen);
    if (to - from > room[size] - 2 * MARGIN) [from, to] = ends([first]);
    if (from >= MARGIN / 2 && to <= room[size] - MARGIN / 2) continue;
    camera[at] += room[size] / 2 - (from + to) / 2;
  }
  aim();
}
