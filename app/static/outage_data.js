/* Outages and spans of cells of one period as typed arrays, and what they come to at any moment.
 * Needs nothing of a map or a page. Moments are seconds after the film's first. */
(function (root) {
  "use strict";

  const HEADER_BYTES = 40;
  const NEVER = 0x7fffffff;
  const UNPLACED = 0xffffffff;
  const SHADOW = 0xfffffffe; // its customers count in another outage at that time
  const STEPS_S = [60, 300, 600, 900, 1800, 3600, 10800, 21600, 86400];
  const MOST_STEPS = 400;
  const FLAGS = { important: 1, nested: 2, announced: 4 };

  /* Hands out columns one after the other, each padded to whole words of 4 bytes. */
  class Reader {
    constructor(buffer, at) {
      this.buffer = buffer;
      this.at = at;
    }

    take(Kind, count) {
      if (this.at + count * Kind.BYTES_PER_ELEMENT > this.buffer.byteLength) throw new Error("film cut short");
      const column = new Kind(this.buffer, this.at, count);
      this.at += Math.ceil((count * Kind.BYTES_PER_ELEMENT) / 4) * 4;
      return column;
    }
  }

  /* Reads a film file; see film_file.py for its layout. */
  function decodeFilm(buffer) {
    const head = new DataView(buffer);
    if (buffer.byteLength < HEADER_BYTES || head.getUint32(0, false) !== 0x47434f31) throw new Error("not a film");
    const [outages, spans, cells] = [4, 8, 12].map((at) => head.getUint32(at, true));
    const reader = new Reader(buffer, HEADER_BYTES);
    const film = { resolution: head.getUint8(16), first: head.getFloat64(20, true), last: head.getFloat64(28, true) };
    film.cells = {
      count: cells,
      words: reader.take(Uint32Array, 2 * cells),
      customers: reader.take(Uint32Array, cells),
      area: reader.take(Uint16Array, cells),
    };
    film.outages = { count: outages, lon: reader.take(Float32Array, outages), lat: reader.take(Float32Array, outages) };
    for (const name of ["start", "end", "estimate"]) film.outages[name] = reader.take(Int32Array, outages);
    film.outages.customers = reader.take(Uint32Array, outages);
    for (const name of ["kind", "flags"]) film.outages[name] = reader.take(Uint8Array, outages);
    film.spans = { count: spans };
    for (const name of ["cell", "outage"]) film.spans[name] = reader.take(Uint32Array, spans);
    for (const name of ["out", "back"]) film.spans[name] = reader.take(Int32Array, spans);
    film.spans.customers = reader.take(Uint32Array, spans);
    return new Film(film);
  }

  class Film {
    constructor(parts) {
      Object.assign(this, parts);
      this.length = this.last - this.first;
      this.keep = null; // bytes by row of outages, or everything
      this.cellOut = new Float32Array(this.cells.count);
      this.outageOut = new Uint32Array(this.outages.count);
      this.alive = new Uint8Array(this.outages.count);
    }

    /* Lets only some rows of outages through: bits of a base64 text, or null for all. */
    filter(bits) {
      this.keep = null;
      if (bits !== null && bits !== undefined) {
        const packed = root.atob(bits);
        this.keep = new Uint8Array(this.outages.count);
        for (let i = 0; i < this.keep.length; i++) this.keep[i] = (packed.charCodeAt(i >> 3) >> (i & 7)) & 1;
      }
      this.changes = null;
    }

    /* Works out a moment: customers out by cell and by outage, outages in force; gives both totals. */
    at(t) {
      const { cell, outage, out, back, customers } = this.spans;
      const { start, end } = this.outages;
      const keep = this.keep;
      this.cellOut.fill(0);
      this.outageOut.fill(0);
      let total = 0;
      let open = 0;
      for (let s = 0; s < this.spans.count; s++) {
        if (out[s] > t || back[s] <= t || (keep && !keep[outage[s]])) continue;
        this.outageOut[outage[s]] += customers[s];
        if (cell[s] === SHADOW) continue;
        total += customers[s];
        if (cell[s] !== UNPLACED) this.cellOut[cell[s]] += customers[s];
      }
      for (let o = 0; o < this.outages.count; o++) {
        this.alive[o] = start[o] <= t && end[o] > t && (!keep || keep[o]) ? 1 : 0;
        open += this.alive[o];
      }
      return { customers: total, outages: open };
    }

    /* As `at` for all of the film at once: every outage, and the most that were out in each cell. */
    whole() {
      this.cellOut.fill(0);
      this.outageOut.set(this.outages.customers);
      let open = 0;
      for (let o = 0; o < this.outages.count; o++) {
        this.alive[o] = !this.keep || this.keep[o] ? 1 : 0;
        open += this.alive[o];
      }
      const { cell, outage, customers } = this.spans;
      let total = 0;
      for (let s = 0; s < this.spans.count; s++) {
        if (cell[s] === SHADOW || (this.keep && !this.keep[outage[s]])) continue;
        total += customers[s];
        if (cell[s] !== UNPLACED) this.cellOut[cell[s]] += customers[s];
      }
      return { customers: total, outages: open };
    }

    /* Every going out (2 s) and coming back (2 s + 1) of span s, in order of time. */
    events() {
      if (this.ordered) return this.ordered;
      const { cell, out, back, count } = this.spans;
      const ordered = new Uint32Array(2 * count);
      let n = 0;
      for (let s = 0; s < count; s++) {
        if (cell[s] === SHADOW) continue;
        ordered[n++] = 2 * s;
        if (back[s] !== NEVER) ordered[n++] = 2 * s + 1;
      }
      const timeOf = (event) => (event & 1 ? back[event >> 1] : out[event >> 1]);
      this.ordered = ordered.subarray(0, n).sort((a, b) => timeOf(a) - timeOf(b));
      return this.ordered;
    }

    /* Moments at which the count changes, in order, with the count from then on. */
    course() {
      if (this.changes) return this.changes;
      const { outage, out, back, customers } = this.spans;
      const times = [];
      const totals = [];
      let total = 0;
      for (const event of this.events()) {
        const s = event >> 1;
        if (this.keep && !this.keep[outage[s]]) continue;
        const at = event & 1 ? back[s] : out[s];
        total += event & 1 ? -customers[s] : customers[s];
        if (times.length && times[times.length - 1] === at) {
          totals[totals.length - 1] = total;
        } else {
          times.push(at);
          totals.push(total);
        }
      }
      this.changes = { times: times, totals: totals };
      return this.changes;
    }

    /* The most customers out at once in each of so many equal parts of the film. */
    profile(parts) {
      const { times, totals } = this.course();
      const most = new Float64Array(parts);
      let from = 0;
      let held = 0;
      const fill = (until, value) => {
        const first = Math.max(0, Math.floor((from / this.length) * parts));
        const last = Math.min(parts - 1, Math.ceil((until / this.length) * parts) - 1);
        for (let p = first; p <= last; p++) most[p] = Math.max(most[p], value);
      };
      for (let k = 0; k < times.length && times[k] < this.length; k++) {
        if (times[k] > 0) {
          fill(times[k], held);
          from = times[k];
        }
        held = totals[k];
      }
      if (from < this.length) fill(this.length, held);
      return most;
    }

    /* Seconds from one stop of the slider to the next: the finest that keeps their number bearable. */
    get step() {
      return STEPS_S.find((one) => this.length / one <= MOST_STEPS) || STEPS_S[STEPS_S.length - 1];
    }
  }

  /* Gathers points that would overlap: each joins the nearest earlier one within `reach` pixels, so
   * that what stands first in `order` keeps its place. Gives [{row, members}, …]. */
  function gather(xs, ys, order, reach) {
    const grid = new Map();
    const groups = [];
    const key = (gx, gy) => gx * 1048576 + gy;
    for (const row of order) {
      const gx = Math.floor(xs[row] / reach);
      const gy = Math.floor(ys[row] / reach);
      let nearest = null;
      let least = reach * reach;
      for (let dx = -1; dx <= 1; dx++) {
        for (let dy = -1; dy <= 1; dy++) {
          for (const group of grid.get(key(gx + dx, gy + dy)) || []) {
            const apart = (xs[group.row] - xs[row]) ** 2 + (ys[group.row] - ys[row]) ** 2;
            if (apart < least) [nearest, least] = [group, apart];
          }
        }
      }
      if (nearest) {
        nearest.members.push(row);
        continue;
      }
      const group = { row: row, members: [row] };
      groups.push(group);
      const own = key(gx, gy);
      if (!grid.has(own)) grid.set(own, []);
      grid.get(own).push(group);
    }
    return groups;
  }

  root.GridCells = Object.assign(root.GridCells || {}, {
    decodeFilm: decodeFilm,
    gather: gather,
    outageFlags: FLAGS,
    NEVER: NEVER,
  });
})(typeof window === "undefined" ? globalThis : window);
