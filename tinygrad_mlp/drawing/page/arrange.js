// From what is seen to places: each open frame is a drawing of its own, and a box in that around.
//
// So nothing strange ever stands inside a frame, and folding one leaves the insides of all others
// as they were. An edge that enters or leaves a frame does so at a point of its border, from where
// the drawing inside leads on; all edges from one thing share these points.

const FRAME_PADDING = 12;
/** Above what is in a frame stands its name; beside it, where the drawing is upright. */
const ABOVE = FRAME_PADDING + 20;

/** What was laid out before, flat and upright, by the frame (null is the page). */
const laidOut = { false: new Map(), true: new Map() };

/**
 * Returns how large the drawing is, and its levels by their frames (null is the page).
 *
 * A level has `boxes`, a vertex for each thing; and `lines`, which have a `route` and know the
 * `edges` that run along them. All is measured from the corner of what is in the frame.
 */
function arranged(seen, upright) {
  const levels = levelsOf(seen, upright);
  const { along, across } = layOut(null, levels, upright);
  return { levels, upright, width: upright ? across : along, height: upright ? along : across };
}

// ----- Levels: what stands in one frame, with the points on its border -----

function levelsOf(seen, upright) {
  const levels = new Map();
  for (const [frame, things] of seen.inside) {
    const boxes = new Map(things.map((thing) => [thing, vertexFor(thing, seen, upright)]));
    levels.set(frame, { frame, boxes, starts: new Map(), ends: new Map(), lines: new Map() });
  }
  for (const edge of seen.edges) edge.pieces = piecesOf(edge, levels, upright);
  for (const level of levels.values()) {
    level.vertices = [level.starts, level.boxes, level.ends].flatMap((all) => [...all.values()]);
    for (const [place, vertex] of level.vertices.entries()) vertex.place = place;
    level.lines = [...level.lines.values()];
  }
  return levels;
}

/** The vertex of a thing; an open frame has its size when its inside is laid out. */
function vertexFor(thing, seen, upright) {
  if (seen.inside.has(thing)) return { thing, isOpen: true, along: 0, across: 0 };
  const { width, height } = sizeOf(thing, upright);
  return upright
    ? { thing, along: height, across: width }
    : { thing, along: width, across: height };
}

/** Cuts an edge at the borders of frames: out of some, once across, and into some. */
function piecesOf(edge, levels, upright) {
  const outOf = framesAround(edge.source);
  const into = framesAround(edge.target);
  while (outOf.length > 0 && outOf.at(-1) === into.at(-1)) {
    outOf.pop();
    into.pop();
  }
  const outermost = outOf.at(-1) ?? into.at(-1) ?? edge.source;
  const pieces = [];
  const add = (frame, from, to) => pieces.push(lineOf(levels.get(frame), from, to, edge));
  let from = { thing: edge.source };
  for (const frame of outOf) {
    const vertex = borderPoint(levels.get(frame), "ends", edge.source);
    add(frame, from, { vertex });
    from = { thing: frame, point: vertex };
  }
  let level = outermost.around;
  for (const frame of into.reverse()) {
    const vertex = borderPoint(levels.get(frame), "starts", edge.source);
    add(level, from, { thing: frame, point: vertex });
    from = { vertex };
    level = frame;
  }
  add(level, from, { thing: edge.target, port: portOf(edge, upright) });
  return pieces;
}

function borderPoint(level, side, source) {
  const points = level[side];
  if (!points.has(source)) {
    const name = side === "starts" ? "start" : "end";
    points.set(source, { along: 0, across: 0, side: name, source });
  }
  return points.get(source);
}

/** The line of a level between two ends; edges of the same ends share it. */
function lineOf(level, from, to, edge) {
  const key = `${endKey(from)}>${endKey(to)}`;
  if (!level.lines.has(key)) level.lines.set(key, { key, ends: [from, to], edges: [], level });
  const line = level.lines.get(key);
  line.edges.push(edge);
  return line;
}

function endKey({ thing, vertex, point, port }) {
  if (vertex) return `${vertex.side}:${vertex.source.key}`;
  return `${thing.key}:${point?.source.key ?? port ?? ""}`;
}

/** Whether a line arrives at what its edges point to, and not at a border on the way. */
function arrives({ ends }) {
  return ends[1].port !== undefined;
}

// ----- Laying out, from the inside -----

/** Lays out a level and those inside of it; returns how much room it takes, with its frame. */
function layOut(frame, levels, upright) {
  const level = levels.get(frame);
  for (const [thing, vertex] of level.boxes) {
    if (vertex.isOpen) Object.assign(vertex, layOut(thing, levels, upright));
  }
  for (const line of level.lines) {
    const [from, to] = line.ends;
    line.from = (from.vertex ?? level.boxes.get(from.thing)).place;
    line.to = (to.vertex ?? level.boxes.get(to.thing)).place;
    line.out = offsetOf(from, level);
    line.into = to.port ?? offsetOf(to, level);
  }
  remembered(level, upright);
  return frame ? frameSize(level) : level.size;
}

/** Whether numbers can stand on lines: contributions of scalars. */
const hasNumbers = nodes.some((node) => node.edges?.some((words) => isProduct(words.at(-1))));

/** The room that an open frame takes, with its border and its name. */
function frameSize({ frame, size }) {
  return {
    along: Math.max(size.along + 2 * FRAME_PADDING, textWidth(frame.name) + 40),
    across: size.across + ABOVE + FRAME_PADDING,
  };
}

/** Leads the lines that enter or leave a frame as far as its border. */
function reachBorders(level) {
  for (const {
    ends: [from, to],
    route,
  } of level.lines) {
    if (from.vertex) route[0] = [-FRAME_PADDING, route[0][1]];
    if (to.vertex)
      route[route.length - 1] = [frameSize(level).along - FRAME_PADDING, route.at(-1)[1]];
  }
}

/** Where a line meets the border of an open frame, measured from the middle of the frame. */
function offsetOf({ thing, point }, level) {
  return point ? ABOVE + point.at - level.boxes.get(thing).across / 2 : 0;
}

/** Lays out one level, or remembers how: most are the same before and after a click. */
function remembered(level, upright) {
  const boxes = level.vertices.map(
    ({ thing, isOpen, side, source, along, across }) =>
      `${side ?? isOpen ?? ""}${(thing ?? source).key} ${along} ${across}`,
  );
  const lines = level.lines.map(({ key, out, into }) => `${key} ${out} ${into}`);
  level.signature = [...boxes, ...lines].join("\n");
  const known = laidOut[upright].get(level.frame);
  if (known?.signature !== level.signature) {
    const usual = hasNumbers && !upright ? WIDE_LAYER_GAP : LAYER_GAP;
    const gap = page.gaps?.[Number(upright)] ?? usual;
    level.size = layered(level.vertices, level.lines, gap);
    if (level.frame) reachBorders(level);
    laidOut[upright].set(level.frame, {
      signature: level.signature,
      size: level.size,
      vertices: level.vertices.map(({ left, at }) => [left, at]),
      routes: level.lines.map(({ route }) => route),
    });
    return;
  }
  level.size = known.size;
  for (const [place, vertex] of level.vertices.entries()) {
    [vertex.left, vertex.at] = known.vertices[place];
  }
  for (const [place, line] of level.lines.entries()) line.route = known.routes[place];
}

// ----- In the plane -----

/** The point [x, y] of the plane that is so far along the arrows, and across them. */
function turned([along, across], upright) {
  return upright ? [across, along] : [along, across];
}

/** From the corner of a frame to what is in it. */
function insetOf(frame, upright) {
  return frame ? turned([FRAME_PADDING, ABOVE], upright) : [0, 0];
}

/** The box of a thing in its level. */
function boxIn(level, thing, upright) {
  const { left, at, along, across } = level.boxes.get(thing);
  const [x, y] = turned([left, at - across / 2], upright);
  const [width, height] = turned([along, across], upright);
  return { x, y, width, height };
}

/** The origin of a level in the plane. */
function originOf(frame, { levels, upright }) {
  if (!frame) return [0, 0];
  const { x, y } = boxIn(levels.get(frame.around), frame, upright);
  const [outerX, outerY] = originOf(frame.around, { levels, upright });
  const [insetX, insetY] = insetOf(frame, upright);
  return [outerX + x + insetX, outerY + y + insetY];
}

/** The box of a thing in the plane; undefined if it is not seen. */
function placeIn(picture, thing) {
  const level = picture.levels.get(thing.around);
  if (!level?.boxes.has(thing)) return undefined;
  const { x, y, width, height } = boxIn(level, thing, picture.upright);
  const [left, top] = originOf(thing.around, picture);
  return { x: left + x, y: top + y, width, height };
}
