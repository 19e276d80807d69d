// Search by label, operation or scope, folded or not.

const searchBox = document.getElementById("search");
const foundBox = document.getElementById("found");
const searching = { found: [], at: -1, isMarked: false };

/** All that a search may find, with the words that it is found by. */
const searched = [
  ...frames.map((frame) => [frame, frame.whole_name]),
  ...nodes.map((node) => [node, [node.name, node.id, node.op, node.symbol, node.scope].join("\n")]),
].map(([thing, words]) => ({ thing, words: words.toLowerCase() }));

function search() {
  const wanted = searchBox.value.trim().toLowerCase();
  const matches = wanted ? searched.filter(({ words }) => words.includes(wanted)) : [];
  // What begins with the words, or is called so, comes first; then the order of birth.
  const rank = ({ thing }) => {
    const name = nameOf(thing).toLowerCase();
    return name === wanted ? 0 : name.startsWith(wanted) ? 1 : 2;
  };
  matches.sort((one, other) => rank(one) - rank(other));
  searching.found = matches.map(({ thing }) => thing);
  searching.at = -1;
  foundBox.textContent = wanted ? `${searching.found.length} found` : "";
  markFound();
}

/** Goes to the next that was found, or to the one before; opens the frames around it. */
function goToFound(step) {
  const count = searching.found.length;
  if (count === 0) return;
  searching.at =
    searching.at < 0 ? (step > 0 ? 0 : count - 1) : (searching.at + step + count) % count;
  go(searching.found[searching.at], { focus: false });
  foundBox.textContent = `${searching.at + 1} of ${count}`;
}

/** Marks what was found where it is seen, or the folded frame that it is in. */
function markFound() {
  const shown = new Set(searching.found.map(shownFor));
  if (shown.size === 0 && !searching.isMarked) return;
  searching.isMarked = shown.size > 0;
  for (const [thing, made] of drawn.things) {
    made.classList.toggle("found", shown.has(thing));
  }
}

searchBox.addEventListener("input", search);
searchBox.addEventListener("keydown", (event) => {
  if (event.key === "Enter") goToFound(event.shiftKey ? -1 : 1);
  if (event.key === "Escape") {
    searchBox.value = "";
    search();
    searchBox.blur();
  }
});
