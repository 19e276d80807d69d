// What happens when: the mouse, the keyboard, the buttons, and the beginning.

/** The things that are chosen, that had the keyboard last, and that Tab leads to. */
const state = { chosen: null, focused: null, reachable: null, isTurned: false };

function thingOf(target) {
  const key = target?.closest?.("[data-key]")?.dataset.key;
  if (!key) return null;
  return (key.startsWith("f") ? frames : nodes)[Number(key.slice(1))];
}

/** What scripts that add to this page want done whenever it was drawn anew. */
const afterRefresh = [];

/** Draws anew after a change, with everything that was lit and marked. */
function refresh() {
  paint();
  if (state.chosen) light(state.chosen);
  else unlight();
  markFound();
  aim();
  const focused = state.focused ? shownFor(state.focused) : firstThing();
  setFocusable(focused);
  for (const react of afterRefresh) react();
}

function firstThing() {
  return drawn.picture.levels.get(null).boxes.keys().next().value;
}

/** Opens a folded frame, folds an open one. */
function toggle(frame) {
  const hadFocus = document.activeElement?.dataset?.key !== undefined;
  keepingInPlace(frame, () => {
    frame.closed = !frame.closed;
    refresh();
  });
  announce(`${nameOf(frame)} is ${frame.closed ? "folded" : "open"}`);
  if (hadFocus) focusOn(frame);
}

/** Chooses a node: lights its paths and tells of it. */
function choose(node) {
  drawn.things.get(state.chosen)?.setAttribute("aria-pressed", "false");
  state.chosen = node;
  drawn.things.get(node)?.setAttribute("aria-pressed", "true");
  if (!node) {
    unlight();
    tell(null);
    return;
  }
  light(node);
  tell(node, { chosen: true });
  const gradient = node.whole_gradient ? `, gradient ${node.whole_gradient}` : "";
  announce(`${nameOf(node)} chosen${gradient}. ${pathsOf(node)}`);
}

/** Shows a thing, whatever is folded around it, and tells of it. */
function go(thing, { focus = true } = {}) {
  if (reveal(thing)) refresh();
  lookAt(thing);
  state.focused = thing;
  setFocusable(thing);
  if (focus) drawn.things.get(thing)?.focus({ preventScroll: true });
  if (thing.isFrame) tell(thing);
  else choose(thing);
}

function foldAll(closed) {
  for (const frame of frames) frame.closed = closed;
  if (!state.isTurned) turnToFit();
  refresh();
  showStart();
  announce(closed ? "Every frame is folded" : "Every frame is open");
}

// ----- Mouse -----

stage.addEventListener("click", (event) => {
  if (dragged > 3) return;
  const thing = thingOf(event.target);
  if (thing) act(thing);
  else choose(null);
});

stage.addEventListener("pointerover", (event) => {
  const thing = thingOf(event.target);
  if (thing && fingers.size === 0) tell(thing, { chosen: thing === state.chosen });
});

// Who goes from the drawing to the panel wants to read it, or to click a name in it.
for (const left of [stage, panel.parentElement]) {
  left.addEventListener("pointerleave", (event) => {
    if (panel.parentElement.contains(event.relatedTarget)) return;
    tell(state.chosen, { chosen: true });
  });
}

// ----- Keyboard -----

/** One thing can be reached by Tab; from there arrow keys lead to the others. */
function setFocusable(thing) {
  drawn.things.get(state.reachable)?.setAttribute("tabindex", "-1");
  drawn.things.get(thing)?.setAttribute("tabindex", "0");
  state.reachable = thing;
}

function focusOn(thing) {
  state.focused = thing;
  setFocusable(thing);
  drawn.things.get(thing)?.focus({ preventScroll: true });
  lookAt(thing);
}

stage.addEventListener("focusin", (event) => {
  const thing = thingOf(event.target);
  if (!thing) return;
  state.focused = thing;
  tell(thing, { chosen: thing === state.chosen });
});

/** The nearest thing in a direction on the screen. */
function neighbour(thing, [across, down]) {
  const middle = (place) => [place.x + place.width / 2, place.y + place.height / 2];
  const [x, y] = middle(placeIn(drawn.picture, thing));
  let [best, least] = [null, Infinity];
  for (const other of drawn.things.keys()) {
    const place = placeIn(drawn.picture, other);
    const [dx, dy] = [middle(place)[0] - x, middle(place)[1] - y];
    const ahead = dx * across + dy * down;
    const aside = Math.abs(dx * down) + Math.abs(dy * across);
    if (other === thing || ahead <= 1 || aside > 4 * ahead) continue;
    if (ahead + 2 * aside < least) [best, least] = [other, ahead + 2 * aside];
  }
  return best;
}

const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** What the keys do that need no box. */
const KEYS = {
  "+": () => zoom(1.25),
  "=": () => zoom(1.25),
  "-": () => zoom(0.8),
  f: fit,
  0: fit,
  t: turn,
  "/": () => searchBox.focus(),
  Escape: () => choose(null),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target === searchBox) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const thing = thingOf(event.target);
  const action = (thing ? actionOn(thing, key) : panBy(event.target, key)) ?? KEYS[key];
  if (!action) return;
  event.preventDefault();
  action();
});

/** What a key does with the box that has the focus; undefined if it does nothing. */
function actionOn(thing, key) {
  if (key in ARROWS) return () => focusOn(neighbour(thing, ARROWS[key]) ?? thing);
  if (key === "Enter" || key === " ") return () => act(thing);
  return undefined;
}

/** What an arrow key does while nothing has the focus: the panel scrolls by itself. */
function panBy(target, key) {
  if (target !== document.body || !(key in ARROWS)) return undefined;
  const [across, down] = ARROWS[key];
  return () => pan(-80 * across, -80 * down);
}

/** What a click or Enter does: opens or folds a frame, chooses a node or lets it go. */
function act(thing) {
  if (thing.isFrame) toggle(thing);
  else choose(thing === state.chosen ? null : thing);
}

// ----- Buttons -----

function turn() {
  drawn.upright = !drawn.upright;
  state.isTurned = true;
  refresh();
  fit();
}

const BUTTONS = {
  smaller: () => zoom(0.8),
  larger: () => zoom(1.25),
  fit,
  turn,
  "fold-all": () => foldAll(true),
  "open-all": () => foldAll(false),
};
for (const [id, action] of Object.entries(BUTTONS)) {
  document.getElementById(id).addEventListener("click", action);
}

// ----- The graph as text -----

/** A row for each node, made when it is first asked for. */
function textOfGraph() {
  const head = ["name", "made by", "shape", "value", "gradient", "scope"];
  const rows = nodes.map((node) => [
    node.name,
    node.op ? `${node.op}(${node.arguments.map(nameOf).join(", ")})` : ROLES[node.role],
    node.facts ?? "",
    node.whole_value ?? (node.value ?? []).join(", "),
    node.whole_gradient ?? "",
    node.scope ?? "",
  ]);
  const lines = rows.map((row) => tag("tr", "", ...row.map((words) => tag("td", "", words))));
  return tag("table", "", tag("tr", "", ...head.map((words) => tag("th", "", words))), ...lines);
}

document.getElementById("words").addEventListener(
  "toggle",
  () => {
    const text = document.getElementById("text");
    if (!text.hasChildNodes()) text.append(textOfGraph());
  },
  { once: true },
);

// ----- The beginning -----

/** Turns the drawing as it fits best, if nobody asked for a direction; returns its scale then. */
function turnToFit() {
  const asked = { LR: [false], RL: [false], TB: [true], BT: [true] }[page.direction];
  const [best] = (asked ?? [false, true])
    .map((upright) => {
      const { width, height } = arranged(seenNow(), upright);
      return { upright, scale: fitScale(width, height) };
    })
    .sort((one, other) => other.scale - one.scale);
  drawn.upright = best.upright;
  return best.scale;
}

/**
 * Folds frames from the inside until the drawing can be read, if none is folded already; of a
 * page that plays none, because steps would be hidden.
 */
function foldToFit() {
  const depth = (frame) => framesAround(frame).length;
  const fits = () => turnToFit() >= LEGIBLE;
  if (page.steps || frames.some((frame) => frame.closed)) return void fits();
  for (let level = Math.max(-1, ...frames.map(depth)); !fits() && level >= 0; level--) {
    for (const frame of frames) if (depth(frame) === level) frame.closed = true;
  }
}

document.getElementById("title").textContent = page.title;
document.getElementById("note").textContent = page.note;
drawing.setAttribute("aria-label", page.title);
for (const id of ["fold-all", "open-all"]) document.getElementById(id).hidden = frames.length === 0;
foldToFit();
refresh();
showStart();
tell(null);
