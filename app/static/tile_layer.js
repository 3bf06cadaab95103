/* Hexagons of a whole province: a HexLayer whose cells come tile by tile, in the size that the zoom
 * can show, and only those of the window. A tile is a cell TILE_LEVELS coarser; the sums of every
 * size add up to the same total, since each is summed by the server from the finest cells.
 * Needs hex_layer.js. state.url holds {resolution} and {tiles}; state.tiles = {finest, coarsest, days}. */
(function (root) {
  "use strict";

  const GridCells = root.GridCells;
  const Base = GridCells.HexLayer.prototype;
  const TILE_LEVELS = 4;
  const HEADER_BYTES = 16;
  const MIN_HEX_PX = 10; // a window holds some ten thousand hexagons of this width: what paints in a blink
  const MARGIN = 0.3; // children stick out of their tile's outline by less than this share
  const AHEAD = 0.35; // of the window on each side is fetched before it is asked for
  const AHEAD_MS = 120;
  const SLICE_MS = 8; // outlines ahead are worked out in slices, so that no frame waits for them
  const KEPT_ROWS = 400000; // of one size; beyond it what is out of sight is let go
  const MOST_TILES = 100; // in one question

  /* Reads a file of tiles: "GCT1", count, resolution, then the four columns, little endian. */
  function decodeTiles(buffer) {
    const head = new DataView(buffer);
    if (buffer.byteLength < HEADER_BYTES || head.getUint32(0, false) !== 0x47435431) {
      throw new Error("not a file of tiles");
    }
    const count = head.getUint32(4, true);
    if (buffer.byteLength !== HEADER_BYTES + count * 24) throw new Error("file of tiles cut short");
    return {
      count: count,
      resolution: head.getUint8(8),
      words: new Uint32Array(buffer, HEADER_BYTES, 2 * count),
      value: new Float64Array(buffer, HEADER_BYTES + 8 * count, count),
      known: new Uint32Array(buffer, HEADER_BYTES + 16 * count, count),
      due: new Uint32Array(buffer, HEADER_BYTES + 20 * count, count),
    };
  }

  function boxOf(hex) {
    const box = GridCells.boundsOf(GridCells.outline(...GridCells.wordsOf(hex)));
    const wide = (box[2] - box[0]) * MARGIN;
    const tall = (box[3] - box[1]) * MARGIN;
    return [box[0] - wide, box[1] - tall, box[2] + wide, box[3] + tall];
  }

  function meet(a, b) {
    return a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
  }

  /* The cells of one size that have arrived: rows one after the other, a group a tile. */
  class TiledLevel {
    constructor(resolution) {
      this.resolution = resolution;
      this.tileSize = Math.max(0, resolution - TILE_LEVELS);
      this.boxes = new Map();
      this.asked = new Set();
      this.empty();
    }

    empty() {
      this.tiles = new Map(); // tile -> its group, null where it holds nothing
      this.count = this.classed = 0; // rows, and those of them with a class
      this.room(4096);
    }

    room(size) {
      const kinds = { words: [Uint32Array, 2], value: [Float64Array, 1], known: [Uint32Array, 1], due: [Uint32Array, 1], classes: [Uint16Array, 1], area: [Uint16Array, 1] };
      for (const [name, [Kind, each]] of Object.entries(kinds)) {
        const grown = new Kind(size * each);
        if (this.count) grown.set(this[name].subarray(0, this.count * each));
        this[name] = grown;
      }
    }

    box(hex) {
      if (!this.boxes.has(hex)) this.boxes.set(hex, boxOf(hex));
      return this.boxes.get(hex);
    }

    /* Tiles that reach into a box, found outwards from its middle. */
    tilesIn(box) {
      const [lat, lng] = GridCells.unproject((box[0] + box[2]) / 2, (box[1] + box[3]) / 2);
      const waiting = [root.h3.latLngToCell(lat, lng, this.tileSize)];
      const seen = new Set(waiting);
      const found = [];
      while (waiting.length && found.length < MOST_TILES) {
        const hex = waiting.shift();
        if (!meet(this.box(hex), box)) continue;
        found.push(hex);
        for (const near of root.h3.gridDisk(hex, 1)) {
          if (!seen.has(near)) waiting.push(near);
          seen.add(near);
        }
      }
      return found;
    }

    take(asked, cells) {
      let size = this.value.length;
      while (size < this.count + cells.count) size *= 2;
      if (size > this.value.length) this.room(size);
      const rows = this.rowsByTile(cells);
      this.words.set(cells.words, 2 * this.count);
      for (const name of ["value", "known", "due"]) this[name].set(cells[name], this.count);
      this.count += cells.count;
      for (const tile of asked) {
        this.asked.delete(tile);
        const own = rows.get(tile);
        this.tiles.set(tile, own ? { rows: own, box: this.box(tile), corners: null, borders: [], rings: [] } : null);
      }
    }

    /* Rows that cells will have, by tile: cells of one stand together, since they are in order. */
    rowsByTile(cells) {
      const rows = new Map();
      let begun = 0;
      let [low, high] = [-1, -1];
      for (let i = 0; i <= cells.count; i++) {
        const up = i < cells.count ? GridCells.ancestor(cells.words[2 * i], cells.words[2 * i + 1], this.tileSize) : [-2, -2];
        if (up[0] === low && up[1] === high) continue;
        if (i) rows.set(GridCells.hexOf(low, high), Int32Array.from({ length: i - begun }, (_, k) => this.count + begun + k));
        begun = i;
        [low, high] = up;
      }
      return rows;
    }

    visible(box) {
      return this.tilesIn(box).map((tile) => this.tiles.get(tile)).filter((group) => group);
    }

    build(group) {
      if (group.corners) return;
      const starts = new Uint32Array(group.rows.length + 1);
      const shapes = Array.from(group.rows, (row) => GridCells.outline(this.words[2 * row], this.words[2 * row + 1]));
      shapes.forEach((shape, k) => (starts[k + 1] = starts[k] + shape.length));
      const corners = new Float64Array(starts[shapes.length]);
      shapes.forEach((shape, k) => corners.set(shape, starts[k]));
      group.starts = starts;
      group.corners = corners;
    }

    /* The row at a place, or -1; rows of a tile are in the order of their indexes. */
    rowAtPlace(lat, lng) {
      const hex = root.h3.latLngToCell(lat, lng, this.resolution);
      const group = this.tiles.get(root.h3.cellToParent(hex, this.tileSize));
      if (!group) return -1;
      const [low, high] = GridCells.wordsOf(hex);
      let from = 0;
      let to = group.rows.length;
      while (from < to) {
        const row = group.rows[(from + to) >> 1];
        const apart = this.words[2 * row + 1] - high || this.words[2 * row] - low;
        if (!apart) return row;
        if (apart < 0) from = ((from + to) >> 1) + 1;
        else to = (from + to) >> 1;
      }
      return -1;
    }

    hexAt(row) {
      return GridCells.hexOf(this.words[2 * row], this.words[2 * row + 1]);
    }
  }

  GridCells.TileLayer = GridCells.HexLayer.extend({
    /* Another address is another figure or other days: the picture stays until the new one is there. */
    load() {
      this.fetches++;
      this.levels = new Map();
      this.redraw();
    },

    restyle() {
      this.style = {};
      this.redraw();
    },

    levelOf(resolution) {
      if (!this.levels.has(resolution)) this.levels.set(resolution, new TiledLevel(resolution));
      return this.levels.get(resolution);
    },

    /* The finest size whose hexagons are wide enough at a zoom. */
    sizeAt(zoom) {
      const { finest, coarsest } = this.state.tiles;
      const grown = 2 ** (zoom - this.map.getZoom());
      let size = finest;
      while (size > coarsest && this.hexWidth(size) * grown < MIN_HEX_PX) size--;
      return size;
    },

    levelNow() {
      const level = this.levelOf(this.sizeAt(this.map.getZoom()));
      if (!this.style) this.style = {};
      if (level.style !== this.style) level.classed = 0;
      this.classify(level);
      return level;
    },

    /* Classes of the rows that have come since. */
    classify(level) {
      level.style = this.style;
      const { kind, breaks } = this.state.scale;
      for (let i = level.classed; i < level.count; i++) {
        level.classes[i] = this.classOf(level, i, kind, breaks);
        level.area[i] = level.known[i] < level.due[i] * this.state.tiles.enough ? 1 : 0;
      }
      level.classed = level.count;
    },

    /* A sum is coloured by its mean a cell, so that the legend holds for every size. */
    classOf(level, i, kind, breaks) {
      let v = level.value[i];
      if (v !== v) return level.known[i] < level.due[i] ? GridCells.UNKNOWN : GridCells.HIDDEN;
      if (this.state.rollup === "sum") v *= this.state.tiles.days / Math.max(1, level.known[i]);
      let at = 0;
      while (at < breaks.length && v >= breaks[at]) at++; // a class holds its lower edge
      return at;
    },

    redraw() {
      if (!this.state.url || !this.map) return;
      const level = this.levelNow();
      const wanted = level.tilesIn(this.windowBox(0).box);
      this.ask(level, wanted);
      if (wanted.some((tile) => !level.tiles.has(tile))) return; // drawn when they are there
      this.base = level;
      this.aheadRun = null;
      Base.redraw.call(this);
      clearTimeout(this.ahead);
      this.ahead = setTimeout(() => this.lookAhead(), AHEAD_MS);
    },

    /* What a step from here would need: around the window, a zoom closer, a zoom further. */
    lookAhead() {
      if (!this.map || !this.state.url) return;
      const zoom = this.map.getZoom();
      const run = (this.aheadRun = {});
      for (const [size, padding] of [[this.sizeAt(zoom), AHEAD], [this.sizeAt(zoom + 1), -0.2], [this.sizeAt(zoom - 1), 0.5]]) {
        const level = this.levelOf(size);
        const tiles = level.tilesIn(this.windowBox(padding).box);
        this.ask(level, tiles).then(() => this.buildAhead(level, tiles, run));
      }
    },

    buildAhead(level, tiles, run) {
      const left = tiles.map((tile) => level.tiles.get(tile)).filter((group) => group && !group.corners);
      const step = () => {
        if (run !== this.aheadRun || !this.map) return; // the map has moved on
        const until = performance.now() + SLICE_MS;
        while (left.length && performance.now() < until) level.build(left.pop());
        if (left.length) setTimeout(step, SLICE_MS);
      };
      step();
    },

    /* Fetches those of the tiles that are neither there nor on their way. */
    async ask(level, tiles) {
      const missing = tiles.filter((tile) => !level.tiles.has(tile) && !level.asked.has(tile));
      if (!missing.length) return;
      if (level.count > KEPT_ROWS) level.empty();
      for (const tile of missing) level.asked.add(tile);
      const from = this.state.url;
      const url = from.replace("{resolution}", level.resolution).replace("{tiles}", missing.join("-"));
      try {
        const answer = await fetch(url, { credentials: "same-origin" });
        if (!answer.ok) throw new Error("cells: " + answer.status);
        const cells = decodeTiles(await answer.arrayBuffer());
        if (from !== this.state.url || !this.map) return; // something else was asked for meanwhile
        level.take(missing, cells);
        this.fire("cells");
        if (this.levelOf(this.sizeAt(this.map.getZoom())) === level) this.redraw();
      } catch (error) {
        for (const tile of missing) level.asked.delete(tile);
        if (from === this.state.url) this.fire("failed", { url: url, reason: String(error) });
      }
    },

    describe(level, row) {
      const value = level.value[row];
      return {
        cell: level.hexAt(row),
        area: null,
        value: value === value ? value : null,
        known: level.known[row],
        due: level.due[row],
      };
    },

    /* The cell as it is drawn, whatever its size. */
    pick(latlng) {
      const place = latlng.wrap();
      const level = this.shown && this.shown.level;
      const row = level ? this.rowAt(latlng, level) : -1;
      const cell = row < 0 ? null : level.hexAt(row);
      this.fire("pick", { cell: cell, lat: place.lat, lng: place.lng, area: null, value: null, inside: row >= 0 });
    },

    fillTip(found) {
      const labels = this.state.labels;
      const code = document.createElement("b");
      code.textContent = found.cell;
      const figure = document.createElement("div");
      figure.textContent = this.wording(found.value);
      this.tip.replaceChildren(code, figure);
      if (found.known < found.due) {
        const part = document.createElement("div");
        part.className = "grid-cells-many";
        const share = Math.floor((1000 * found.known) / found.due) / 10;
        part.textContent = labels.cells.replace("{n}", share.toLocaleString(this.state.language));
        this.tip.append(part);
      }
    },
  });

  root.GridCells = Object.assign(root.GridCells, { decodeTiles: decodeTiles });
})(window);
