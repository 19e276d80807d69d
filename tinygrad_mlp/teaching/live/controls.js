// Sliders for single numbers, cells for several.

const fields = new Map(); // by dial, all elements that show its number

function show(dial) {
  const x = state[dial.of][dial.place];
  for (const field of fields.get(dial)) {
    if (field === document.activeElement && field.type === "number") continue;
    field.value = field.type === "number" ? told(x) : x;
  }
}

/** Changes numbers, and all that follows from them. */
function change(changes) {
  for (const [dial, x] of changes) {
    state[dial.of][dial.place] = x;
    show(dial);
  }
  update();
}

function field(dial, type) {
  const [low, high] = dial.range;
  const limits = type === "range" ? { min: low, max: high } : {};
  const element = made("input", { type, step: "any", "aria-label": dial.name, ...limits });
  element.addEventListener("input", () => {
    if (element.value !== "" && element.validity.valid) change([[dial, element.valueAsNumber]]);
  });
  element.addEventListener("change", () => show(dial)); // what is no number is put back
  element.addEventListener("blur", () => show(dial));
  fields.get(dial).push(element);
  return element;
}

function addControls() {
  data.inputs.forEach((input, of) => {
    const own = dials.filter((dial) => dial.of === of);
    for (const dial of own) fields.set(dial, []);
    const set = made("fieldset", input.learned ? { class: "learned" } : {});
    set.append(made("legend", {}, input.title));
    if (input.shape.length === 0) {
      const row = made("div", { class: "scalar" });
      row.append(field(own[0], "range"), field(own[0], "number"));
      set.append(row);
    } else {
      const cells = made("div", { class: "cells" });
      const columns = input.shape[input.shape.length - 1];
      for (let first = 0; first < own.length; first += columns) {
        const row = made("div", { class: "row" });
        row.append(...own.slice(first, first + columns).map((dial) => field(dial, "number")));
        cells.append(row);
      }
      set.append(cells);
    }
    byId("controls").append(set);
    own.forEach(show);
  });
  byId("reset").addEventListener("click", () =>
    change(dials.map((dial) => [dial, numbersIn(data.inputs[dial.of].numbers)[dial.place]])),
  );
}

function options(select, chosen) {
  dials.forEach((dial, place) => {
    const option = made("option", { value: place }, dial.name);
    option.selected = place === chosen;
    select.append(option);
  });
  select.addEventListener("input", drawLater);
}
