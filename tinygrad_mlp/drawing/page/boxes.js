// How large a box is, and what stands in it. Every letter of the font is as wide as every other.

const SVG = "http://www.w3.org/2000/svg";
const TITLE_HEIGHT = 22;
const LINE_HEIGHT = 14;
const PADDING = 7;
const PORT_DISTANCE = 10;
const TEXT_SIZE = 12;
const NUMBER_SIZE = 11;
const WIDE_LETTERS = /[\u1100-\u1fff\u2e80-\u{10ffff}]/gu;

/** About how wide a line of text is; emoji and East Asian letters are wider. */
function textWidth(text, size = TEXT_SIZE) {
  const letters = [...text].length;
  const wide = text.match(WIDE_LETTERS)?.length ?? 0;
  return size * (0.602 * (letters - wide) + 1.25 * wide);
}

/** The rows of a box below its title: lines and their class. */
function rowsOf(thing) {
  if (thing.isFrame) return [{ lines: thing.lines, look: "value" }];
  const rows = [
    { lines: thing.value ?? [], look: "value" },
    { lines: thing.gradient ?? [], look: "gradient" },
  ];
  return rows.filter((row) => row.lines.length > 0);
}

function titleOf(thing) {
  if (thing.isFrame) return { symbol: "", label: thing.name, shape: "" };
  return { symbol: thing.symbol ?? "", label: thing.label ?? "", shape: thing.shape ?? "" };
}

function symbolWidth(symbol) {
  return symbol ? Math.max(22, textWidth(symbol) + 2 * PADDING) : 0;
}

/** The size of the box of a node or a folded frame: it never changes. */
function sizeOf(thing, upright) {
  thing.sizes ??= {};
  thing.sizes[upright] ??= measured(thing, upright);
  return thing.sizes[upright];
}

function measured(thing, upright) {
  const title = titleOf(thing);
  const rows = rowsOf(thing);
  const words = [title.label, title.shape].filter(Boolean).join(" ");
  const head = symbolWidth(title.symbol) + (words ? textWidth(words) + 2 * PADDING : 0);
  const lines = rows.flatMap((row) => row.lines);
  const widest = Math.max(0, ...lines.map((line) => textWidth(line, NUMBER_SIZE)));
  let width = Math.max(36, head + (thing.isFrame ? 22 : 0), widest + 2 * PADDING);
  let height = head > 0 ? TITLE_HEIGHT : 0;
  for (const row of rows) height += LINE_HEIGHT * row.lines.length + PADDING;
  const room = PORT_DISTANCE * ((thing.arguments?.length ?? 0) + 1);
  if (upright) width = Math.max(width, room);
  else height = Math.max(height, room);
  return { width: Math.ceil(width), height: Math.ceil(height) };
}

/** Where an edge arrives at its target: at the place of the argument, measured from the middle. */
function portOf({ target, argument }, upright) {
  if (target.isFrame || target.role === "group") return 0;
  const { width, height } = sizeOf(target, upright);
  const share = (argument + 1) / (target.arguments.length + 1) - 0.5;
  return Math.round(share * (upright ? width : height));
}

// ----- Elements -----

function element(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function textElement(x, y, content, look) {
  return element("text", { x, y, class: look }, content);
}

/** What a screen reader says of a thing. */
function described(thing) {
  if (thing.isFrame) {
    const kind = thing.closed ? "folded frame" : "open frame";
    return [thing.whole_name, kind, ...thing.lines].join(", ");
  }
  const made = thing.op
    ? `${thing.op} of ${thing.arguments.map(nameOf).join(" and ")}`
    : thing.role;
  const lines = [...(thing.value ?? []), ...(thing.gradient ?? [])];
  const numbers = lines.filter(Boolean).join(", ");
  const isOutput = outputs.includes(thing) ? ", output" : "";
  return [`${thing.name}${isOutput}`, made, thing.shape, numbers].filter(Boolean).join(", ");
}

/** The elements of the box of a node or a folded frame, of a size, with its corner at zero. */
function boxContents(thing, { width, height }) {
  const title = titleOf(thing);
  const rows = rowsOf(thing);
  const made = [element("rect", { class: "paper", width, height, rx: 4 })];
  let y = 0;
  if (title.symbol || title.label || title.shape) {
    made.push(...titleElements(thing, title, width));
    y = TITLE_HEIGHT;
  }
  for (const [place, { lines, look }] of rows.entries()) {
    if (y > 0) made.push(element("path", { class: "rule", d: `M0,${y}H${width}` }));
    const widest = Math.max(...lines.map((line) => textWidth(line, NUMBER_SIZE)));
    const room = place === rows.length - 1 ? (height - y - rowHeight(lines)) / 2 : 0;
    for (const [number, line] of lines.entries()) {
      const base = y + room + LINE_HEIGHT * (number + 1) - 0.5;
      made.push(textElement((width - widest) / 2, base, line, look));
    }
    y += rowHeight(lines);
  }
  made.push(element("rect", { class: "border", width, height, rx: 4 }));
  if (thing.isFrame || thing.role === "group") {
    const around = { class: "border", x: -3, y: -3, width: width + 6, height: height + 6, rx: 6 };
    made.push(element("rect", around));
  }
  return made;
}

function rowHeight(lines) {
  return LINE_HEIGHT * lines.length + PADDING;
}

function titleElements(thing, { symbol, label, shape }, width) {
  const opWidth = label || shape ? symbolWidth(symbol) : width;
  const made = [element("path", { class: "head", d: roundedTop(0, width) })];
  if (symbol) {
    made.push(element("path", { class: "op", d: roundedTop(0, opWidth, width) }));
    made.push(textElement((opWidth - textWidth(symbol)) / 2, 15.5, symbol, "symbol"));
  }
  const words = [label, shape].filter(Boolean).join(" ");
  const start = symbol ? opWidth : 0;
  const left = start + (width - start - textWidth(words) - (thing.isFrame ? 14 : 0)) / 2;
  if (label) made.push(textElement(left, 15.5, label, "label"));
  if (shape)
    made.push(textElement(left + textWidth(label ? `${label} ` : ""), 15.5, shape, "shape"));
  if (thing.isFrame) made.push(textElement(width - 17, 15.5, "+", "sign"));
  return made;
}

/** The upper part of a box from one x to another; round at the corners of the box alone. */
function roundedTop(from, to, width = to) {
  const end =
    to === width ? `H${to - 4}Q${to},0 ${to},4V${TITLE_HEIGHT}` : `H${to}V${TITLE_HEIGHT}`;
  return `M${from},${TITLE_HEIGHT}V4Q${from},0 ${from + 4},0${end}Z`;
}
