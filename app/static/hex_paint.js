/* What a stroke of the brush does to the hexagon layer: cells change area in the browser and show it
 * at once. Only the hexagons that changed are drawn anew, and the lines around them.
 * Needs hex_layer.js.
 *
 *   layer.paintCells(rows, areas);                    // base rows; one area, or one a row
 *   layer.showSigns({locked, mixed, lockedAreas});    // Uint8Array a base row, Uint8Array, Set
 *   layer.flipLocks(rows);
 *   layer.shadeCells(rows, true);                     // cells about to be divided or merged
 */
(function (root) {
  "use strict";

  const GridCells = root.GridCells;
  const RIM_PX = 4; // lines stick out of a hexagon by less than this
  const SIGN_PX = 12; // locks show on hexagons wider than this,
  const PADLOCK_PX = 20; // as a padlock from here on, as a dot below
  const INK = "#1f2d2e";

  GridCells.HexLayer.include({
    /* Gives base rows to areas and shows it; returns the rows that were of another area. */
    paintCells(rows, areas) {
      const area = this.base.area;
      const changed = [];
      for (let i = 0; i < rows.length; i++) {
        const to = typeof areas === "number" ? areas : areas[i];
        if (area[rows[i]] === to) continue;
        area[rows[i]] = to;
        changed.push(rows[i]);
      }
      if (changed.length) this.followCells(changed);
      return changed;
    },

    followCells(changed) {
      const { areas } = this.state.filter;
      if (areas) {
        const wanted = new Set(areas);
        for (const row of changed) this.passing[row] = this.passes(row, wanted) ? 1 : 0;
      }
      for (const level of this.levels.values()) {
        const rows = level === this.base ? changed : GridCells.followAreas(level, this.base, changed);
        if (areas && level !== this.base) level.style = null; // other cells stand behind its values
        if (level.style === this.style) for (const row of rows) this.classRow(level, row);
        level.redoBorders(rows);
        if (this.view && this.view.level === level) this.patch(level, rows);
      }
    },

    /* Draws these rows of the level in view anew over what is there. */
    patch(level, rows) {
      const hidden = (row) => level.classes[row] === GridCells.HIDDEN;
      if (level.style !== this.style || rows.some(hidden)) return void this.redraw();
      const hexes = [];
      for (const row of rows) {
        const group = level.groups[level.home[row]];
        if (group.corners) hexes.push(group, level.spot[row]);
      }
      this.paintFills(this.fill.getContext("2d"), level, hexes, this.view.wide);
      this.patchInk(level, hexes);
    },

    /* Wipes the lines around these hexagons and draws them again. */
    patchInk(level, hexes) {
      const reach = 1.3 * this.view.wide;
      const boxes = this.boxesAround(hexes);
      const groups = level.groups.filter(
        (group) => group.corners && boxes.some((box) => meets(this.onView(group.box), box)),
      );
      const near = this.hexesOf(level, groups);
      const within = [];
      for (let h = 0; h < near.length; h += 2) {
        const at = this.cornerOf(near[h], near[h + 1]);
        if (boxes.some((box) => meets([at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach], box))) {
          within.push(near[h], near[h + 1]);
        }
      }
      const pen = this.ink.getContext("2d");
      pen.save();
      pen.beginPath();
      for (const [left, top, right, bottom] of boxes) {
        pen.clearRect(left, top, right - left, bottom - top);
        pen.rect(left, top, right - left, bottom - top);
      }
      pen.clip();
      this.paintInk(pen, within, groups, this.view.wide);
      pen.restore();
    },

    /* One box a group around the hexagons, on whole pixels so that its edge leaves no seam. */
    boxesAround(hexes) {
      const found = new Map();
      for (let h = 0; h < hexes.length; h += 2) {
        const { corners, starts } = hexes[h];
        const own = GridCells.boundsOf(corners.subarray(starts[hexes[h + 1]], starts[hexes[h + 1] + 1]));
        const box = found.get(hexes[h]);
        found.set(hexes[h], box ? GridCells.boundsOf([...box, ...own]) : own);
      }
      return Array.from(found.values(), (box) => {
        const [left, top, right, bottom] = this.onView(box);
        return [Math.floor(left) - RIM_PX, Math.floor(top) - RIM_PX, Math.ceil(right) + RIM_PX, Math.ceil(bottom) + RIM_PX];
      });
    },

    /* World pixels as pixels of the canvas. */
    onView(points) {
      const { scale, world } = this.view;
      return Array.from(points, (value, k) => value * scale - (k % 2 ? world.y : world.x));
    },

    cornerOf(group, k) {
      const start = group.starts[k];
      return this.onView(group.corners.subarray(start, start + 2));
    },

    /* Which cells are locked or mixed; shows the difference. */
    showSigns(signs) {
      this.signs = Object.assign({}, this.signs, signs);
      if (this.shown) this.redrawInk();
    },

    /* Locks base rows that are open, and opens those that are locked. */
    flipLocks(rows) {
      const { locked } = this.signs;
      for (const row of rows) locked[row] = 1 - locked[row];
      if (!this.view || this.view.level !== this.base) return;
      const hexes = [];
      for (const row of rows) {
        const group = this.base.groups[this.base.home[row]];
        if (group.corners) hexes.push(group, this.base.spot[row]);
      }
      this.patchInk(this.base, hexes);
    },

    /* Shades base rows while the server divides or merges them, or lifts the shade. */
    shadeCells(rows, isShaded) {
      const { base } = this;
      if (!this.signs || !base) return;
      if (!this.signs.shaded || this.signs.shaded.length !== base.count) this.signs.shaded = new Uint8Array(base.count);
      const changed = Array.from(rows).filter((row) => this.signs.shaded[row] !== Number(isShaded));
      for (const row of changed) this.signs.shaded[row] = Number(isShaded);
      if (!changed.length || !this.view || this.view.level !== base) return;
      const hexes = [];
      for (const row of changed) {
        const group = base.groups[base.home[row]];
        if (group.corners) hexes.push(group, base.spot[row]);
      }
      this.patchInk(base, hexes);
    },

    redrawInk() {
      const { level, groups } = this.shown;
      const pen = this.clear(this.ink, this.view);
      this.paintInk(pen, this.hexesOf(level, groups), groups, this.view.wide);
    },

    /* A hatch over mixed cells; a padlock on locked cells, a dot on cells of locked areas. */
    paintSigns(pen, hexes, wide) {
      const signs = this.signs;
      if (!signs || this.view.level !== this.base) return;
      const { area } = this.base;
      const mixed = [];
      const shaded = [];
      const padlocked = [];
      const dotted = [];
      for (let h = 0; h < hexes.length; h += 2) {
        const row = hexes[h].rows[hexes[h + 1]];
        if (signs.mixed && signs.mixed[row]) mixed.push(hexes[h], hexes[h + 1]);
        if (signs.shaded && signs.shaded[row]) shaded.push(hexes[h], hexes[h + 1]);
        const isLocked = signs.locked && signs.locked[row];
        if (isLocked && wide >= PADLOCK_PX) padlocked.push([hexes[h], hexes[h + 1]]);
        else if (isLocked || (signs.lockedAreas && signs.lockedAreas.has(area[row]))) dotted.push([hexes[h], hexes[h + 1]]);
      }
      pen.fillStyle = "rgba(23,41,42,0.35)";
      this.trace(pen, shaded, 1, () => pen.fill());
      pen.fillStyle = this.stripes(pen);
      this.trace(pen, mixed, 1, () => pen.fill());
      if (wide <= SIGN_PX) return;
      this.paintDots(pen, dotted, Math.min(2.5, wide / 10));
      this.paintPadlocks(pen, padlocked, Math.min(15, wide * 0.42));
    },

    paintDots(pen, spots, radius) {
      pen.fillStyle = INK;
      pen.beginPath();
      for (const [group, k] of spots) {
        const [x, y] = this.middleOf(group, k);
        pen.moveTo(x + radius, y);
        pen.arc(x, y, radius, 0, 2 * Math.PI);
      }
      pen.fill();
    },

    paintPadlocks(pen, spots, size) {
      const half = size * 0.42;
      const rise = size * 0.24;
      const bow = new Path2D();
      const body = new Path2D();
      for (const [group, k] of spots) {
        const [x, y] = this.middleOf(group, k);
        body.rect(x - half, y - size * 0.08, 2 * half, size * 0.58);
        bow.moveTo(x - rise, y);
        bow.lineTo(x - rise, y - size * 0.2);
        bow.arc(x, y - size * 0.2, rise, Math.PI, 0);
        bow.lineTo(x + rise, y);
      }
      for (const [extra, colour] of [[2, "rgba(255,255,255,0.8)"], [0, INK]]) {
        pen.strokeStyle = pen.fillStyle = colour;
        pen.lineWidth = size * 0.12 + extra;
        pen.stroke(bow);
        pen.lineWidth = extra;
        if (extra) pen.stroke(body);
        pen.fill(body);
      }
    },

    middleOf(group, k) {
      const start = group.starts[k];
      const end = group.starts[k + 1];
      const half = start + ((end - start) >> 2) * 2;
      const { corners } = group;
      return this.onView([(corners[start] + corners[half]) / 2, (corners[start + 1] + corners[half + 1]) / 2]);
    },

    stripes(pen) {
      const tile = document.createElement("canvas");
      tile.width = tile.height = 7;
      const brush = tile.getContext("2d");
      brush.strokeStyle = "rgba(31,45,46,0.5)";
      brush.lineWidth = 1.2;
      for (const shift of [-7, 0, 7]) {
        brush.beginPath();
        brush.moveTo(shift - 1, -1);
        brush.lineTo(shift + 8, 8);
        brush.stroke();
      }
      return pen.createPattern(tile, "repeat");
    },
  });

  function meets(a, b) {
    return a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
  }
})(window);
