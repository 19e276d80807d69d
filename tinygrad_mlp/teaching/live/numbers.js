// Numbers as text, as everywhere in drawings, and the numbers of nested arrays.

/** A number with some significant digits, as Python's "g" writes it. */
function significant(x, digits) {
  const [mantissa, power] = x.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  const bare = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (exponent < -4 || exponent >= digits) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${bare(mantissa)}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  return bare(x.toFixed(Math.max(digits - 1 - exponent, 0)));
}

/** One number; what is whole has no point, and zero no sign. */
function told(x, digits = 6) {
  if (typeof x === "boolean") return x ? "True" : "False";
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x < 0 ? "-inf" : "inf";
  if (Number.isInteger(x) && Math.abs(x) < 1e9) return String(x + 0);
  const text = significant(x, digits);
  return /^-?\d+$/.test(text) ? x.toFixed(1).replace(/\.0$/, "") : text;
}

/** A number as it stands behind a sign: in brackets if it is negative. */
function factor(x) {
  const text = told(x);
  return text.startsWith("-") ? `(${text})` : text;
}

/** One number with as many digits, up to six, as have room. */
function fitted(x, width) {
  for (let digits = 6; digits > 1; digits--) {
    const text = told(x, digits);
    if (text.length <= width) return text;
  }
  return told(x, 1);
}

function shapeOf(x) {
  return Array.isArray(x) ? [x.length, ...shapeOf(x[0])] : [];
}

function numbersIn(x) {
  return Array.isArray(x) ? x.flat(Infinity) : [x];
}

/** Numbers as nested arrays of a shape. */
function nested(numbers, shape) {
  if (shape.length === 0) return numbers[0];
  const size = numbers.length / shape[0];
  return Array.from({ length: shape[0] }, (_, i) =>
    nested(numbers.slice(i * size, (i + 1) * size), shape.slice(1)),
  );
}

/** The lines that tell a value in its box, each with so much room: see picture.py. */
function linesOf(x, width) {
  const shape = shapeOf(x);
  const all = numbersIn(x);
  if (shape.length === 0) return [centered(fitted(x, width), width)];
  const cell = 8;
  if (shape.length <= 2 && Math.max(...shape) <= 4) {
    const rows = shape.length === 1 ? [x] : x;
    return rows.map((row) => row.map((v) => fitted(v, cell).padStart(cell)).join(" "));
  }
  if (all.length <= 4) return [centered(all.map((v) => fitted(v, cell)).join(" "), width)];
  const ends = [...all.slice(0, 2), ...all.slice(-2)].map((v) => fitted(v, cell));
  return [centered(`${ends[0]} ${ends[1]} … ${ends[2]} ${ends[3]}`, width)];
}

function centered(text, width) {
  return text.padStart(Math.floor((width + text.length) / 2));
}
