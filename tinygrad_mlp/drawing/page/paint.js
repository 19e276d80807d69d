// From places to elements. A level that is as it was keeps its elements, so a click changes little.

/**
 * What is drawn now: the picture, the elements of its levels, and those of things and lines.
 *
 * `empty` are boxes without words: those that nobody looks at closely need none.
 */
const drawn = {
  picture: null,
  upright: false,
  levels: new Map(),
  things: new Map(),
  lines: new Map(),
  empty: new Map(),
};

/** Draws what is seen now. */
function paint() {
  const picture = arranged(seenNow(), drawn.upright);
  if (picture.upright !== drawn.picture?.upright) forgetAll();
  drawn.picture = picture;
  drawn.lines.clear();
  for (const [frame, { element: made }] of drawn.levels) {
    if (picture.levels.has(frame)) continue;
    made.remove();
    drawn.levels.delete(frame);
  }
  for (const level of picture.levels.values()) paintLevel(level);
  drawn.things.clear();
  // Of an open frame it is the button that lights up and takes the focus, not all that is in it.
  for (const { things } of drawn.levels.values()) {
    for (const [thing, made] of things) drawn.things.set(thing, made);
  }
  for (const [frame, { button }] of drawn.levels) if (frame) drawn.things.set(frame, button);
  for (const thing of drawn.empty.keys()) if (!drawn.things.has(thing)) drawn.empty.delete(thing);
}

function forgetAll() {
  drawn.levels.clear();
  drawn.empty.clear();
  document.getElementById("picture").replaceChildren();
}

// ----- Levels -----

/** Draws one level, inner ones later: they are put into its group of things. */
function paintLevel(level) {
  const known = knownLevel(level.frame);
  const { upright } = drawn.picture;
  for (const line of level.lines) line.shown = known.lines;
  if (known.signature !== level.signature) {
    paintThings(level, known, upright);
    paintLines(level, known, upright);
    known.signature = level.signature;
  }
  for (const line of level.lines) drawn.lines.set(line, known.lines.get(line.key).element);
}

/** The elements of a level, which are made when it is first drawn. */
function knownLevel(frame) {
  if (!drawn.levels.has(frame)) {
    const [x, y] = insetOf(frame, drawn.picture.upright);
    const lines = element("g", { class: "lines" });
    const things = element("g", { class: "things" });
    const content = element("g", { transform: `translate(${x},${y})` }, lines, things);
    const made = element("g", { class: "level" });
    const button = frame ? frameButton(frame) : null;
    if (frame) {
      made.setAttribute("role", "group");
      made.setAttribute("aria-label", frame.whole_name);
      made.append(button);
    } else document.getElementById("picture").append(made);
    made.append(content);
    const maps = { things: new Map(), lines: new Map() };
    drawn.levels.set(frame, { element: made, button, groups: { lines, things }, ...maps });
  }
  return drawn.levels.get(frame);
}

function paintThings(level, known, upright) {
  const wanted = new Map();
  for (const thing of level.boxes.keys()) {
    const isOpen = level.boxes.get(thing).isOpen;
    const made = isOpen
      ? knownLevel(thing).element
      : (closedElement(known, thing) ?? boxElement(thing));
    wanted.set(thing, made);
    const { x, y, width, height } = boxIn(level, thing, upright);
    made.setAttribute("transform", `translate(${x},${y})`);
    if (isOpen) resizeFrame(knownLevel(thing).button, width, height);
  }
  keepOnly(known.groups.things, [...wanted.values()]);
  known.things = wanted;
}

/** The element of a box that was there before; not that of a frame that was open. */
function closedElement(known, thing) {
  const made = known.things.get(thing);
  return made?.classList.contains("box") ? made : null;
}

/** Makes these the children of a parent; those that stay are not moved, and keep the focus. */
function keepOnly(parent, wanted) {
  const kept = new Set(wanted);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of wanted) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}

function paintLines(level, known, upright) {
  const wanted = new Map();
  for (const line of level.lines) {
    const look = arrives(line) ? "edge arrives" : "edge";
    const kept = known.lines.get(line.key) ?? { element: element("path", { class: look }) };
    const shape = curve(
      line.route.map((point) => turned(point, upright)),
      upright,
    );
    if (kept.shape !== shape) kept.element.setAttribute("d", shape);
    kept.shape = shape;
    wanted.set(line.key, kept);
  }
  keepOnly(
    known.groups.lines,
    [...wanted.values()].map((kept) => kept.element),
  );
  known.lines = wanted;
}

/** The path of a route: straight through every layer, an S between them. */
function curve(route, upright) {
  const parts = [`M${route[0][0]},${route[0][1]}`];
  for (let place = 1; place < route.length; place++) {
    const [before, point] = [route[place - 1], route[place]];
    if (place % 2 === 1) {
      if (before[0] !== point[0] || before[1] !== point[1]) parts.push(`L${point[0]},${point[1]}`);
      continue;
    }
    const along = upright ? 1 : 0;
    const middle = (before[along] + point[along]) / 2;
    const [one, two] = upright
      ? [`${before[0]},${middle}`, `${point[0]},${middle}`]
      : [`${middle},${before[1]}`, `${middle},${point[1]}`];
    parts.push(`C${one} ${two} ${point[0]},${point[1]}`);
  }
  return parts.join("");
}

/** Where a line ends in the plane. */
function endOf(line) {
  const [x, y] = turned(line.route.at(-1), drawn.picture.upright);
  const [left, top] = originOf(line.level.frame, drawn.picture);
  return [left + x, top + y];
}

// ----- Things -----

/** A button for the mouse, the keyboard and screen readers. */
function buttonFor(thing, look) {
  const made = element("g", { class: look, role: "button", tabindex: -1, "data-key": thing.key });
  made.setAttribute("aria-label", described(thing));
  if (thing.isFrame) made.setAttribute("aria-expanded", String(!thing.closed));
  return made;
}

/** A box, without words until somebody looks at it closely. */
function boxElement(thing) {
  const looks = ["box", thing.isFrame ? "group" : thing.role];
  if (thing.isFrame ? holds(thing, (node) => outputs.includes(node)) : outputs.includes(thing)) {
    looks.push("output");
  }
  const isHighlighted = (node) => node.highlighted;
  if (isHighlighted(thing) || (thing.isFrame && holds(thing, isHighlighted)))
    looks.push("highlighted");
  const made = buttonFor(thing, looks.join(" "));
  const { width, height } = sizeOf(thing, drawn.picture.upright);
  made.append(element("rect", { class: "plate", width, height, rx: 4 }));
  drawn.empty.set(thing, made);
  return made;
}

/** Whether a node of some kind is in a frame. */
function holds(frame, isWanted) {
  return nodes.some((node) => isWanted(node) && framesAround(node).includes(frame));
}

/** Writes what stands in the boxes that a part of the plane shows. */
function fillBoxes(left, top, right, bottom) {
  const { levels, upright } = drawn.picture;
  const origins = new Map();
  for (const [thing, made] of drawn.empty) {
    const frame = thing.around;
    if (!origins.has(frame)) origins.set(frame, originOf(frame, drawn.picture));
    const [originX, originY] = origins.get(frame);
    const { x, y, width, height } = boxIn(levels.get(frame), thing, upright);
    const [startX, startY] = [originX + x, originY + y];
    if (startX > right || startY > bottom || startX + width < left || startY + height < top)
      continue;
    made.append(...boxContents(thing, { width, height }));
    drawn.empty.delete(thing);
  }
}

/** What is seen of an open frame itself: a rectangle behind its contents, and its name. */
function frameButton(frame) {
  const made = buttonFor(frame, "frame");
  const name = textElement(26, 18, frame.name, "title");
  // Along the side that no edge crosses: above, or on the left of an upright drawing.
  if (drawn.picture.upright) name.setAttribute("transform", "translate(36,0) rotate(90)");
  made.append(element("rect", { class: "back", rx: 8 }), textElement(10, 18, "−", "sign"), name);
  return made;
}

function resizeFrame(button, width, height) {
  button.firstElementChild.setAttribute("width", width);
  button.firstElementChild.setAttribute("height", height);
}
