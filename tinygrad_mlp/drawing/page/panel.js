// What is told of a node or a frame beside the drawing. All words are set as text, never as markup.

const panel = document.getElementById("told");
const live = document.getElementById("live");

/** Lets a screen reader say something. */
function announce(words) {
  live.textContent = words;
}

function tag(name, look, ...children) {
  const made = document.createElement(name);
  if (look) made.className = look;
  made.append(...children);
  return made;
}

/** A button that leads to a thing. */
function leadTo(thing, words = nameOf(thing)) {
  const made = tag("button", "lead", words);
  made.type = "button";
  made.addEventListener("click", () => go(thing));
  return made;
}

function separated(parts, sign) {
  return parts.flatMap((part, place) => (place === 0 ? [part] : [sign, part]));
}

/** Tells about a thing; of a chosen node also every path to the outputs. */
function tell(thing, { chosen = false } = {}) {
  if (!thing) panel.replaceChildren(...legend());
  else panel.replaceChildren(...(thing.isFrame ? aboutFrame(thing) : aboutNode(thing, chosen)));
}

function aboutFrame(frame) {
  const inside = nodes.filter((node) => framesAround(node).includes(frame));
  const labels = inside.filter((node) => node.name !== node.id).slice(0, 40);
  return [
    tag("h2", "", frame.whole_name),
    tag("p", "quiet", `${frame.closed ? "folded" : "open"} frame: ${frame.lines.join(", ")}`),
    tag(
      "p",
      "",
      ...separated(
        labels.map((node) => leadTo(node)),
        ", ",
      ),
    ),
  ];
}

function aboutNode(node, chosen) {
  const made = [
    tag("h2", "", node.name, " ", tag("span", "quiet", node.name === node.id ? "" : node.id)),
    tag("p", "quiet", [ROLES[node.role], node.facts, node.scope].filter(Boolean).join(" · ")),
  ];
  if (node.op) made.push(aboutOp(node));
  if (node.whole_value === undefined) {
    made.push(tag("p", "", (node.value ?? []).join(", ")));
    return made;
  }
  made.push(tag("h3", "", "value"), tag("pre", "", node.whole_value));
  made.push(tag("h3", "gradient", "gradient"));
  if (node.whole_gradient) made.push(tag("pre", "gradient", node.whole_gradient));
  else if (node.role === "constant") made.push(tag("p", "quiet", "none: it is a constant"));
  else made.push(tag("p", "quiet", "not computed; call backward() first"));
  if (node.line) made.push(tag("h3", "", "made in"), tag("p", "", node.line));
  if (node.uses.length > 0) made.push(...aboutUses(node));
  if (chosen) made.push(tag("h3", "", "paths"), tag("p", "", pathsOf(node)), ...pathLists(node));
  return made;
}

const ROLES = {
  input: "input",
  parameter: "parameter",
  constant: "constant",
  operation: "result",
  group: "many nodes",
  error: "what failed",
};

function aboutOp(node) {
  const sources = node.arguments.map((source, place) => {
    const name = node.names?.[place];
    return tag("span", "", name ? `${name} = ` : "", leadTo(source));
  });
  const options = node.options?.length ? [", ", node.options.join(", ")] : [];
  return tag("p", "", `${node.op}(`, ...separated(sources, ", "), ...options, ")");
}

/** The most uses that are told one by one. */
const MOST_USES = 60;

/** A row for each use of a value: by whom, and what comes back from there. */
function aboutUses(node) {
  const rows = node.uses.slice(0, MOST_USES).map((use) => {
    const lines = contributionOf(use).map((line) => tag("div", "number", line));
    const name = use.user.names?.[use.argument];
    const by = leadTo(
      use.user,
      `${use.user.symbol ?? use.user.op ?? ""} ${nameOf(use.user)}`.trim(),
    );
    const what = lines.length > 0 ? lines : [tag("span", "quiet", "nothing known")];
    const first = tag(
      "td",
      "",
      by,
      tag("div", "quiet", name ? `as ${name}` : "", placeOf(use.user)),
    );
    return tag("tr", "", first, tag("td", "", ...what));
  });
  const head = tag(
    "tr",
    "",
    tag("th", "", "used by"),
    tag("th", "", "contribution to the gradient"),
  );
  const count = node.uses.length === 1 ? "one use" : `${node.uses.length} uses`;
  const more = node.uses.length - rows.length;
  const rest = more > 0 ? [tag("p", "quiet", `and ${more} more`)] : [];
  return [tag("h3", "", count), tag("table", "", head, ...rows), ...rest];
}

function placeOf(node) {
  return node.scope ? ` in ${node.scope}` : "";
}

/** How many paths lead to each output, in words. */
function pathsOf(node) {
  const after = madeFrom(node);
  const reachable = outputs.filter((output) => output !== node && after.has(output));
  if (reachable.length === 0) {
    return outputs.includes(node) ? "This is an output." : "No path leads to an output.";
  }
  return (
    reachable
      .map((output) => {
        const count = countPaths(node, output);
        const number =
          count < 10n ** 15n ? count.toLocaleString("en") : `about ${shortened(count)}`;
        return `${number} path${count === 1n ? "" : "s"} to ${nameOf(output)}`;
      })
      .join(", ") + "."
  );
}

/** The most paths that are told step by step, and the most steps of one. */
const MOST_PATHS = 8;
const MOST_STEPS = 12;

/** Each path from an output back to a node, with what comes back at every step. */
function pathLists(node) {
  const after = madeFrom(node);
  const reachable = outputs.filter((output) => output !== node && after.has(output));
  const paths = reachable.flatMap((output) => listPaths(node, output, MOST_PATHS) ?? []);
  if (paths.length > MOST_PATHS || paths.some((path) => path.length > MOST_STEPS)) return [];
  return paths.map((path) =>
    tag(
      "ol",
      "path",
      ...[...path].reverse().map((use) => {
        const words = contributionOf(use).filter((line) => !line.startsWith("∂ = "));
        const step = [leadTo(use.user), " to ", leadTo(use.user.arguments[use.argument])];
        return tag("li", "", ...step, tag("div", "number", words[0] ?? ""));
      }),
    ),
  );
}

function shortened(count) {
  const digits = String(count);
  return `${digits[0]}.${digits.slice(1, 3)}e${digits.length - 1}`;
}

/** What the colours and borders mean, while nothing else is told. */
function legend() {
  const about = {
    input: "input",
    parameter: "parameter, learned",
    constant: "constant",
    operation: "result; the operation before its name",
    output: "output",
    group: "folded frame",
    error: "what failed",
  };
  const used = new Set([...nodes.map((node) => node.role), frames.length > 0 ? "group" : ""]);
  if (outputs.length > 0) used.add("output");
  const items = Object.entries(about).filter(([role]) => used.has(role));
  const rows = items.map(([role, words]) => tag("li", "", swatch(role), words));
  const touch = matchMedia("(hover: none)").matches;
  const how = touch
    ? "Tap a box for its numbers and its paths to the output; tap a frame to fold or open it."
    : "Point at a box for its numbers. Click it for its paths to the output; click a frame to " +
      "fold or open it.";
  return [tag("p", "how", how), tag("ul", "legend", ...rows)];
}

function swatch(role) {
  const made = element("svg", { width: 26, height: 16, "aria-hidden": "true" });
  const look = role === "output" ? "box operation output" : `box ${role}`;
  const box = { x: 3, y: 2, width: 20, height: 12, rx: 2 };
  const group = element("g", { class: look });
  group.append(
    element("rect", { class: "head", ...box }),
    element("rect", { class: "border", ...box }),
  );
  if (role === "group") {
    group.append(
      element("rect", { class: "border", x: 0.5, y: 0.5, width: 25, height: 15, rx: 3 }),
    );
  }
  made.append(group);
  return made;
}
