// Where one looks: moved by dragging, the wheel, two fingers and the keyboard.

const stage = document.getElementById("stage");
const drawing = document.getElementById("drawing");
const cameraElement = document.getElementById("camera");
const camera = { x: 0, y: 0, scale: 1 };
/** The size of the stage. Asking the browser after a change would make it lay out everything. */
const room = { width: stage.clientWidth, height: stage.clientHeight };

const MARGIN = 16;
const SMALLEST = 0.004;
const LARGEST = 4;
/** Nothing is made larger than this by showing everything. */
const LARGEST_FIT = 1.6;
/** Below this size nobody can read, and drawing letters would only take time. */
const READABLE = 0.28;
/** A drawing that would open smaller is folded first, and then begins at a comfortable size. */
const LEGIBLE = 0.55;
const COMFORTABLE = 0.85;
/** In a notebook the wheel belongs to the page around, unless Ctrl is pressed. */
const isInside = window.parent !== window;

function aim() {
  const { x, y, scale } = camera;
  cameraElement.setAttribute("transform", `translate(${x},${y}) scale(${scale})`);
  const isFar = scale < READABLE;
  drawing.classList.toggle("far", isFar);
  if (!isFar)
    fillBoxes(-x / scale, -y / scale, (room.width - x) / scale, (room.height - y) / scale);
}

/** Shows the whole drawing. */
function fit() {
  const { width, height } = drawn.picture;
  const scale = fitScale(width, height);
  camera.scale = scale;
  camera.x = (room.width - width * scale) / 2;
  camera.y = (room.height - height * scale) / 2;
  aim();
}

function fitScale(width, height) {
  const across = (room.width - 2 * MARGIN) / Math.max(width, 1);
  const down = (room.height - 2 * MARGIN) / Math.max(height, 1);
  return Math.max(SMALLEST, Math.min(across, down, LARGEST_FIT));
}

/** Shows the whole drawing where that can be read, and otherwise where it begins. */
function showStart() {
  fit();
  if (camera.scale >= LEGIBLE) return;
  camera.scale = COMFORTABLE;
  const { x, y, width, height } = placeIn(drawn.picture, firstThing());
  const near = (begin, size, whole, length) => {
    if (whole * camera.scale < length) return (length - whole * camera.scale) / 2;
    const wanted = Math.min(length / 2 - (begin + size / 2) * camera.scale, MARGIN);
    return Math.max(wanted, length - whole * camera.scale - MARGIN);
  };
  camera.x = near(x, width, drawn.picture.width, room.width);
  camera.y = near(y, height, drawn.picture.height, room.height);
  aim();
}

/** Makes everything larger around a point of the stage, by default its middle. */
function zoom(factor, x = room.width / 2, y = room.height / 2) {
  const scale = Math.min(LARGEST, Math.max(SMALLEST, camera.scale * factor));
  const real = scale / camera.scale;
  camera.x = x - (x - camera.x) * real;
  camera.y = y - (y - camera.y) * real;
  camera.scale = scale;
  camera.isChosen = true;
  aim();
}

function pan(across, down) {
  camera.isChosen = true;
  camera.x += across;
  camera.y += down;
  aim();
}

/** Moves as little as it takes to see a thing, and makes it large enough to read. */
function lookAt(thing) {
  const place = placeIn(drawn.picture, thing);
  if (camera.scale < 0.7) camera.scale = 0.9;
  const { scale } = camera;
  const [left, top] = [camera.x + place.x * scale, camera.y + place.y * scale];
  const [width, height] = [place.width * scale, place.height * scale];
  const near = (begin, size, length) => {
    if (size > length - 2 * MARGIN) return MARGIN;
    return begin < MARGIN || begin + size > length - MARGIN ? (length - size) / 2 : begin;
  };
  pan(near(left, width, room.width) - left, near(top, height, room.height) - top);
}

/** Keeps a thing where it is on the screen while the drawing around it changes. */
function keepingInPlace(thing, change) {
  const before = placeIn(drawn.picture, thing);
  change();
  const after = placeIn(drawn.picture, thing);
  if (before && after) {
    pan((before.x - after.x) * camera.scale, (before.y - after.y) * camera.scale);
  }
}

// A page that changed its size shows everything anew, if nobody has chosen where to look.
new ResizeObserver(() => {
  const { width, height } = room;
  [room.width, room.height] = [stage.clientWidth, stage.clientHeight];
  if (!camera.isChosen && (width !== room.width || height !== room.height)) showStart();
}).observe(stage);

// On paper everything is seen, as large as fits.
window.addEventListener("beforeprint", () => {
  const { width, height } = drawn.picture;
  fillBoxes(0, 0, width, height);
  drawing.setAttribute("viewBox", `-4 -4 ${width + 8} ${height + 8}`);
  drawing.classList.remove("far");
  cameraElement.removeAttribute("transform");
});
window.addEventListener("afterprint", () => {
  drawing.removeAttribute("viewBox");
  aim();
});

// ----- Pointers -----

const fingers = new Map(); // pointers that are down, by their numbers
/** How far pointers went since the first came down: a drag is no click. */
let dragged = 0;

stage.addEventListener("pointerdown", (event) => {
  if (fingers.size === 0) dragged = 0;
  fingers.set(event.pointerId, [event.clientX, event.clientY]);
});

window.addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const now = [event.clientX, event.clientY];
  const [across, down] = [now[0] - before[0], now[1] - before[1]];
  dragged += Math.abs(across) + Math.abs(down);
  const other = [...fingers].find(([pointer]) => pointer !== event.pointerId)?.[1];
  fingers.set(event.pointerId, now);
  if (other) {
    const { left, top } = stage.getBoundingClientRect();
    const [middle, height] = [(now[0] + other[0]) / 2 - left, (now[1] + other[1]) / 2 - top];
    zoom(apart(now, other) / Math.max(1, apart(before, other)), middle, height);
    pan(across / 2, down / 2);
  } else if (dragged > 3) {
    stage.classList.add("dragged");
    pan(across, down);
  }
});

function apart([x, y], [otherX, otherY]) {
  return Math.hypot(x - otherX, y - otherY);
}

for (const end of ["pointerup", "pointercancel"]) {
  window.addEventListener(end, (event) => {
    fingers.delete(event.pointerId);
    stage.classList.remove("dragged");
    // After the click that may belong to it; one of a screen reader comes without any pointer.
    setTimeout(() => {
      dragged = 0;
    });
  });
}

stage.addEventListener(
  "wheel",
  (event) => {
    if (isInside && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const { left, top } = stage.getBoundingClientRect();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
    const speed = event.ctrlKey ? 0.01 : 0.0015; // two fingers on a touchpad come with Ctrl
    zoom(Math.exp(-event.deltaY * lines * speed), event.clientX - left, event.clientY - top);
  },
  { passive: false },
);
