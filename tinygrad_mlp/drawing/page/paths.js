// Which paths lead from a value to an output, and what comes back on each of its edges.

const marks = document.getElementById("marks");

/** Everything that was made from a node, itself included. */
function madeFrom(node) {
  return reached(node, (one) => one.uses.map((use) => use.user));
}

/** Everything that some nodes were made from, themselves included. */
function sourcesOf(ends) {
  const found = new Set();
  for (const end of ends) for (const node of reached(end, (one) => one.arguments)) found.add(node);
  return found;
}

function reached(start, next) {
  const found = new Set([start]);
  for (const node of found) for (const other of next(node)) found.add(other); // it grows
  return found;
}

/** The nodes on all paths from a node to the outputs. */
function nodesOnPaths(node) {
  const after = madeFrom(node);
  const before = sourcesOf(outputs.filter((output) => after.has(output)));
  return new Set([...after].filter((one) => before.has(one)));
}

/** How many paths lead from a node to an output, exactly: x * x has two. */
function countPaths(node, output) {
  const counts = new Map([[output, 1n]]);
  const on = sourcesOf([output]);
  const waiting = [...madeFrom(node)].filter((one) => on.has(one) && one !== output);
  waiting.sort((one, other) => other.place - one.place);
  for (const one of waiting) {
    counts.set(
      one,
      one.uses.reduce((sum, use) => sum + (counts.get(use.user) ?? 0n), 0n),
    );
  }
  return counts.get(node) ?? 0n;
}

/** All paths from a node to an output, as lists of uses; null if there are more than some. */
function listPaths(node, output, most) {
  const on = sourcesOf([output]);
  const paths = [];
  const waiting = [[node, []]];
  while (waiting.length > 0) {
    const [end, path] = waiting.pop();
    if (end === output) paths.push(path);
    if (paths.length > most) return null;
    const uses = end === output ? [] : end.uses.filter((use) => on.has(use.user));
    for (const use of uses.reverse()) waiting.push([use.user, [...path, use]]);
  }
  return paths;
}

/** Shows all paths from a node to the outputs, and what comes back on them. */
function light(node) {
  const on = nodesOnPaths(node);
  const things = new Set([...on].map(shownFor));
  const lit = [];
  const isOn = ({ source, user }) => on.has(source) && on.has(user);
  for (const [line, made] of drawn.lines) {
    const isLit = line.edges.some((edge) => edge.uses.some(isOn));
    made.classList.toggle("lit", isLit);
    if (isLit && arrives(line)) lit.push(line);
  }
  drawing.classList.add("lighting");
  const chosen = shownFor(node);
  for (const [thing, made] of drawn.things) {
    const isLit = things.has(thing) || (thing.isFrame && !thing.closed);
    made.classList.toggle("lit", isLit);
    made.classList.toggle("chosen", thing === chosen);
  }
  marks.replaceChildren();
  if (lit.length <= MOST_WORDS) for (const line of lit) writeOn(line);
}

/** Words on more edges would be in each other's way. */
const MOST_WORDS = 40;

/** Writes what comes back on a line where it arrives, if that is one number. */
function writeOn(line) {
  const uses = line.edges.flatMap((edge) => edge.uses);
  const words = uses.length === 1 ? contributionOf(uses[0]).at(-1) : "";
  if (!isProduct(words)) return;
  marks.append(numberAt(line, words.split(" = ").at(-1), uses[0], "contribution"));
}

/** A number where a line arrives; beside an upright one on the left, if of the first argument. */
function numberAt(line, number, { user, argument }, look) {
  const [x, y] = endOf(line);
  if (!drawn.picture.upright) return textElement(x - 10, y - 4, number, look);
  const isFirst = argument === 0 && user.arguments.length > 1;
  return textElement(x + (isFirst ? -5 : 5), y - 10, number, isFirst ? look : `${look} beside`);
}

function unlight() {
  if (!drawing.classList.contains("lighting")) return;
  drawing.classList.remove("lighting");
  marks.replaceChildren();
  for (const made of drawn.lines.values()) made.classList.remove("lit");
  for (const made of drawn.things.values()) made.classList.remove("lit", "chosen");
}
