// What is known after some steps. The nodes themselves are told it, so all of the page, its panel
// and its text too, knows no more than the lesson has shown.

const { steps } = page;

/** What nodes and frames will say in the end. */
const atLast = new Map(
  [...nodes, ...frames].map((thing) => [
    thing,
    {
      value: thing.value ?? [],
      gradient: thing.gradient ?? [],
      whole_value: thing.whole_value,
      edges: thing.edges ?? [],
      lines: thing.lines ?? [],
    },
  ]),
);

// Boxes have the sizes that their fullest words need, and keep them.
for (const thing of atLast.keys()) for (const upright of [false, true]) sizeOf(thing, upright);

const resultsIn = new Map(
  frames.map((frame) => [
    frame,
    nodes.filter((node) => node.arguments.length > 0 && framesAround(node).includes(frame)),
  ]),
);

const blank = (lines) => lines.map(() => "");

/** Lets everything know what the first steps have found. */
function know(count) {
  const before = new Map([...atLast.keys()].map((thing) => [thing, saidBy(thing)]));
  for (const node of nodes) forget(node);
  for (const step of steps.slice(0, count)) for (const part of step.parts) learn(part);
  const isOver = outputs.every((output) => output.isKnown);
  for (const frame of frames) {
    const { lines } = atLast.get(frame);
    frame.isKnown = resultsIn.get(frame).some((node) => node.isKnown);
    frame.lines = isOver ? lines : lines.map((line) => (line.includes(" = ") ? "" : line));
  }
  for (const [thing, words] of before) if (saidBy(thing) !== words) repaint(thing);
}

function saidBy({ isKnown, value, gradient, lines }) {
  return JSON.stringify([isKnown, value, gradient, lines]);
}

/** A leaf knows its value before the first step, and nothing else knows anything. */
function forget(node) {
  const last = atLast.get(node);
  node.isKnown = node.arguments.length === 0;
  node.value = node.isKnown ? last.value : blank(last.value);
  node.whole_value = node.isKnown ? last.whole_value : "not computed yet";
  node.gradient = blank(last.gradient);
  node.whole_gradient = node.role === "constant" ? undefined : "none yet";
  node.edges = last.edges.map(() => []);
}

function learn({ node: place, gradient, whole, user, argument, words }) {
  const node = nodes[place];
  const { value, whole_value, gradient: room } = atLast.get(node);
  if (!gradient) Object.assign(node, { isKnown: true, value, whole_value });
  else {
    node.gradient = [...gradient, ...blank(room)].slice(0, room.length);
    node.whole_gradient = whole;
  }
  if (user === undefined) return;
  const [local, formula] = atLast.get(nodes[user]).edges[argument] ?? [];
  nodes[user].edges[argument] = [local, words ?? formula].filter(Boolean);
}

/** Writes anew what stands in a box that is seen. */
function repaint(thing) {
  const made = drawn.things.get(thing);
  if (!made) return;
  made.setAttribute("aria-label", described(thing));
  if (drawn.empty.has(thing) || !made.classList.contains("box")) return;
  const plate = made.firstElementChild;
  made.replaceChildren(plate, ...boxContents(thing, sizeOf(thing, drawn.upright)));
}
