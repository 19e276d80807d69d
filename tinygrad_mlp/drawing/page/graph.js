// The graph of this page, and what is seen of it: what is folded, and what stands for what.
//
// A thing is what can be drawn: a node, or a frame. Both know the frame around them (`around`).

const page = JSON.parse(document.getElementById("data").textContent);
const { nodes, frames } = page;

for (const [place, frame] of frames.entries()) {
  frame.key = `f${place}`;
  frame.isFrame = true;
  frame.around = frame.parent === null ? null : frames[frame.parent];
  frame.place = -1; // that of its last result: what feeds a frame is older, what uses it younger
}

for (const [place, node] of nodes.entries()) {
  node.key = `n${place}`;
  node.place = place;
  node.around = node.frame === undefined ? null : frames[node.frame];
  node.uses = []; // { user, argument }: which argument of whom it is
  node.arguments = (node.arguments ?? []).map((argument) => nodes[argument]);
  for (const [argument, source] of node.arguments.entries()) {
    source.uses.push({ user: node, argument });
  }
  if (node.arguments.length > 0) {
    for (const frame of framesAround(node)) frame.place = place;
  }
}

const outputs = page.outputs.map((place) => nodes[place]);

/** The frames around a thing, the innermost first. */
function framesAround(thing) {
  const found = [];
  for (let frame = thing.around; frame; frame = frame.around) found.push(frame);
  return found;
}

/** What stands for a thing in the drawing: the outermost folded frame around it, or itself. */
function shownFor(thing) {
  let shown = thing;
  for (const frame of framesAround(thing)) if (frame.closed) shown = frame;
  return shown;
}

/** Opens every frame around a thing, so that it is seen; returns whether any was folded. */
function reveal(thing) {
  const closed = framesAround(thing).filter((frame) => frame.closed);
  for (const frame of closed) frame.closed = false;
  return closed.length > 0;
}

/** What comes back on an edge, in words: the local derivative and a product, or a formula. */
function contributionOf({ user, argument }) {
  return user.edges?.[argument] ?? [];
}

/** Whether words are upstream × local = contribution, and no formula. */
function isProduct(words) {
  return words?.includes(" = ") && words.includes(" × ");
}

/** What a screen reader and the panel call a node or a frame. */
function nameOf(thing) {
  return thing.isFrame ? thing.whole_name : thing.name;
}

/**
 * What is seen now: the things in each open frame (null is the page), and the edges between things.
 *
 * An edge knows the uses that it stands for. Two edges of x * x stay two; what leads into a folded
 * frame from one thing is one.
 */
function seenNow() {
  const inside = new Map([[null, []]]);
  for (const frame of frames) {
    if (shownFor(frame) !== frame) continue;
    if (!frame.closed) inside.set(frame, []);
    inside.get(frame.around).push(frame);
  }
  const shown = nodes.map(shownFor);
  const edges = new Map();
  for (const node of nodes) {
    const target = shown[node.place];
    if (target === node) inside.get(node.around).push(node);
    for (const [argument, from] of node.arguments.entries()) {
      const source = shown[from.place];
      if (source === target) continue;
      const key = `${source.key}>${target.key}:${target.isFrame ? "" : argument}`;
      if (!edges.has(key)) edges.set(key, { key, source, target, argument, uses: [] });
      edges.get(key).uses.push({ source: from, user: node, argument });
    }
  }
  for (const things of inside.values()) things.sort((one, other) => one.place - other.place);
  return { inside, edges: [...edges.values()] };
}
