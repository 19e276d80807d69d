// The numbers in the drawing and in the steps; the layout stays.

const texts = [...document.querySelectorAll("#drawing [data-node]")];

// In a narrow window the drawing shrinks a little, and then scrolls: its letters stay readable.
const drawing = document.querySelector("#drawing svg");
drawing.style.minWidth = `${0.75 * drawing.viewBox.baseVal.width}px`;

function showGraph(found) {
  for (const text of texts) {
    const { node, part, line } = text.dataset;
    const place = data.nodes[node];
    const x = part === "value" ? found.values[place.value] : found.gradients[place.value];
    const before = part === "value" ? "" : line === "0" ? "grad " : "     ";
    text.textContent = before + linesOf(x, place.width)[line];
  }
}

/** Lights the boxes that a step speaks of. */
function light(nodes) {
  for (const group of document.querySelectorAll("#drawing g.lit")) group.classList.remove("lit");
  for (const text of texts) {
    if (nodes.includes(Number(text.dataset.node))) text.closest("g").classList.add("lit");
  }
}

const lines = []; // of each step, its element of numbers

function addSteps() {
  for (const step of data.steps) {
    const item = made("li", { tabindex: 0 });
    item.append(made("code", {}, step.formula));
    const numbers = made("code", { class: step.phase === "forward" ? "quiet" : "gradient" });
    item.append(numbers);
    lines.push(numbers);
    for (const begins of ["pointerenter", "focus"]) {
      item.addEventListener(begins, () => light(step.nodes));
    }
    for (const ends of ["pointerleave", "blur"]) item.addEventListener(ends, () => light([]));
    byId(step.phase).append(item);
  }
}

function whole(x) {
  const shape = shapeOf(x);
  if (shape.length === 0) return told(x);
  const rows = linesOf(x, 0);
  return (rows.length === 1 ? [rows[0].trim()] : rows).join("\n");
}

function forwardText(step, found) {
  const x = found.values[step.value];
  if (step.numbers === null) return Array.isArray(x) ? whole(x) : `= ${told(x)}`;
  const text = step.numbers.replace(/\{(\d+)\}/g, (hole, n, at, formula) => {
    // Alone between brackets or commas, a negative number needs no brackets of its own.
    const isAlone = /[(,] ?$/.test(formula.slice(0, at)) && /^[,)]/.test(formula.slice(at + hole.length));
    return (isAlone ? told : factor)(found.values[step.arguments[n]]);
  });
  return text.replace("−", "-") === told(x) ? `= ${told(x)}` : `= ${text} = ${told(x)}`;
}

function backwardText(step, found) {
  if (step.edge === null) return "= 1: here it begins";
  const share = found.shares[step.edge];
  const local = found.locals[step.edge];
  if (local === null) return whole(share);
  const upstream = found.gradients[step.value];
  return `${told(upstream)} × ${factor(local)} = ${told(share)}`;
}

function showSteps(found) {
  const held = new Map(); // by value, what its gradient holds so far
  data.steps.forEach((step, place) => {
    if (step.phase === "forward") {
      lines[place].textContent = forwardText(step, found);
      return;
    }
    let text = backwardText(step, found);
    if (step.edge !== null && found.locals[step.edge] !== null) {
      const share = found.shares[step.edge];
      const before = held.get(step.to);
      held.set(step.to, before === undefined ? share : before + share);
      if (before !== undefined) text += `; it had ${told(before)} and now has ${told(before + share)}`;
    }
    lines[place].textContent = text;
  });
}

function showNumbers(found) {
  const rows = dials.map((dial) => {
    const row = made("tr");
    const numbers = [state[dial.of][dial.place], slopeOf(dial, found)].map(String);
    row.append(...[dial.name, ...numbers].map((text) => made("td", {}, text)));
    return row;
  });
  document.querySelector("#numbers tbody").replaceChildren(...rows);
  const x = numbersIn(found.values[data.result])[0];
  byId("result").textContent = `${data.resultName} = ${told(x)}`;
}
