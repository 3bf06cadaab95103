/* Cells of one measure as typed arrays, and the same cells seen coarser.
 * Needs h3 (h3-js 4) and nothing of a map: positions are "world pixels", the Web Mercator square of
 * 256 pixels at zoom 0. */
(function (root) {
  "use strict";

  const NO_AREA = 0xffff;
  const HEADER_BYTES = 16;
  const GROUP_LEVELS = 3; // cells are kept in groups of up to 7^3, the unit of culling and lazy work
  const HOLE = -2; // beyond an edge: empty ground inside an area; -1 is land outside
  const HOLE_CELLS = 40; // empty ground of more cells than this is land outside, not a hole
  const PARENT_MARGIN = 0.3; // children stick out of their parent's outline by less than this share

  function projectX(lng) {
    return ((lng + 180) / 360) * 256;
  }

  function projectY(lat) {
    const sin = Math.sin((Math.max(-85.0511, Math.min(85.0511, lat)) * Math.PI) / 180);
    return 128 - (Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * 256;
  }

  function unproject(x, y) {
    const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 256))) * 180) / Math.PI;
    return [lat, (x / 256) * 360 - 180];
  }

  /* Reads a cells file: "GCH1", count, resolution, then the three columns, little endian. */
  function decode(buffer) {
    const head = new DataView(buffer);
    if (buffer.byteLength < HEADER_BYTES || head.getUint32(0, false) !== 0x47434831) {
      throw new Error("not a cells file");
    }
    const count = head.getUint32(4, true);
    if (buffer.byteLength !== HEADER_BYTES + count * 14) throw new Error("cells file cut short");
    return {
      count: count,
      resolution: head.getUint8(8),
      words: new Uint32Array(buffer, HEADER_BYTES, 2 * count), // low word, high word
      area: new Uint16Array(buffer, HEADER_BYTES + 8 * count, count),
      value: new Float32Array(buffer.slice(HEADER_BYTES + 10 * count)),
    };
  }

  function hexOf(low, high) {
    return high.toString(16) + low.toString(16).padStart(8, "0");
  }

  function wordsOf(hex) {
    return [parseInt(hex.slice(-8), 16), parseInt(hex.slice(0, -8), 16)];
  }

  function sizeOf(high) {
    return (high >>> 20) & 0xf;
  }

  /* The ancestor's words: the resolution field rewritten, unused digits filled with ones. */
  function ancestor(low, high, resolution) {
    const spare = (15 - resolution) * 3;
    const lowMask = spare >= 32 ? 0xffffffff : 2 ** spare - 1;
    const highMask = spare > 32 ? 2 ** (spare - 32) - 1 : 0;
    return [(low | lowMask) >>> 0, ((high & ~0x00f00000) | (resolution << 20) | highMask) >>> 0];
  }

  /* Cell words -> row, by open addressing; no object a cell. */
  class CellIndex {
    constructor(expected) {
      let size = 16;
      while (size < expected * 2) size *= 2;
      this.mask = size - 1;
      this.rows = new Int32Array(size).fill(-1);
      this.low = new Uint32Array(size);
      this.high = new Uint32Array(size);
    }

    slot(low, high) {
      let hash = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
      let at = (hash ^ (hash >>> 16)) & this.mask;
      while (this.rows[at] >= 0 && (this.low[at] !== low || this.high[at] !== high)) {
        at = (at + 1) & this.mask;
      }
      return at;
    }

    get(low, high) {
      return this.rows[this.slot(low, high)];
    }

    /* The row of these words, given `row` when they are new. */
    add(low, high, row) {
      const at = this.slot(low, high);
      if (this.rows[at] >= 0) return this.rows[at];
      this.rows[at] = row;
      this.low[at] = low;
      this.high[at] = high;
      return row;
    }
  }

  /* Which ancestor each cell belongs to: {words, owner}, owner[i] a row of words. A cell that is
   * as coarse already is its own. */
  function ancestors(words, count, resolution) {
    const index = new CellIndex(count);
    const owner = new Int32Array(count);
    const found = new Uint32Array(2 * count);
    let size = 0;
    for (let i = 0; i < count; i++) {
      const own = [words[2 * i], words[2 * i + 1]];
      const up = sizeOf(own[1]) <= resolution ? own : ancestor(...own, resolution);
      const row = index.add(up[0], up[1], size);
      if (row === size) {
        found[2 * size] = up[0];
        found[2 * size + 1] = up[1];
        size++;
      }
      owner[i] = row;
    }
    return { words: found.slice(0, 2 * size), owner: owner, count: size, index: index };
  }

  function boundsOf(points) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < points.length; i += 2) {
      box[0] = Math.min(box[0], points[i]);
      box[1] = Math.min(box[1], points[i + 1]);
      box[2] = Math.max(box[2], points[i]);
      box[3] = Math.max(box[3], points[i + 1]);
    }
    return box;
  }

  /* A cell's outline in world pixels, unwrapped over the 180th meridian. */
  function outline(low, high) {
    const corners = root.h3.cellToBoundary([low, high]);
    const flat = new Float64Array(corners.length * 2);
    for (let k = 0; k < corners.length; k++) {
      let lng = corners[k][1];
      if (lng - corners[0][1] > 180) lng -= 360;
      if (corners[0][1] - lng > 180) lng += 360;
      flat[2 * k] = projectX(lng);
      flat[2 * k + 1] = projectY(corners[k][0]);
    }
    return flat;
  }

  /* Cells of a resolution, some perhaps finer or coarser: words, area, value, members (base cells
   * behind each), and groups. */
  class Level {
    constructor(resolution, table, index) {
      this.resolution = resolution;
      this.words = table.words;
      this.count = table.count;
      this.area = table.area;
      this.value = table.value;
      this.members = table.members;
      this.index = index;
      this.classes = new Uint16Array(this.count);
      this.home = new Int32Array(this.count); // a row's group, and its place in it
      this.spot = new Int32Array(this.count);
      this.around = new Int32Array(6 * this.count); // rows next to a row, links[row] of them
      this.links = new Uint8Array(this.count);
      this.holes = new Map(); // empty cell -> whether it lies in a hole
      this.meetSizes();
      this.groups = this.makeGroups();
    }

    makeGroups() {
      const coarse = Math.max(0, this.resolution - GROUP_LEVELS);
      const up = ancestors(this.words, this.count, coarse);
      const rows = Array.from({ length: up.count }, () => []);
      for (let i = 0; i < this.count; i++) {
        this.home[i] = up.owner[i];
        this.spot[i] = rows[up.owner[i]].push(i) - 1;
      }
      return rows.map((members, g) => {
        const box = boundsOf(outline(up.words[2 * g], up.words[2 * g + 1]));
        const marginX = (box[2] - box[0]) * PARENT_MARGIN;
        const marginY = (box[3] - box[1]) * PARENT_MARGIN;
        box[0] -= marginX;
        box[1] -= marginY;
        box[2] += marginX;
        box[3] += marginY;
        return { rows: Int32Array.from(members), box: box, corners: null };
      });
    }

    /* Resolutions of the cells, finest first; where there are several, every ancestor of a cell. */
    meetSizes() {
      const sizes = new Set();
      for (let i = 0; i < this.count; i++) sizes.add(sizeOf(this.words[2 * i + 1]));
      this.sizes = Array.from(sizes).sort((a, b) => b - a);
      this.isMixed = this.sizes.length > 1 || (this.count > 0 && this.sizes[0] !== this.resolution);
      if (!this.isMixed) return;
      this.above = new CellIndex(this.count * this.sizes.length * 3);
      const coarsest = this.sizes[this.sizes.length - 1];
      for (let i = 0; i < this.count; i++) {
        const high = this.words[2 * i + 1];
        for (let size = sizeOf(high) - 1; size >= coarsest; size--) {
          const up = ancestor(this.words[2 * i], high, size);
          if (this.above.get(...up) >= 0) break;
          this.above.add(...up, i);
        }
      }
    }

    /* The row of a cell, or of a coarser one that holds it; -1 without. */
    holderOf(low, high) {
      const row = this.index.get(low, high);
      if (row >= 0 || !this.isMixed) return row;
      for (const size of this.sizes) {
        if (size >= sizeOf(high)) continue;
        const held = this.index.get(...ancestor(low, high, size));
        if (held >= 0) return held;
      }
      return -1;
    }

    /* Whether finer cells lie in the place of this one. */
    isDivided(low, high) {
      return this.isMixed && this.above.get(low, high) >= 0;
    }

    /* Rows of what lies where this cell is: itself, a coarser one around it, or finer ones in it. */
    rowsUnder(hex) {
      const words = wordsOf(hex);
      const row = this.holderOf(...words);
      if (row >= 0) return [row];
      if (!this.isDivided(...words)) return [];
      return root.h3.cellToChildren(hex, sizeOf(words[1]) + 1).flatMap((kid) => this.rowsUnder(kid));
    }

    /* The row at a place: the finest cell there; at the fringe of a divided one its nearest part. */
    rowAtPlace(lat, lng) {
      if (!this.isMixed) return this.index.get(...wordsOf(root.h3.latLngToCell(lat, lng, this.resolution)));
      for (const size of this.sizes) {
        const row = this.index.get(...wordsOf(root.h3.latLngToCell(lat, lng, size)));
        if (row >= 0) return row;
      }
      const here = [projectX(lng), projectY(lat)];
      let nearest = -1;
      let least = Infinity;
      for (const row of this.rowsUnder(root.h3.latLngToCell(lat, lng, this.resolution))) {
        const [y, x] = root.h3.cellToLatLng(this.hexAt(row));
        const apart = Math.hypot(projectX(x) - here[0], projectY(y) - here[1]);
        if (apart < least) [nearest, least] = [row, apart];
      }
      return nearest;
    }

    visible(box) {
      return this.groups.filter(
        (g) => g.box[0] < box[2] && g.box[2] > box[0] && g.box[1] < box[3] && g.box[3] > box[1],
      );
    }

    /* Fills in a group's outlines and its pieces of area border, once. */
    build(group) {
      if (group.corners) return;
      const shapes = Array.from(group.rows, (i) => outline(this.words[2 * i], this.words[2 * i + 1]));
      const starts = new Uint32Array(shapes.length + 1);
      shapes.forEach((shape, k) => (starts[k + 1] = starts[k] + shape.length));
      const corners = new Float64Array(starts[shapes.length]);
      shapes.forEach((shape, k) => corners.set(shape, starts[k]));
      group.starts = starts;
      group.corners = corners;
      this.findEdges(group);
      group.borders = this.borders(group);
    }

    /* Every edge that the group draws, once: its ends, and the rows on its two sides (-1 = none).
     * Kept, so that after a stroke borders are a matter of comparing areas. */
    findEdges(group) {
      const found = { ends: [], sides: [] };
      const open = new Map();
      const corners = group.corners;
      let side = Infinity;
      for (const start of group.starts.subarray(0, group.rows.length)) {
        side = Math.min(side, Math.hypot(corners[start + 2] - corners[start], corners[start + 3] - corners[start + 1]));
        if (!this.isMixed) break;
      }
      const grain = side / 64;
      group.beside = new Set();
      for (let k = 0; k < group.rows.length; k++) {
        const start = group.starts[k];
        const end = group.starts[k + 1];
        const size = sizeOf(this.words[2 * group.rows[k] + 1]);
        for (let a = start; a < end; a += 2) {
          const b = a + 2 < end ? a + 2 : start;
          const kx = Math.round((corners[a] + corners[b] - 2 * group.box[0]) / grain);
          const ky = Math.round((corners[a + 1] + corners[b + 1] - 2 * group.box[1]) / grain);
          const key = (kx * 1048576 + ky) * 16 + size; // a finer edge crosses the middle of a coarser one
          const seen = open.get(key);
          if (seen === undefined) {
            open.set(key, [k, a, b]);
          } else {
            open.delete(key);
            this.addEdge(found, group, seen, group.rows[k]);
            this.link(group.rows[k], group.rows[seen[0]]);
            this.link(group.rows[seen[0]], group.rows[k]);
          }
        }
      }
      for (const edge of open.values()) this.addOuterEdge(found, group, edge);
      group.ends = Float64Array.from(found.ends);
      group.sides = Int32Array.from(found.sides);
    }

    addEdge(found, group, [k, a, b], other) {
      const corners = group.corners;
      found.ends.push(corners[a], corners[a + 1], corners[b], corners[b + 1]);
      found.sides.push(group.rows[k], other);
    }

    /* An edge without a partner in the group: ask which cell lies across it. */
    addOuterEdge(found, group, edge) {
      const corners = group.corners;
      const start = group.starts[edge[0]];
      const end = group.starts[edge[0] + 1];
      let cx = 0;
      let cy = 0;
      for (let a = start; a < end; a += 2) {
        cx += corners[a];
        cy += corners[a + 1];
      }
      const size = (end - start) / 2;
      const across = unproject(
        corners[edge[1]] + corners[edge[2]] - cx / size,
        corners[edge[1] + 1] + corners[edge[2] + 1] - cy / size,
      );
      const own = sizeOf(this.words[2 * group.rows[edge[0]] + 1]);
      const words = wordsOf(root.h3.latLngToCell(across[0], across[1], own));
      const row = this.holderOf(words[0], words[1]);
      if (row < 0 && this.isDivided(words[0], words[1])) {
        // the finer cells draw this edge, and this one's group must tell them to
        for (const finer of this.rowsUnder(hexOf(words[0], words[1]))) group.beside.add(this.home[finer]);
        return;
      }
      const isCoarser = row >= 0 && sizeOf(this.words[2 * row + 1]) < own;
      if (row >= 0) {
        group.beside.add(this.home[row]);
        this.link(group.rows[edge[0]], row); // the other group links its own
      }
      if (row >= 0 && !isCoarser && row < group.rows[edge[0]]) return; // the other cell draws this edge
      const isHole = row < 0 && this.isHole(hexOf(words[0], words[1]));
      this.addEdge(found, group, edge, isHole ? HOLE : row);
    }

    /* Whether an empty cell lies among few empty cells with cells all around them. */
    isHole(hex) {
      if (this.holes.has(hex)) return this.holes.get(hex);
      const seen = new Set([hex]);
      const waiting = [hex];
      let open = false;
      while (waiting.length && !open) {
        for (const near of root.h3.gridDisk(waiting.pop(), 1)) {
          const words = wordsOf(near);
          if (seen.has(near) || this.holderOf(...words) >= 0 || this.isDivided(...words)) continue;
          open = open || this.holes.get(near) === false || seen.size >= HOLE_CELLS;
          seen.add(near);
          waiting.push(near);
        }
      }
      seen.forEach((one) => this.holes.set(one, !open));
      return !open;
    }

    /* Border pieces [x1, y1, x2, y2, area, other area]…: edges whose two sides differ in area. Those
     * around a hole in an area are kept apart, as rings [x1, y1, x2, y2, area]…. */
    borders(group) {
      const { ends, sides } = group;
      const pieces = [];
      group.rings = [];
      for (let e = 0; e < sides.length; e += 2) {
        const own = this.area[sides[e]];
        const other = sides[e + 1] < 0 ? NO_AREA : this.area[sides[e + 1]];
        if (own === other) continue;
        const at = 2 * e;
        if (sides[e + 1] === HOLE) {
          group.rings.push(ends[at], ends[at + 1], ends[at + 2], ends[at + 3], own);
          continue;
        }
        pieces.push(ends[at], ends[at + 1], ends[at + 2], ends[at + 3], own, other);
      }
      return pieces;
    }

    /* Borders again where these rows lie; an edge between two groups is drawn by one of them. */
    redoBorders(rows) {
      const touched = new Set();
      for (const row of rows) touched.add(this.home[row]);
      for (const g of Array.from(touched)) {
        if (this.groups[g].corners) for (const other of this.groups[g].beside) touched.add(other);
      }
      for (const g of touched) {
        const group = this.groups[g];
        if (group.corners) group.borders = this.borders(group);
      }
    }

    link(row, other) {
      this.around[6 * row + this.links[row]++] = other;
    }

    /* Rows of the cells around a row. */
    near(row) {
      if (this.isMixed) return this.nearOfAll(row);
      this.build(this.groups[this.home[row]]);
      return this.around.subarray(6 * row, 6 * row + this.links[row]);
    }

    nearOfAll(row) {
      const own = this.hexAt(row);
      const size = sizeOf(this.words[2 * row + 1]);
      const touches = (other) => {
        const hex = this.hexAt(other);
        if (root.h3.getResolution(hex) <= size) return true;
        return root.h3.gridDisk(hex, 1).some((one) => root.h3.cellToParent(one, size) === own);
      };
      const found = new Set();
      for (const hex of root.h3.gridDisk(own, 1)) {
        if (hex !== own) this.rowsUnder(hex).filter(touches).forEach((other) => found.add(other));
      }
      found.delete(row);
      return Array.from(found);
    }

    rowOf(hex) {
      const words = wordsOf(hex);
      return this.index.get(words[0], words[1]);
    }

    hexAt(row) {
      return hexOf(this.words[2 * row], this.words[2 * row + 1]);
    }

    /* Base rows behind a row of a coarser level. */
    behind(row) {
      if (!this.owner) return [row];
      if (!this.children) this.children = sorted(this.owner, this.count);
      const { rows, starts } = this.children;
      return rows.subarray(starts[row], starts[row + 1]);
    }
  }

  /* Places of `owner` by owner: those of owner k stand from starts[k] on. */
  function sorted(owner, count) {
    const starts = new Uint32Array(count + 1);
    for (let i = 0; i < owner.length; i++) starts[owner[i] + 1]++;
    for (let k = 0; k < count; k++) starts[k + 1] += starts[k];
    const rows = new Int32Array(owner.length);
    const next = starts.slice();
    for (let i = 0; i < owner.length; i++) rows[next[owner[i]]++] = i;
    return { rows: rows, starts: starts };
  }

  function baseLevel(cells) {
    const index = new CellIndex(cells.count);
    for (let i = 0; i < cells.count; i++) index.add(cells.words[2 * i], cells.words[2 * i + 1], i);
    const members = new Uint32Array(cells.count).fill(1);
    return new Level(cells.resolution, Object.assign({ members: members }, cells), index);
  }

  /* The area that most of a parent's cells lie in, per parent. */
  function majorityArea(owner, area, count) {
    const chosen = new Uint16Array(count);
    const votes = new Array(count); // only where cells disagree; most parents lie in one area
    const seen = new Uint32Array(count);
    for (let i = 0; i < owner.length; i++) {
      const at = owner[i];
      if (!seen[at]) chosen[at] = area[i];
      else if (!votes[at] && chosen[at] !== area[i]) votes[at] = new Map([[chosen[at], seen[at]]]);
      if (votes[at]) votes[at].set(area[i], (votes[at].get(area[i]) || 0) + 1);
      seen[at]++;
    }
    votes.forEach((vote, at) => (chosen[at] = winner(vote)));
    return chosen;
  }

  function winner(vote) {
    return Array.from(vote).sort((a, b) => b[1] - a[1] || a[0] - b[0])[0][0];
  }

  /* After some base rows went to other areas: the parents whose own area changes by that. */
  function followAreas(level, base, rows) {
    const changed = [];
    for (const parent of new Set(Array.from(rows, (row) => level.owner[row]))) {
      const vote = new Map();
      for (const row of level.behind(parent)) {
        vote.set(base.area[row], (vote.get(base.area[row]) || 0) + 1);
      }
      const area = winner(vote);
      if (level.area[parent] === area) continue;
      level.area[parent] = area;
      changed.push(parent);
    }
    return changed;
  }

  function coarseLevel(base, resolution) {
    const up = ancestors(base.words, base.count, resolution);
    const table = {
      words: up.words,
      count: up.count,
      area: majorityArea(up.owner, base.area, up.count),
      value: new Float32Array(up.count),
      members: new Uint32Array(up.count),
    };
    const level = new Level(resolution, table, up.index);
    level.owner = up.owner;
    return level;
  }

  /* Sums, averages or takes the largest of the base cells that `keep` lets through; unknown cells
   * are left out, and a parent of unknown cells alone is unknown. `known` counts the cells behind
   * each value. */
  function rollUp(level, base, rollup, keep) {
    const value = level.value.fill(NaN);
    const members = level.members.fill(0);
    const known = (level.known = new Uint32Array(level.count));
    for (let i = 0; i < base.count; i++) {
      if (!keep[i]) continue;
      const at = level.owner[i];
      const v = base.value[i];
      members[at]++;
      if (v !== v) continue;
      if (!known[at]++) value[at] = v;
      else if (rollup === "max") value[at] = Math.max(value[at], v);
      else value[at] += v;
    }
    if (rollup === "mean") for (let i = 0; i < level.count; i++) value[i] /= known[i] || 1;
  }

  root.GridCells = Object.assign(root.GridCells || {}, {
    NO_AREA: NO_AREA,
    decode: decode,
    baseLevel: baseLevel,
    coarseLevel: coarseLevel,
    rollUp: rollUp,
    followAreas: followAreas,
    projectX: projectX,
    projectY: projectY,
    unproject: unproject,
    ancestor: ancestor,
    hexOf: hexOf,
    wordsOf: wordsOf,
    outline: outline,
    boundsOf: boundsOf,
  });
})(typeof window === "undefined" ? globalThis : window);
