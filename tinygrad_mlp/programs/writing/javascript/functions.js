/** The logistic function, without overflow. */
function sigmoid(z) {
  const rise = Math.exp(Math.min(z, 40));
  return rise / (1 + rise);
}

/** The derivative of sigmoid; s * (1 - s) would be 0 from z = 37 on. */
function sigmoid_prime(z) {
  const decay = Math.exp(-Math.abs(z));
  return decay / (1 + decay) ** 2;
}

/** The derivative of tanh, without cancellation. */
function tanh_prime(x) {
  const decay = Math.exp(-2 * Math.abs(x));
  return (4 * decay) / (1 + decay) ** 2;
}

/** The logarithm of 1 + exp(x), without overflow. */
function softplus(x) {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** The slope of relu. */
function relu_prime(x) {
  return Math.sign(Math.max(x, 0));
}

/** The logarithm of exp(x) + exp(y), without overflow. */
function logaddexp(x, y) {
  return x === y ? x + Math.LN2 : Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));
}

/** The share of x in max(x, y): 1, 0, or a half of it. */
function larger_share(x, y) {
  if (Number.isNaN(x + y)) return NaN;
  return x === y ? 0.5 : Number(x > y);
}

/** The slope of clip. */
function inside(x, least, largest) {
  const clipped = Math.min(Math.max(x, least), largest);
  return Number.isNaN(clipped) ? clipped : Number(least <= x && x <= largest);
}

/** The cosine of the angle to the point (x, y). */
function direction(x, y) {
  const length = Math.hypot(x, y);
  return length === 0 ? 0 : x / length;
}

/** x / y, and 0 where x is 0. */
function divide_or_zero(x, y) {
  return x === 0 ? x : x / y;
}

/** The exponent of the derivative of x ** y by x, where 0 * x ** 0 is 0. */
function exponent_below(y) {
  return y === 0 ? 0 : y - 1;
}

/** The factor of the derivative of x ** y by y, where a power of 0 wins. */
function log_of_base(x, y) {
  return (x === 0 && y >= 0) || (x === Infinity && y < 0) ? 0 : Math.log(x);
}

/** The derivative of x ** y, by_x times by x and by_y times by y. */
function power_slope(x, y, by_x, by_y) {
  const factors = [1, ...Array(by_y).fill(0)];
  for (let root = 0; root < by_x; root++) {
    for (let k = by_y; k > 0; k--) factors[k] = factors[k] * (y - root) + k * factors[k - 1];
    factors[0] *= y - root;
  }
  const from_zero = x === 0 && (by_x > 0 ? y > by_x : y >= 0);
  const logarithm = from_zero || (x === Infinity && y < by_x) ? 0 : Math.log(x);
  let total = factors[0];
  let ways = 1;
  for (let k = 1; k <= by_y; k++) {
    ways = (ways * (by_y - k + 1)) / k;
    total = (total === 0 ? 0 : total * logarithm) + ways * factors[k];
  }
  return total === 0 ? 0 : total * x ** (y - by_x);
}

/** The nearest whole number, of two the even one. */
function rint(x) {
  return Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x);
}

/** The nearest number with so many decimals. */
function round(x, decimals) {
  const scale = 10 ** Math.abs(decimals);
  return decimals < 0 ? rint(x / scale) * scale : rint(x * scale) / scale;
}

/** The rest of x / y, with the sign of x. */
function fmod(x, y) {
  return x % y;
}

/** The rest of x / y, with the sign of y. */
function remainder(x, y) {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}

/** The largest whole number that is not larger than x / y, which is rounded. */
function floor_divide(x, y) {
  return y === 0 ? x / y : rint((x - remainder(x, y)) / y);
}

/** The inverse of the logistic function. */
function logit(x) {
  if (Math.abs(x - 0.5) < 0.25) return 2 * Math.atanh(2 * x - 1);
  return Math.log(x) - Math.log1p(-x);
}

/** x times log(y), and 0 where x is 0. */
function xlogy(x, y) {
  return x === 0 && !Number.isNaN(y) ? 0 : x * Math.log(y);
}

/** The sine and the cosine of pi x, exact at whole numbers. */
function waves(x) {
  const sign = rint(x) % 2 === 0 ? 1 : -1;
  const angle = Math.PI * (x - rint(x));
  return [sign * Math.sin(angle), sign * Math.cos(angle)];
}

/** The sine of pi x, divided by pi x. */
function sinc(x) {
  return x === 0 ? 1 : waves(x)[0] / (Math.PI * x);
}

/** The derivative of sinc of some order: a series near 0, elsewhere one after the other. */
function sinc_slope(x, order) {
  const t = Math.PI * x;
  const odd = order % 2;
  let found = 0;
  if (Math.abs(x) < 0.75 + order / 16) {
    let term = (((order + odd) / 2) % 2 === 0 ? 1 : -1) * t ** odd;
    for (let power = odd; power < 40 + order; power += 2) {
      found += term / (order + power + 1);
      term *= (-t * t) / ((power + 1) * (power + 2));
    }
  } else {
    const [sine, cosine] = waves(x);
    found = sine / t;
    for (let n = 1; n <= order; n++) {
      found = ([sine, cosine, -sine, -cosine][n % 4] - n * found) / t;
    }
  }
  return found * Math.PI ** order;
}

/** The lengths of the axes of nested arrays; none for a number. */
function shape_of(x) {
  return Array.isArray(x) ? [x.length, ...shape_of(x[0])] : [];
}

/** All numbers of nested arrays, one after the other. */
function flat(x) {
  return Array.isArray(x) ? x.flat(Infinity) : [x];
}

/** Numbers as nested arrays of a shape. */
function shaped(numbers, shape) {
  if (shape.length === 0) return numbers[0];
  const size = numbers.length / shape[0];
  const part = (i) => shaped(numbers.slice(i * size, (i + 1) * size), shape.slice(1));
  return Array.from({ length: shape[0] }, (_, i) => part(i));
}

/** The same numbers in another shape. */
function reshape(x, shape) {
  return shaped(flat(x), shape);
}

/** How many axes nested arrays have; 0 for a number. */
function depth_of(x) {
  let depth = 0;
  for (; Array.isArray(x); x = x[0]) depth++;
  return depth;
}

/** f of the numbers at each place of arrays, which are stretched to one shape. */
function each(f, ...xs) {
  return spread(f, xs, xs.map(depth_of));
}

/** The same for arrays of these depths: the deepest are taken apart, the others wait. */
function spread(f, xs, depths) {
  const depth = Math.max(...depths);
  if (depth === 0) return f(...xs);
  const rest = depths.map((own) => Math.min(own, depth - 1));
  const length = Math.max(...xs.map((x, n) => (depths[n] === depth ? x.length : 1)));
  const result = [];
  for (let i = 0; i < length; i++) {
    const part = (x, n) => (depths[n] < depth ? x : x[x.length === 1 ? 0 : i]);
    result.push(spread(f, xs.map(part), rest));
  }
  return result;
}

/** An array repeated to a larger shape. */
function broadcast_to(x, shape) {
  const count = shape.reduce((a, b) => a * b, 1);
  return each((number) => number, x, shaped(Array(count).fill(0), shape));
}

/** Where the numbers of an array stand that differ in their places along some axes only. */
function runs_along(shape, axes) {
  const runs = new Map();
  const count = shape.reduce((a, b) => a * b, 1);
  for (let position = 0; position < count; position++) {
    let rest = position;
    const place = shape.map(() => 0);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (!axes.includes(axis)) place[axis] = rest % shape[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    const key = place.join();
    if (!runs.has(key)) runs.set(key, []);
    runs.get(key).push(position);
  }
  return [...runs.values()];
}

/** One number, f of them, for all that stand along some axes; along all of them by default. */
function reduced(f, x, axes, keepdims) {
  const shape = shape_of(x);
  const over = axes ?? [...shape.keys()];
  const numbers = flat(x);
  const results = runs_along(shape, over).map((run) => f(run.map((i) => numbers[i])));
  const kept = shape.map((length, axis) => (over.includes(axis) ? 1 : length));
  return shaped(results, keepdims ? kept : kept.filter((_, axis) => !over.includes(axis)));
}

/** As many numbers, f of them, in the place of those along some axes. */
function along(f, x, axes) {
  const shape = shape_of(x);
  const numbers = flat(x);
  const results = Array(numbers.length);
  for (const run of runs_along(shape, axes ?? [...shape.keys()])) {
    const made = f(run.map((i) => numbers[i]));
    run.forEach((position, i) => (results[position] = made[i]));
  }
  return shaped(results, shape);
}

/** The sum of a list. */
function total(numbers) {
  return numbers.reduce((a, b) => a + b, 0);
}

function sum(x, axes, keepdims) {
  return reduced(total, x, axes, keepdims);
}

function mean(x, axes, keepdims) {
  return reduced((numbers) => total(numbers) / numbers.length, x, axes, keepdims);
}

function max(x, axes, keepdims) {
  return reduced((numbers) => Math.max(...numbers), x, axes, keepdims);
}

function min(x, axes, keepdims) {
  return reduced((numbers) => Math.min(...numbers), x, axes, keepdims);
}

function prod(x, axes, keepdims) {
  return reduced((numbers) => numbers.reduce((a, b) => a * b, 1), x, axes, keepdims);
}

/** The length of vectors. */
function norm(x, axes, keepdims) {
  return reduced((numbers) => Math.hypot(...numbers), x, axes, keepdims);
}

/** Vectors divided by their length; 0 stays 0. */
function unit(x, axes) {
  return along((numbers) => numbers.map((v) => v / (Math.hypot(...numbers) || 1)), x, axes);
}

/** The share of each number in the maximum; those that are equal share it. */
function max_share(x, axes) {
  return along(
    (numbers) => {
      const largest = Math.max(...numbers);
      const is_largest = numbers.map((v) => v === largest || Number.isNaN(v));
      return is_largest.map((yes) => yes / total(is_largest));
    },
    x,
    axes,
  );
}

/** The product of all other numbers of a run. */
function product_of_others(x, axes) {
  const of_others = (numbers, i) => numbers.reduce((a, b, j) => (j === i ? a : a * b), 1);
  return along((numbers) => numbers.map((_, i) => of_others(numbers, i)), x, axes);
}

/** The sum of all other numbers of a run. */
function sum_of_others(x, axes) {
  const of_others = (numbers, i) => total(numbers.filter((_, j) => j !== i));
  return along((numbers) => numbers.map((_, i) => of_others(numbers, i)), x, axes);
}

/** The logarithm of the sum of the exponentials of a list, without overflow. */
function log_total(numbers) {
  const largest = Math.max(...numbers);
  const shift = Number.isFinite(largest) ? largest : 0;
  return shift + Math.log(total(numbers.map((v) => Math.exp(v - shift))));
}

function logsumexp(x, axes, keepdims) {
  return reduced(log_total, x, axes, keepdims);
}

/** Exponentials divided by their sum, without overflow. */
function softmax(x, axes) {
  return along(
    (numbers) => {
      const largest = Math.max(...numbers);
      const exponentials = numbers.map((v) => Math.exp(v - largest));
      return exponentials.map((e) => e / total(exponentials));
    },
    x,
    axes,
  );
}

/** The logarithm of the softmax. */
function log_softmax(x, axes) {
  return along(
    (numbers) => {
      const largest = Math.max(...numbers);
      const rest = Math.log(total(numbers.map((v) => Math.exp(v - largest))));
      return numbers.map((v) => v - largest - rest);
    },
    x,
    axes,
  );
}

/** Sums over the axes that stretching from a smaller shape added or stretched. */
function sum_to(x, shape) {
  const before = shape_of(x);
  const added = before.length - shape.length;
  const over = [...before.keys()].filter(
    (axis) => axis < added || (shape[axis - added] === 1 && before[axis] !== 1),
  );
  return reshape(sum(x, over, true), shape);
}

/** An array with its axes in another order, reversed by default. */
function transpose(x, order) {
  const shape = shape_of(x);
  if (shape.length === 2 && order === undefined) return x[0].map((_, j) => x.map((row) => row[j]));
  const axes = order ?? [...shape.keys()].reverse();
  const turned = (place) => {
    if (place.length < axes.length) {
      const length = shape[axes[place.length]];
      return Array.from({ length }, (_, i) => turned([...place, i]));
    }
    return shape.reduce((part, _, axis) => part[place[axes.indexOf(axis)]], x);
  };
  return turned([]);
}

/** The product of matrices, of vectors, or of stacks of matrices. */
function matmul(x, y) {
  const [left, right] = [depth_of(x), depth_of(y)];
  if (left === 1) return right === 1 ? total(x.map((v, k) => v * y[k])) : rows_of(matmul([x], y));
  if (right === 1) return each_matrix(x, (a) => a.map((row) => total(row.map((v, k) => v * y[k]))));
  if (left === 2 && right === 2) {
    return x.map((row) => y[0].map((_, j) => total(row.map((v, k) => v * y[k][j]))));
  }
  const length = Math.max(left < right ? 1 : x.length, right < left ? 1 : y.length);
  const part = (a, deeper, i) => (deeper ? a[a.length === 1 ? 0 : i] : a);
  return Array.from({ length }, (_, i) =>
    matmul(part(x, left >= right, i), part(y, right >= left, i)),
  );
}

/** The sum of products over axes that are named by letters; lengths of 1 are stretched. */
function einsum(subscripts, operands) {
  const [left, right] = subscripts.split("->");
  const parts = left.split(",");
  const lengths = {};
  for (const [n, part] of parts.entries()) {
    for (const [axis, length] of shape_of(operands[n]).entries()) {
      lengths[part[axis]] = Math.max(lengths[part[axis]] ?? 1, length);
    }
  }
  const summed = Object.keys(lengths).filter((letter) => !right.includes(letter));
  const each_place = (letter, place, f) =>
    Array.from({ length: lengths[letter] }, (_, i) => f({ ...place, [letter]: i }));
  const number = (x, part, place) =>
    [...part].reduce((inner, letter) => inner[inner.length === 1 ? 0 : place[letter]], x);
  const products = ([letter, ...rest], place) =>
    letter === undefined
      ? [operands.reduce((product, x, n) => product * number(x, parts[n], place), 1)]
      : each_place(letter, place, (inner) => products(rest, inner)).flat();
  const table = ([letter, ...rest], place) =>
    letter === undefined
      ? total(products(summed, place))
      : each_place(letter, place, (inner) => table(rest, inner));
  return table([...right], {});
}

/** f of each matrix of a stack of them. */
function each_matrix(x, f) {
  return depth_of(x) > 2 ? x.map((part) => each_matrix(part, f)) : f(x);
}

/** The first row of each matrix of a stack of them. */
function rows_of(x) {
  return each_matrix(x, (matrix) => matrix[0]);
}

/** x W + b. */
function affine(x, W, b) {
  return each((z, bias) => z + bias, matmul(x, W), b);
}

/** The numbers at some places, which count all numbers of x one after the other. */
function take(x, places) {
  const numbers = flat(x);
  return each((place) => numbers[place], places);
}

/** Sums of the products whose places have one sum; all of them, or so many in the middle. */
function convolve(a, v, which, length) {
  const [left, right] = [flat(a), flat(v)];
  const shorter = Math.min(left.length, right.length);
  const first = [shorter - 1, (shorter - 1) >> 1, 0][which]; // valid, same, full
  const sum = (place) =>
    total(left.flatMap((x, i) => (place - i in right ? [x * right[place - i]] : [])));
  return Array.from({ length }, (_, i) => sum(first + i));
}

/** Zeros of a shape, to which numbers are added at some places. */
function place(x, places, shape) {
  const result = Array(shape.reduce((a, b) => a * b, 1)).fill(0);
  const numbers = flat(x);
  flat(places).forEach((position, i) => (result[position] += numbers[i]));
  return shaped(result, shape);
}

/** Arrays joined along an axis. */
function concatenate(arrays, axis) {
  if (axis === 0) return arrays.flat(1);
  return arrays[0].map((_, i) => concatenate(arrays.map((x) => x[i]), axis - 1));
}

/** Arrays of one shape joined along a new axis. */
function stack(arrays, axis) {
  if (axis === 0) return arrays;
  return arrays[0].map((_, i) => stack(arrays.map((x) => x[i]), axis - 1));
}

/** All numbers of some arrays, in a shape. */
function assemble(parts, shape) {
  return shaped(parts.flatMap(flat), shape);
}

/** Sums of all numbers up to each, along an axis; of all one after the other by default. */
function cumsum(x, axis) {
  if (axis === undefined) return cumsum(flat(x), 0);
  const sums = (numbers) => {
    let so_far = 0;
    return numbers.map((v) => (so_far += v));
  };
  return along(sums, x, [axis]);
}

/** Products of all numbers up to each, along an axis; of all one after the other by default. */
function cumprod(x, axis) {
  if (axis === undefined) return cumprod(flat(x), 0);
  const products = (numbers) => {
    let so_far = 1;
    return numbers.map((v) => (so_far *= v));
  };
  return along(products, x, [axis]);
}

/** The places of numbers in the order in which these rise; nan comes last. */
function rising(numbers) {
  const is_nan = (i) => Number(Number.isNaN(numbers[i]));
  const before = (i, j) => is_nan(i) - is_nan(j) || numbers[i] - numbers[j] || 0;
  return [...numbers.keys()].sort(before);
}

/** Numbers in the order in which they rise, along an axis; all of them by default. */
function sort(x, axis) {
  if (axis === undefined) return sort(flat(x), 0);
  return along((numbers) => rising(numbers).map((i) => numbers[i]), x, [axis]);
}

/** Numbers in the order in which those of another array rise. */
function sorted_by(x, by, axis) {
  const pairs = each((number, key) => ({ number, key }), x, by);
  const order = (run) => rising(run.map((pair) => pair.key));
  return along((run) => order(run).map((i) => run[i].number), pairs, [axis]);
}

/** Numbers back where sorted_by took them from. */
function unsorted_by(x, by, axis) {
  const pairs = each((number, key) => ({ number, key }), x, by);
  const back = (run) => {
    const result = [];
    rising(run.map((pair) => pair.key)).forEach((i, n) => (result[i] = run[n].number));
    return result;
  };
  return along(back, pairs, [axis]);
}

/** How many numbers of a rising list are not larger than each of some numbers; than nan, all. */
function not_larger(x, numbers) {
  return each((number) => x.filter((one) => !(one > number)).length, numbers);
}

/** Numbers of a list at places, which count from the end if they are negative. */
function elements_at(x, places) {
  return each((place) => x.at(Math.trunc(place)), places);
}

/** Zeros of a length, to which numbers are added at such places. */
function added_at(x, places, length) {
  const counted = each((place) => (Math.trunc(place) + length) % length, places);
  return place(x, counted, [length]);
}

/** Half the sum of squares. */
function half_squared_error(y_true, y_pred) {
  return 0.5 * sum(each((y, p) => (y - p) ** 2, y_true, y_pred));
}

/** The mean of half the squares. */
function mse(y_true, y_pred) {
  return mean(each((y, p) => 0.5 * (y - p) ** 2, y_true, y_pred));
}

/** The mean of -y log p - (1 - y) log(1 - p), where 0 log 0 is 0. */
function binary_cross_entropy(y_true, y_pred) {
  const of_true = (y, p) => (y === 0 ? 0 : y * Math.log(p));
  const of_false = (y, p) => (y === 1 ? 0 : (1 - y) * Math.log1p(-p));
  return mean(each((y, p) => -of_true(y, p) - of_false(y, p), y_true, y_pred));
}

/** The mean over the rows of -y log softmax(logits), where 0 log 0 is 0. */
function softmax_cross_entropy(y_true, logits) {
  const last = [depth_of(logits) - 1];
  const costs = each((y, p) => (y === 0 ? 0 : -y * p), y_true, log_softmax(logits, last));
  return mean(sum(costs, last));
}
