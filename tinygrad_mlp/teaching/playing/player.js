// The player: next, previous, play, and the keys.

const play = { count: 0, isAsking: false, timer: null, isByKeyboard: false };
/** Milliseconds that a step is shown while they play. */
const PACE = 2400;

function playerButton(words, about, action) {
  const made = tag("button", "", words);
  made.type = "button";
  made.title = about;
  made.setAttribute("aria-label", about);
  made.addEventListener("click", action);
  return made;
}

const toStart = playerButton("|◀", "First (Home)", () => show(0));
const toLast = playerButton("◀", "Previous (←)", () => back());
const playing = playerButton("▶ Play", "Play (space)", () => togglePlay());
const toNext = playerButton("Next ▶", "Next (→)", () => next());
const toEnd = playerButton("▶|", "Last (End)", () => show(steps.length));
const slider = tag("input", "slider");
Object.assign(slider, { type: "range", min: 0, max: steps.length, value: 0 });
slider.setAttribute("aria-label", "Step");
slider.addEventListener("input", () => show(Number(slider.value)));

const controls = tag("div", "controls", toStart, toLast, playing, toNext, toEnd, slider, position);
const words = tag("div", "explained", tag("div", "sayings", said, formulaLine), terms);
bar.append(controls, words);
bar.setAttribute("role", "region");
bar.setAttribute("aria-label", "Player");
bar.hidden = false;
document.body.classList.add("plays");

/** Shows what the first steps have done. */
function show(count, { isFlowing = false } = {}) {
  if (!isFlowing) pause();
  play.count = Math.max(0, Math.min(steps.length, count));
  play.isAsking = false;
  know(play.count);
  update();
  const step = steps[play.count - 1];
  if (step && isFlowing) flow(step);
  announce(step ? `${position.textContent}: ${step.sentence}` : said.textContent);
}

/** Brings everything around the drawing to the step that is shown, or asked for. */
function update() {
  const count = play.count + (play.isAsking ? 1 : 0);
  mark(count, play.isAsking);
  say(count);
  if (steps[count - 1]) follow(steps[count - 1]);
  slider.value = play.count;
  slider.setAttribute("aria-valuetext", position.textContent);
  toStart.disabled = toLast.disabled = count === 0;
  toNext.disabled = toEnd.disabled = play.count === steps.length;
  tell(state.chosen, { chosen: true });
  if (state.chosen) light(state.chosen);
  const text = document.getElementById("text");
  if (text.hasChildNodes()) text.replaceChildren(textOfGraph());
  afterUpdate();
}

/** What quizzes do besides. */
let afterUpdate = () => undefined;

let next = () => show(play.count + 1, { isFlowing: true });

function back() {
  show(play.isAsking ? play.count : play.count - 1);
}

// ----- Playing by itself -----

function togglePlay() {
  if (play.timer) return pause();
  if (!moves()) return undefined;
  if (play.count === steps.length) show(0);
  play.timer = setInterval(advance, PACE);
  playing.textContent = "❚❚ Pause";
  return advance();
}

function advance() {
  show(play.count + 1, { isFlowing: true });
  if (play.count === steps.length) pause();
}

function pause() {
  clearInterval(play.timer);
  play.timer = null;
  playing.textContent = "▶ Play";
}

/** Who asked for less motion steps by hand. */
function settlePlaying() {
  playing.disabled = !moves();
  playing.title = moves() ? "Play (space)" : "Your system asks for less motion; press Next instead";
  if (!moves()) pause();
}
matchMedia("(prefers-reduced-motion: reduce)").addEventListener("change", settlePlaying);
settlePlaying();

// ----- Keyboard -----

const PLAYER_KEYS = {
  ArrowRight: () => next(),
  ArrowLeft: () => back(),
  PageDown: () => next(), // these two are what a presenter's remote sends
  PageUp: () => back(),
  Home: () => show(0),
  End: () => show(steps.length),
  " ": () => togglePlay(),
};

document.addEventListener(
  "keydown",
  (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in PLAYER_KEYS)) return;
    if (isTakenBy(event.target, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    PLAYER_KEYS[event.key]();
  },
  true,
);

/** Whether a key belongs to what has the keyboard: a field, a button, a box that Tab came to. */
function isTakenBy(target, key) {
  if (key.startsWith("Page")) return false;
  if (target.matches("input, textarea")) return true;
  if (key === " " && target.matches("button, summary")) return true;
  return thingOf(target) !== null && play.isByKeyboard;
}

// Arrow keys lead from box to box for who came there by Tab, and not for who clicked one.
for (const event of ["pointerdown", "keydown"]) {
  const notice = ({ key }) => {
    if (key === "Tab" || event === "pointerdown") play.isByKeyboard = key === "Tab";
  };
  document.addEventListener(event, notice, true);
}

afterRefresh.push(() => {
  mark(play.count + (play.isAsking ? 1 : 0), play.isAsking);
});
/** Shows everything where that can be read from afar; else the beginning, and steps lead on. */
function begin() {
  [room.width, room.height] = [stage.clientWidth, stage.clientHeight]; // the bar has taken some
  turnToFit();
  refresh();
  fit();
  if (camera.scale < COMFORTABLE) {
    // Along the longer side of the page more is seen at once.
    if (page.direction === "auto") drawn.upright = room.height > room.width;
    refresh();
    Object.assign(camera, { scale: 1, x: MARGIN, y: MARGIN, isChosen: true });
    const { width, height } = drawn.picture;
    if (height < room.height) camera.y = (room.height - height) / 2;
    if (width < room.width) camera.x = (room.width - width) / 2;
    follow(steps[0]);
  }
  show(0);
}

begin();
live.textContent = "";
