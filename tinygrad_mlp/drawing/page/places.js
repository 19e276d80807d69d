// Places for what stands in the layers: straight edges, and no two boxes on each other.
//
// What should be straight, such as a long edge, is one track with one height. Tracks are drawn to
// the middle of their neighbours, and after each sweep moved apart where they are too close.

const PLACING_SWEEPS = 12;

/** Gives every vertex its height `at`. */
function placeAcross(layers) {
  const tracks = tracksOf(layers);
  const order = constraints(tracks, layers);
  const leaves = leavesOf(layers);
  for (const track of tracks) track.at = 0;
  separate(tracks, order);
  const along = [...tracks].sort((one, other) => one.first - other.first);
  const backwards = [...along].reverse();
  for (let sweep = 0; sweep < PLACING_SWEEPS; sweep++) {
    const [sorted, sides] = sweep % 2 === 0 ? [along, ["before"]] : [backwards, ["after"]];
    for (const track of sorted) track.at = wished(track, sides, leaves);
    separate(tracks, order);
  }
  for (let sweep = 0; sweep < PLACING_SWEEPS / 2; sweep++) {
    const wishes = tracks.map((track) => wished(track, ["before", "after"], leaves));
    for (const [place, track] of tracks.entries()) track.at = (track.at + wishes[place]) / 2;
    separate(tracks, order);
  }
  straightenBorders(tracks, order, leaves);
  for (const layer of layers) for (const vertex of layer) vertex.at = vertex.track.at;
}

/** Lets lines that cross the border of a frame go straight on, where there is room. */
function straightenBorders(tracks, order, leaves) {
  for (const track of tracks) {
    const [first] = track.vertices;
    if (track.vertices.length === 1 && first.side)
      track.at = wished(track, ["before", "after"], leaves);
  }
  separate(tracks, order);
}

/** The tracks: of two that would cross, the second is cut there. */
function tracksOf(layers) {
  const taken = layers.map(() => []); // by layer, pairs of ranks that are straight already
  const following = new Map();
  for (const [one, other] of straightPairs(layers)) {
    const pairs = taken[one.layer];
    const at = firstAbove(
      pairs.map((pair) => pair[0]),
      one.rank,
    );
    const [above, below] = [pairs[at - 1], pairs[at]];
    const fits =
      (!above || (above[0] < one.rank && above[1] < other.rank)) &&
      (!below || other.rank < below[1]);
    if (!fits) continue;
    pairs.splice(at, 0, [one.rank, other.rank]);
    following.set(one, other);
  }
  const tracks = [];
  for (const [number, layer] of layers.entries()) {
    for (const vertex of layer) {
      if (!vertex.track) {
        vertex.track = { at: 0, first: number, place: tracks.length, vertices: [] };
        tracks.push(vertex.track);
      }
      vertex.track.vertices.push(vertex);
      const next = following.get(vertex);
      if (next) next.track = vertex.track;
    }
  }
  return tracks;
}

/** Pairs in neighbouring layers that should have one height, the most important first. */
function straightPairs(layers) {
  const leaves = leavesOf(layers);
  const [bends, chains] = [[], []];
  for (const vertex of layers.flat()) {
    for (const { vertex: other } of vertex.after) {
      if (vertex.isBend && other.isBend) bends.push([vertex, other]);
      else if (isChain(vertex, other, leaves)) chains.push([vertex, other]);
    }
  }
  return [...bends, ...chains];
}

/** Whether data goes on from one box to another, and to no others; an open frame has no middle. */
function isChain(one, other, leaves) {
  if (one.isBend || other.isBend || one.isOpen || other.isOpen) return false;
  if (leaves.has(one) || one.after.length > 1) return false;
  return other.before.filter(({ vertex }) => !leaves.has(vertex)).length === 1;
}

/** What comes from nowhere, such as a weight, and the bends on the way from there. */
function leavesOf(layers) {
  const leaves = new Set();
  for (const vertex of layers.flat()) {
    const from = vertex.before[0]?.vertex;
    const isLeaf = !from && vertex.side !== "start";
    if (isLeaf || (vertex.isBend && leaves.has(from))) leaves.add(vertex);
  }
  return leaves;
}

/** Where a track wishes to be: the mean of where its neighbours on some sides are. */
function wished(track, sides, leaves) {
  let [total, weights] = [0, 0];
  for (const vertex of track.vertices) {
    for (const side of sides) {
      for (const { vertex: other, own, far } of vertex[side]) {
        if (other.track === track) continue;
        const weight = side === "before" && leaves.has(other) ? LEAF_PULL : 1;
        total += weight * (other.track.at + far - own);
        weights += weight;
      }
    }
  }
  return weights > 0 ? total / weights : track.at;
}

// ----- Distances -----

function distance(one, other) {
  const gap = one.isBend && other.isBend ? BEND_GAP : one.isBend || other.isBend ? 12 : BOX_GAP;
  return (one.across + other.across) / 2 + gap;
}

/** Least distances of tracks, in an order in which they can be met one by one. */
function constraints(tracks, layers) {
  const below = tracks.map(() => new Map());
  const waiting = new Array(tracks.length).fill(0);
  for (const layer of layers) {
    for (let rank = 1; rank < layer.length; rank++) {
      const [one, other] = [layer[rank - 1], layer[rank]];
      const found = below[one.track.place];
      if (!found.has(other.track)) waiting[other.track.place]++;
      found.set(other.track, Math.max(found.get(other.track) ?? 0, distance(one, other)));
    }
  }
  const ready = tracks.filter((track) => waiting[track.place] === 0);
  const order = [];
  for (const one of ready) {
    // it grows: tracks do not cross, so that "above" has no cycles
    for (const [other, least] of below[one.place]) {
      order.push({ one, other, least });
      if (--waiting[other.place] === 0) ready.push(other);
    }
  }
  return order;
}

/**
 * Moves tracks apart that are too close.
 *
 * Half of it moves down, half up: the mean of two ways to meet all distances meets them too.
 */
function separate(tracks, order) {
  const lower = tracks.map((track) => track.at);
  const upper = [...lower];
  for (const { one, other, least } of order) {
    lower[other.place] = Math.max(lower[other.place], lower[one.place] + least);
  }
  for (let place = order.length - 1; place >= 0; place--) {
    const { one, other, least } = order[place];
    upper[one.place] = Math.min(upper[one.place], upper[other.place] - least);
  }
  for (const track of tracks) track.at = (lower[track.place] + upper[track.place]) / 2;
}

// ----- From layers to the plane -----

/** Gives every vertex its `left`, moves all to begin at zero, and routes the edges. */
function measure(vertices, edges, layers, gap) {
  const all = layers.flat();
  const top = Math.min(...all.map((vertex) => vertex.at - vertex.across / 2), Infinity);
  for (const vertex of all) vertex.at -= top;
  const lengths = layers.map((layer) => Math.max(...layer.map((vertex) => vertex.along)));
  const lefts = [];
  let left = 0;
  for (const [place, layer] of layers.entries()) {
    lefts.push(left);
    const steepest = Math.max(
      0,
      ...layer.flatMap((vertex) =>
        vertex.after.map(({ vertex: other, own, far }) =>
          Math.abs(other.at + far - vertex.at - own),
        ),
      ),
    );
    const isBorder =
      layer.every((vertex) => vertex.side) ||
      (layers[place + 1]?.every((vertex) => vertex.side) ?? true);
    // Steep edges get room to turn; at a border they mostly go straight on.
    left += lengths[place] + (isBorder ? 14 : gap) + Math.min(50, steepest / 5);
  }
  for (const vertex of vertices) {
    const room = lengths[vertex.layer] - vertex.along;
    // A leaf stands near its user, where a large frame beside it leaves room.
    vertex.left = lefts[vertex.layer] + (vertex.before.length === 0 ? room : room / 2);
  }
  for (const edge of edges) edge.route = routed(edge, vertices, lefts, lengths);
  const along = Math.max(0, ...vertices.map((vertex) => vertex.left + vertex.along));
  const across = Math.max(0, ...all.map((vertex) => vertex.at + vertex.across / 2));
  return { along, across };
}

/** The corners of an edge: by turns straight through a layer, and curved from layer to layer. */
function routed(edge, vertices, lefts, lengths) {
  const [source, target] = [vertices[edge.from], vertices[edge.to]];
  const out = source.at + edge.out;
  const into = target.at + edge.into;
  const route = [
    [source.left + source.along, out],
    [lefts[source.layer] + lengths[source.layer], out],
  ];
  for (const bend of edge.bends) {
    const [start, end] = [lefts[bend.layer], lefts[bend.layer] + lengths[bend.layer]];
    if (route.at(-1)[1] === bend.at && route.length > 2) route.at(-1)[0] = end;
    else route.push([start, bend.at], [end, bend.at]);
  }
  route.push([lefts[target.layer], into], [target.left, into]);
  return route;
}
