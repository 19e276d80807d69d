// One drawing in layers, by the steps of Sugiyama: layers by the longest path, bends where an edge
// passes a layer, few crossings by sorting each layer by its neighbours, then places near to them.
//
// It knows directions "along" the arrows and "across" them only; who paints may turn it upright.
// A vertex is { along, across, side }: its sizes, and "start" or "end" for a point on the border.
// An edge is { from, to, out, into }: indices of vertices, older first, and where it leaves and
// arrives, measured from the middle. Afterwards vertices have `at` and `left`, edges a `route`.

const LAYER_GAP = 34;
/** Between layers beside each other there is room for a number on a line. */
const WIDE_LAYER_GAP = 58;
const BOX_GAP = 16;
const BEND_GAP = 9;
/** Bends of all edges together; longer edges go straight, behind the boxes. */
const MOST_BENDS = 20000;
/** What comes from nowhere, such as a weight, pulls less than what was computed. */
const LEAF_PULL = 0.25;

/** Gives places to vertices and routes to edges; returns how long and how broad it all is. */
function layered(vertices, edges, gap) {
  const count = assignLayers(vertices, edges);
  const layers = Array.from({ length: count }, () => []);
  for (const vertex of vertices) {
    vertex.before = [];
    vertex.after = [];
    layers[vertex.layer].push(vertex);
  }
  addBends(vertices, edges, layers);
  sortLayers(layers);
  placeAcross(layers);
  return measure(vertices, edges, layers, gap);
}

// ----- Layers -----

/** Puts each vertex after all its sources, and as late as its targets allow. */
function assignLayers(vertices, edges) {
  const starts = vertices.some((vertex) => vertex.side === "start") ? 1 : 0;
  for (const vertex of vertices) vertex.layer = vertex.side === "start" ? 0 : starts;
  const forward = [...edges].sort((one, other) => one.to - other.to);
  for (const { from, to } of forward) {
    vertices[to].layer = Math.max(vertices[to].layer, vertices[from].layer + 1);
  }
  const ends = vertices.filter((vertex) => vertex.side === "end");
  const others = vertices.filter((vertex) => vertex.side !== "end");
  const last = others.reduce((most, vertex) => Math.max(most, vertex.layer), 0);
  for (const vertex of ends) vertex.layer = last + 1;
  const latest = new Map();
  const backward = [...edges].sort((one, other) => other.from - one.from);
  for (const { from, to } of backward) {
    const limit = (latest.get(to) ?? vertices[to].layer) - 1;
    latest.set(from, Math.min(latest.get(from) ?? limit, limit));
  }
  for (const [place, layer] of latest) {
    if (vertices[place].side !== "start") vertices[place].layer = layer;
  }
  const used = [...new Set(vertices.map((vertex) => vertex.layer))].sort((a, b) => a - b);
  const numbers = new Map(used.map((layer, number) => [layer, number]));
  for (const vertex of vertices) vertex.layer = numbers.get(vertex.layer);
  return used.length;
}

/** Links what an edge connects, through a bend in each layer that it passes. */
function addBends(vertices, edges, layers) {
  const longest = longestRoute(vertices, edges);
  const trunks = new Map(); // edges that leave one point share their bends
  for (const edge of edges) {
    const source = vertices[edge.from];
    const target = vertices[edge.to];
    const length = target.layer - source.layer - 1;
    const key = `${edge.from}:${edge.out}`;
    if (!trunks.has(key)) trunks.set(key, []);
    const trunk = trunks.get(key);
    edge.bends = [];
    if (length > longest) continue;
    while (trunk.length < length) {
      const last = trunk.at(-1) ?? source;
      const layer = source.layer + trunk.length + 1;
      const bend = { along: 0, across: 0, isBend: true, layer, before: [], after: [] };
      link(last, bend, trunk.length > 0 ? 0 : edge.out, 0);
      trunk.push(bend);
      layers[layer].push(bend);
    }
    edge.bends = trunk.slice(0, length);
    link(edge.bends.at(-1) ?? source, target, length > 0 ? 0 : edge.out, edge.into);
  }
}

function link(one, other, out, into) {
  one.after.push({ vertex: other, own: out, far: into });
  other.before.push({ vertex: one, own: into, far: out });
}

function longestRoute(vertices, edges) {
  const lengths = edges.map(({ from, to }) => vertices[to].layer - vertices[from].layer - 1);
  lengths.sort((one, other) => one - other);
  let total = 0;
  for (const length of lengths) {
    total += length;
    if (total > MOST_BENDS) return length - 1;
  }
  return Infinity;
}

// ----- Order -----

const SWEEPS = 16;
const PATIENCE = 4;

/** Sorts each layer by the middle of its neighbours, to and fro, and keeps the best order. */
function sortLayers(layers) {
  const walk = walked(layers);
  for (const layer of layers) {
    layer.sort((one, other) => walk.get(one) - walk.get(other));
    rankAll(layer);
  }
  let best = layers.map((layer) => [...layer]);
  let fewest = crossings(layers);
  for (let sweep = 0, waited = 0; sweep < SWEEPS && fewest > 0 && waited < PATIENCE; sweep++) {
    const side = sweep % 2 === 0 ? "before" : "after";
    const sorted = side === "before" ? layers : [...layers].reverse();
    for (const layer of sorted) sortByNeighbours(layer, side);
    const found = crossings(layers);
    waited++;
    if (found < fewest) {
      [fewest, waited, best] = [found, 0, layers.map((layer) => [...layer])];
    }
  }
  for (const [place, layer] of best.entries()) {
    layers[place].splice(0, layer.length, ...layer);
    rankAll(layer);
  }
}

/** The order in which a walk from the results to their arguments comes by. */
function walked(layers) {
  const seen = new Map();
  for (const layer of [...layers].reverse()) {
    for (const end of layer) {
      const waiting = [end];
      while (waiting.length > 0) {
        const vertex = waiting.pop();
        if (seen.has(vertex)) continue;
        seen.set(vertex, seen.size);
        const near = [...vertex.before].sort((one, other) => other.own - one.own);
        for (const { vertex: other } of near) waiting.push(other);
      }
    }
  }
  return seen;
}

function rankAll(layer) {
  for (const [rank, vertex] of layer.entries()) vertex.rank = rank;
}

/** The rank of a point of a vertex: the upper ones of a box are a little less than the lower. */
function rankAt(vertex, offset) {
  return vertex.rank + offset / Math.max(vertex.across, 1) / 2;
}

function sortByNeighbours(layer, side) {
  for (const vertex of layer) {
    const near = vertex[side];
    const total = near.reduce((sum, { vertex: other, far }) => sum + rankAt(other, far), 0);
    vertex.wish = near.length > 0 ? total / near.length : vertex.rank;
  }
  layer.sort((one, other) => one.wish - other.wish || one.rank - other.rank);
  rankAll(layer);
}

/** Counts the pairs of edges that cross between neighbouring layers. */
function crossings(layers) {
  let total = 0;
  for (const layer of layers) {
    const seen = []; // where edges ended that began further up, sorted
    for (const vertex of layer) {
      const out = [...vertex.after].sort((one, other) => one.own - other.own);
      for (const { vertex: other, far } of out) {
        const end = rankAt(other, far);
        const at = firstAbove(seen, end);
        total += seen.length - at;
        seen.splice(at, 0, end);
      }
    }
  }
  return total;
}

/** Where in a sorted list the first number above another stands. */
function firstAbove(sorted, number) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] > number) high = middle;
    else low = middle + 1;
  }
  return low;
}
