// What the player says: a sentence, a formula, and the terms of a product.

const bar = document.getElementById("player");
const said = tag("p", "said");
const formulaLine = tag("p", "formula");
const terms = tag("div", "terms");
const position = tag("p", "position");

/** Says what the last of the first steps does. */
function say(count) {
  const step = steps[count - 1];
  const number = step ? `Step ${count} of ${steps.length}` : `${steps.length} steps`;
  position.textContent = step ? `${number} · ${step.phase} pass` : number;
  if (!step) {
    said.textContent = "Before the first step only inputs and parameters have their numbers.";
    formulaLine.textContent = "";
    terms.replaceChildren();
    return;
  }
  said.textContent = step.sentence;
  formulaLine.textContent = step.formula;
  const [part] = step.parts;
  const isSingle = step.parts.length === 1;
  terms.replaceChildren(...(isSingle && part.terms ? termsOf(part) : []));
}

/** upstream × local = contribution; and where it is added to others, their sum. */
function termsOf({ terms: known, share: [use, uses] }) {
  const made = [
    term(known.upstream, "upstream"),
    sign("×"),
    term(known.local, "local"),
    sign("="),
    term(known.contribution, "contribution", uses > 1 ? `, ${use} of ${uses}` : ""),
  ];
  if (!known.before) return made;
  const sum = [
    term(known.before, "until now"),
    sign("+"),
    term(known.added, "this"),
    sign("="),
    term(known.after, "now"),
  ];
  return [...made, tag("span", "apart"), ...sum];
}

function term([number, meaning], name, more = "") {
  const words = tag("span", "meaning", `${name}${more}`);
  return tag("span", "term", tag("b", "", number), words, tag("span", "meaning", meaning));
}

function sign(text) {
  return tag("span", "sign", text);
}
