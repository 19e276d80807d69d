// What the page knows, what can be changed in it, and what follows from that.

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

/** A new element with attributes and a text, which is data and never markup. */
function made(name, attributes = {}, text = "") {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

// The numbers of each input, one after the other; the same array for the life of the page.
const state = data.inputs.map((input) => numbersIn(input.numbers));

/** Every number that can be changed: of which input, which one, what it is called, its range. */
const dials = data.inputs.flatMap((input, of) =>
  state[of].map((_, place) => ({ of, place, name: input.names[place], range: input.range })),
);

function given(numbers) {
  return data.inputs.map((input, of) => nested(numbers[of], input.shape));
}

/** All values, gradients, local derivatives and contributions at the present numbers. */
function everythingNow() {
  return everything(...given(state));
}

/** The function of the numbers at some dials that f is, with all other numbers as they are. */
function along(f, moved) {
  const numbers = state.map((all) => [...all]);
  const inputs = given(numbers);
  return (...xs) => {
    moved.forEach((dial, n) => (numbers[dial.of][dial.place] = xs[n]));
    for (const { of } of moved) inputs[of] = nested(numbers[of], data.inputs[of].shape);
    return f(...inputs);
  };
}

/** The gradient by a dial, among everything. */
function slopeOf(dial, found) {
  return numbersIn(found.gradients[data.inputs[dial.of].value])[dial.place];
}
