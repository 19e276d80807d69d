const SVG = "http://www.w3.org/2000/svg";
const NUMBER = "[+-]?(?:\\d+[.,]?\\d*|[.,]\\d+)(?:[eE][+-]?\\d+)?";
const ANSWER = new RegExp(`^(${NUMBER})(?:/(${NUMBER}))?$`);
const data = JSON.parse(document.getElementById("data").textContent);
const form = document.getElementById("form");
const result = document.getElementById("result");

// A drawing shrinks only a little, so its letters stay readable.  Where it has no room from left to
// right then, it goes from top to bottom; and where it has none at all, it scrolls.
const least = (svg) => 0.75 * svg.viewBox.baseVal.width;
const place = document.getElementById("drawing");
if (place.clientWidth < least(place.querySelector("svg"))) {
  place.replaceChildren(document.getElementById("upright").content);
}
const drawing = place.querySelector("svg");
drawing.style.minWidth = `${Math.min(least(drawing), 960)}px`;

/** The number that somebody wrote, or NaN. */
function answered(text) {
  const found = ANSWER.exec(text.replace(/\s/g, "").replace(/−/g, "-"));
  if (!found) return NaN;
  const [above, below] = found.slice(1).map((part) => part && Number(part.replace(",", ".")));
  return below === undefined ? above : above / below;
}

/** The right answer; see obscured in page.py. */
function revealed(code, number) {
  const letters = [...atob(code)].map((letter, place) => letter.charCodeAt(0) ^ mask(number, place));
  return Number(String.fromCharCode(...letters));
}

function mask(number, place) {
  return (number * 31 + place * 17 + 7) % 256;
}

function isRight(value, blank) {
  return Math.abs(value - revealed(blank.code, blank.number)) <= 0.51 * 10 ** -data.digits;
}

const fields = data.blanks.map((blank) => {
  const input = document.getElementById(`blank-${blank.number}`);
  const mark = document.getElementById(`mark-${blank.number}`);
  const box = document.querySelector(`rect[data-blank="${blank.number}"]`);
  const text = document.createElementNS(SVG, "text");
  const number = (name) => Number(box.getAttribute(name));
  const look = { x: number("x") + number("width") / 2 + 3, y: number("y") + number("height") / 2 + 5 };
  Object.assign(look, { "text-anchor": "middle", "font-size": 12, fill: "#222222", "pointer-events": "none" });
  for (const name of Object.keys(look)) text.setAttribute(name, look[name]);
  box.parentNode.append(text);
  const field = { blank, input, mark, box, text };
  box.addEventListener("click", () => input.focus());
  input.addEventListener("focus", () => box.classList.add("current"));
  input.addEventListener("blur", () => box.classList.remove("current"));
  input.addEventListener("input", () => shown(field));
  return field;
});

/** Shows an answer in the drawing, not yet checked. */
function shown(field) {
  const text = field.input.value.trim();
  field.text.textContent = text.length > 7 ? `${text.slice(0, 6)}…` : text;
  marked(field, "");
  result.textContent = "";
}

function marked(field, mark) {
  field.mark.dataset.mark = mark;
  field.mark.textContent = { right: "✓ right", wrong: "✗ wrong" }[mark] || mark;
  field.box.classList.toggle("right", mark === "right");
  field.box.classList.toggle("wrong", mark === "wrong" || mark === "no number");
  field.input.setAttribute("aria-invalid", mark === "wrong" || mark === "no number");
}

function verdict(field) {
  if (!field.input.value.trim()) return "";
  const value = answered(field.input.value);
  if (!Number.isFinite(value)) return "no number";
  return isRight(value, field.blank) ? "right" : "wrong";
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const marks = fields.map((field) => {
    const mark = verdict(field);
    marked(field, mark);
    return mark;
  });
  const right = marks.filter((mark) => mark === "right").length;
  const empty = marks.filter((mark) => mark === "").length;
  result.textContent = `${right} of ${marks.length} right${empty ? `, ${empty} empty` : ""}`;
});
form.addEventListener("reset", (event) => {
  event.preventDefault(); // the fields are empty before anybody looks
  for (const field of fields) {
    field.input.value = "";
    shown(field);
  }
});
