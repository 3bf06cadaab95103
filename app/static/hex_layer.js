/* A Leaflet layer that draws the hexagons of one measure on a canvas.
 * Needs Leaflet 1.9 (L), h3-js and hex_cells.js; knows nothing of the page around it.
 *
 *   const layer = new GridCells.HexLayer().addTo(map);
 *   layer.update({url, scale, rollup, filter, areas, labels, selected});   // any subset, any order
 *   layer.on("pick", ({cell, lat, lng, area, value}) => …);
 *   layer.on("drawn", ({paint_ms, cells}) => …);
 *   layer.setMode(name);   // a mode is a set of pointer handlers in GridCells.modes
 */
(function (root) {
  "use strict";

  const GridCells = (root.GridCells = root.GridCells || {});
  const MIN_HEX_PX = 4; // below this width cells give way to their parents
  const HAIRLINE_PX = 12;
  const RING_PX = 14;
  const CHUNK = 60; // one path with all hexagons hangs the browser at 100,000
  const PADDING = 0.2; // canvas beyond the window on each side, so that a short pan needs no paint
  const SETTLE_MS = 60;
  const SLICE_MS = 24; // outlines are worked out in slices, so that no frame waits for them
  const HIDDEN = 0xffff;
  const UNKNOWN = 0xfffe;

  const defaults = {
    url: null,
    scale: { kind: "classes", breaks: [], colours: ["#7fb6c9"] },
    unknownColour: "#8d9497",
    rollup: "mean",
    opacity: 0.65,
    filter: { areas: null, low: null, high: null, unknown: true },
    areas: [],
    labels: { unit: "", unknown: "unknown", noArea: "no area", cells: "{n} cells" },
    digits: 1,
    language: "en",
    selected: null,
    borders: true,
    warned: [], // area indices whose cells are hatched over: their figures are to be read with care
    mostCells: 12000, // with more than this many in the window, parents are drawn too
  };

  /* Pointer handlers by mode; those that paint are added by redraw_modes.js. */
  GridCells.modes = GridCells.modes || {};
  GridCells.modes.view = {
    cursor: "",
    click(layer, event) {
      layer.pick(event.latlng);
    },
    mousemove(layer, event) {
      const onSign = event.originalEvent.target.closest(".leaflet-marker-icon, .leaflet-control");
      layer.hover(onSign ? null : event.latlng, event.containerPoint);
    },
    mouseout(layer) {
      layer.hover(null);
    },
  };

  /* Every rerun of a page says everything again. */
  function isNews(change, known) {
    return Object.keys(change).some((key) => JSON.stringify(change[key]) !== JSON.stringify(known[key]));
  }

  GridCells.HIDDEN = HIDDEN;
  GridCells.UNKNOWN = UNKNOWN;
  GridCells.HexLayer = L.Layer.extend({
    initialize(options) {
      this.state = Object.assign({}, defaults, options);
      this.levels = new Map();
      this.mode = "view";
      this.fetches = 0;
      this.hovered = null;
    },

    onAdd(map) {
      this.map = map;
      this.fill = L.DomUtil.create("canvas", "grid-cells-fill leaflet-zoom-animated");
      this.ink = L.DomUtil.create("canvas", "grid-cells-ink leaflet-zoom-animated");
      for (const canvas of [this.fill, this.ink]) this.getPane().appendChild(canvas);
      this.tip = L.DomUtil.create("div", "grid-cells-tip", map.getContainer());
      this.tip.hidden = true;
      if (this.state.url) this.load(this.state.url);
    },

    onRemove() {
      this.generation = {};
      for (const part of [this.fill, this.ink, this.tip]) part.remove();
      this.map = null;
    },

    getEvents() {
      const events = {
        moveend: this.redraw,
        move: this.follow,
        zoom: this.stretch,
        zoomanim: this.animate,
      };
      for (const name of ["click", "mousemove", "mouseout", "mousedown", "mouseup"]) {
        events[name] = (event) => this.handle(name, event);
      }
      return events;
    },

    handle(name, event) {
      const act = GridCells.modes[this.mode][name];
      if (act && (this.base || name === "click")) act(this, event); // without cells a click tells its place
    },

    /* Changes what is shown. A url is fetched once; everything else only repaints. */
    update(change) {
      const before = this.state;
      this.state = Object.assign({}, before, change);
      if (change.url && change.url !== before.url) {
        this.load(change.url);
      } else if (this.base && isNews(change, before)) {
        this.restyle();
      }
      return this;
    },

    setMode(name) {
      if (!GridCells.modes[name]) throw new Error("no such mode: " + name);
      this.mode = name;
      this.map.getContainer().style.cursor = GridCells.modes[name].cursor;
      this.hover(null);
      this.fire("mode", { mode: name });
      return this;
    },

    async load(url) {
      this.fetches++;
      try {
        const answer = await fetch(url, { credentials: "same-origin" });
        if (!answer.ok) throw new Error("cells: " + answer.status);
        const buffer = await answer.arrayBuffer();
        if (url !== this.state.url || !this.map) return; // a newer one was asked for meanwhile
        this.setCells(GridCells.decode(buffer));
      } catch (error) {
        if (url === this.state.url) {
          this.state.url = null; // so that asking again fetches again
          this.fire("failed", { url: url, reason: String(error) });
        }
      }
    },

    setCells(cells) {
      this.view = this.shown = null; // what is painted has rows of other cells
      this.base = GridCells.baseLevel(cells);
      this.levels = new Map([[cells.resolution, this.base]]);
      this.fire("cells");
      this.restyle();
    },

    restyle() {
      this.passing = this.filterCells();
      this.style = {}; // levels are classed anew when they are next shown
      this.redraw();
    },

    filterCells() {
      const wanted = this.state.filter.areas && new Set(this.state.filter.areas);
      const keep = new Uint8Array(this.base.count);
      for (let i = 0; i < keep.length; i++) keep[i] = this.passes(i, wanted) ? 1 : 0;
      return keep;
    },

    passes(row, wanted) {
      const { low, high, unknown } = this.state.filter;
      const v = this.base.value[row];
      const inRange = v !== v ? unknown !== false : !(low != null && v < low) && !(high != null && v > high);
      return inRange && (!wanted || wanted.has(this.base.area[row]));
    },

    classify(level) {
      level.style = this.style;
      if (level !== this.base) GridCells.rollUp(level, this.base, this.state.rollup, this.passing);
      for (let i = 0; i < level.count; i++) this.classRow(level, i);
    },

    classRow(level, row) {
      const { kind, breaks } = this.state.scale;
      const shown = level === this.base ? this.passing[row] : level.members[row];
      level.classes[row] = shown ? this.classOf(level, row, kind, breaks) : HIDDEN;
    },

    /* A sum over a parent's cells is coloured by its mean a cell, so that the legend holds. */
    classOf(level, i, kind, breaks) {
      if (kind === "areas") return level.area[i] === GridCells.NO_AREA ? UNKNOWN : level.area[i];
      let v = level.value[i];
      if (v !== v) return UNKNOWN;
      if (kind === "categories") return Math.round(v);
      if (level !== this.base && this.state.rollup === "sum") v /= level.known[i];
      let at = 0;
      while (at < breaks.length && v >= breaks[at]) at++; // a class holds its lower edge
      return at;
    },

    colourOf(code) {
      const colours = this.state.scale.colours;
      return colours[code % colours.length];
    },

    /* Width of a hexagon on screen now, in pixels, at the middle of the map. */
    hexWidth(resolution) {
      const metres = root.h3.getHexagonEdgeLengthAvg(resolution, "m") * Math.sqrt(3);
      const lat = (this.map.getCenter().lat * Math.PI) / 180;
      return (metres / (40075016.7 * Math.cos(lat))) * 256 * 2 ** this.map.getZoom();
    },

    levelNow() {
      let resolution = this.base.resolution;
      let level = this.base;
      while (resolution > 0 && !this.fits(level)) level = this.levelAt(--resolution);
      if (level.style !== this.style) this.classify(level);
      return level;
    },

    fits(level) {
      if (this.hexWidth(level.resolution) < MIN_HEX_PX) return false;
      const groups = level.visible(this.windowBox(0).box);
      return groups.reduce((sum, group) => sum + group.rows.length, 0) <= this.state.mostCells;
    },

    levelAt(resolution) {
      if (!this.levels.has(resolution)) {
        this.levels.set(resolution, GridCells.coarseLevel(this.base, resolution));
      }
      return this.levels.get(resolution);
    },

    windowBox(padding) {
      const scale = 2 ** this.map.getZoom();
      const size = this.map.getSize();
      const topLeft = this.map.containerPointToLayerPoint(size.multiplyBy(-padding)).round();
      const world = topLeft.add(this.map.getPixelOrigin());
      const span = size.multiplyBy(1 + 2 * padding);
      return {
        topLeft: topLeft,
        size: span.round(),
        scale: scale,
        world: world,
        box: [world.x / scale, world.y / scale, (world.x + span.x) / scale, (world.y + span.y) / scale],
      };
    },

    /* Paints the window, and beyond its edge where that is ready or once it can be made ready. */
    redraw() {
      if (!this.base || !this.map) return;
      const level = this.levelNow();
      const wide = level.visible(this.windowBox(PADDING).box);
      if (wide.every((group) => group.corners)) return void this.prepare(level, PADDING);
      this.prepare(level, 0, () => this.prepare(level, PADDING));
    },

    /* Works out missing outlines slice by slice, then paints in one frame. */
    prepare(level, padding, then) {
      const generation = (this.generation = {});
      const isStale = () => generation !== this.generation || !this.map;
      const step = () => {
        if (isStale()) return;
        const until = performance.now() + SLICE_MS;
        const groups = level.visible(this.windowBox(padding).box);
        for (const group of groups) {
          if (performance.now() > until) return void setTimeout(step, 0);
          level.build(group);
        }
        requestAnimationFrame(() => {
          if (isStale()) return;
          this.paint(level, groups, padding);
          if (then) setTimeout(() => isStale() || then(), SETTLE_MS);
        });
      };
      step();
    },

    paint(level, groups, padding) {
      const started = performance.now();
      const view = (this.view = this.windowBox(padding));
      view.zoom = this.map.getZoom();
      view.centre = this.map.getCenter();
      view.level = level;
      const wide = (view.wide = this.hexWidth(level.resolution));
      const fill = this.clear(this.fill, view);
      const ink = this.clear(this.ink, view);
      this.fill.style.opacity = this.state.opacity;
      const hexes = this.hexesOf(level, groups);
      this.paintFills(fill, level, hexes, wide);
      this.shown = { level: level, groups: groups };
      this.paintInk(ink, hexes, groups, wide);
      requestAnimationFrame(() =>
        this.fire("drawn", { paint_ms: performance.now() - started, cells: level.count, resolution: level.resolution }),
      );
    },

    clear(canvas, view) {
      const ratio = Math.min(2, root.devicePixelRatio || 1);
      const width = Math.round(view.size.x * ratio);
      const height = Math.round(view.size.y * ratio);
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
        canvas.style.width = view.size.x + "px";
        canvas.style.height = view.size.y + "px";
      }
      L.DomUtil.setTransform(canvas, view.topLeft, 1);
      const pen = canvas.getContext("2d");
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, view.size.x, view.size.y);
      return pen;
    },

    /* Fills opaque and a little too large: the canvas is made translucent as a whole, so that no
     * seams show between neighbours. */
    paintFills(pen, level, hexes, wide) {
      const codes = new Map();
      for (let h = 0; h < hexes.length; h += 2) {
        const code = level.classes[hexes[h].rows[hexes[h + 1]]];
        if (!codes.has(code)) codes.set(code, []);
        codes.get(code).push(hexes[h], hexes[h + 1]);
      }
      const swell = 1 + 0.6 / wide;
      for (const [code, some] of codes) {
        pen.fillStyle = code === UNKNOWN ? this.hatch(pen) : this.colourOf(code);
        this.trace(pen, some, swell, () => pen.fill());
      }
      if (this.state.warned.length) this.paintWarned(pen, level, hexes);
    },

    /* Stripes over the colour, which stays to be read. */
    paintWarned(pen, level, hexes) {
      const warned = new Set(this.state.warned);
      const some = [];
      for (let h = 0; h < hexes.length; h += 2) {
        const row = hexes[h].rows[hexes[h + 1]];
        if (level.classes[row] !== UNKNOWN && warned.has(level.area[row])) some.push(hexes[h], hexes[h + 1]);
      }
      pen.fillStyle = this.stripes(pen, null, "rgba(31, 45, 46, 0.6)");
      this.trace(pen, some, 1, () => pen.fill());
    },

    /* What shows of these groups: [group, place in group, …]. */
    hexesOf(level, groups) {
      const hexes = [];
      for (const group of groups) {
        for (let k = 0; k < group.rows.length; k++) {
          if (level.classes[group.rows[k]] !== HIDDEN) hexes.push(group, k);
        }
      }
      return hexes;
    },

    paintInk(pen, hexes, groups, wide) {
      if (wide > HAIRLINE_PX) this.paintHairlines(pen, hexes);
      if (this.paintSigns) this.paintSigns(pen, hexes, wide); // hex_paint.js, where cells can be painted
      if (this.state.borders) {
        this.paintRings(pen, groups);
        this.paintBorders(pen, groups);
      }
      this.paintMarked(pen);
    },

    paintHairlines(pen, hexes) {
      pen.lineWidth = 1;
      pen.strokeStyle = "rgba(255,255,255,0.45)";
      this.trace(pen, hexes, 1, () => pen.stroke());
    },

    /* Runs `flush` on paths of up to CHUNK hexagons. */
    trace(pen, hexes, swell, flush) {
      const { scale, world } = this.view;
      for (let h = 0; h < hexes.length; h += 2) {
        if (h % (2 * CHUNK) === 0) pen.beginPath();
        const { corners, starts } = hexes[h];
        const start = starts[hexes[h + 1]];
        const end = starts[hexes[h + 1] + 1];
        const middle = start + ((end - start) >> 2) * 2;
        const cx = (corners[start] + corners[middle]) / 2;
        const cy = (corners[start + 1] + corners[middle + 1]) / 2;
        for (let a = start; a < end; a += 2) {
          const x = (cx + (corners[a] - cx) * swell) * scale - world.x;
          const y = (cy + (corners[a + 1] - cy) * swell) * scale - world.y;
          if (a === start) pen.moveTo(x, y);
          else pen.lineTo(x, y);
        }
        pen.closePath();
        if ((h + 2) % (2 * CHUNK) === 0) flush();
      }
      if (hexes.length % (2 * CHUNK) !== 0) flush();
    },

    /* Around holes in an area: a hint of a line, so that the area still reads as one. */
    paintRings(pen, groups) {
      const { scale, world } = this.view;
      const wanted = this.state.filter.areas && new Set(this.state.filter.areas);
      pen.lineWidth = 1;
      pen.strokeStyle = "rgba(31, 45, 46, 0.22)";
      pen.beginPath();
      for (const { rings } of groups) {
        for (let p = 0; p < rings.length; p += 5) {
          if (wanted && !wanted.has(rings[p + 4])) continue;
          pen.moveTo(rings[p] * scale - world.x, rings[p + 1] * scale - world.y);
          pen.lineTo(rings[p + 2] * scale - world.x, rings[p + 3] * scale - world.y);
        }
      }
      pen.stroke();
    },

    paintBorders(pen, groups) {
      const { scale, world } = this.view;
      const wanted = this.state.filter.areas && new Set(this.state.filter.areas);
      pen.lineWidth = 2;
      pen.lineCap = "round";
      pen.strokeStyle = this.state.borderColour || "#1f2d2e";
      for (const group of groups) {
        const pieces = group.borders;
        pen.beginPath();
        for (let p = 0; p < pieces.length; p += 6) {
          if (wanted && !wanted.has(pieces[p + 4]) && !wanted.has(pieces[p + 5])) continue;
          pen.moveTo(pieces[p] * scale - world.x, pieces[p + 1] * scale - world.y);
          pen.lineTo(pieces[p + 2] * scale - world.x, pieces[p + 3] * scale - world.y);
        }
        pen.stroke();
      }
    },

    /* The selected cell: 3 px, on a dark rim so that it shows on light and dark colours; a ring
     * around it where it is too small to see. */
    paintMarked(pen) {
      if (!this.state.selected) return;
      const { scale, world } = this.view;
      const corners = GridCells.outline(...GridCells.wordsOf(this.state.selected));
      const points = [];
      for (let a = 0; a < corners.length; a += 2) {
        points.push([corners[a] * scale - world.x, corners[a + 1] * scale - world.y]);
      }
      const box = GridCells.boundsOf(points.flat());
      pen.beginPath();
      if (box[2] - box[0] < RING_PX) {
        pen.arc((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, RING_PX / 2, 0, 2 * Math.PI);
      } else {
        for (const point of points) pen.lineTo(point[0], point[1]);
      }
      pen.closePath();
      pen.lineJoin = "round";
      for (const [width, colour] of [[5, "rgba(31,45,46,0.55)"], [3, "#e0a04a"]]) {
        pen.lineWidth = width;
        pen.strokeStyle = colour;
        pen.stroke();
      }
    },

    hatch(pen) {
      return this.stripes(pen, "#d9dcda", this.state.unknownColour);
    },

    /* A pattern of slanting lines, on a ground or on nothing. */
    stripes(pen, ground, colour) {
      const tile = document.createElement("canvas");
      tile.width = tile.height = 8;
      const brush = tile.getContext("2d");
      if (ground) {
        brush.fillStyle = ground;
        brush.fillRect(0, 0, 8, 8);
      }
      brush.strokeStyle = colour;
      brush.lineWidth = ground ? 1.4 : 0.9;
      for (const shift of [-8, 0, 8]) {
        brush.beginPath();
        brush.moveTo(shift - 1, 9);
        brush.lineTo(shift + 9, -1);
        brush.stroke();
      }
      return pen.createPattern(tile, "repeat");
    },

    /* While a drag goes beyond the painted edge, paint on the way. */
    follow() {
      if (!this.view || this.map._animatingZoom || this.view.zoom !== this.map.getZoom()) return;
      const box = this.windowBox(0).box;
      const painted = this.view.box;
      if (box[0] < painted[0] || box[1] < painted[1] || box[2] > painted[2] || box[3] > painted[3]) {
        this.redraw();
      }
    },

    stretch() {
      if (this.view) this.place(this.map.getCenter(), this.map.getZoom());
    },

    animate(event) {
      if (this.view) this.place(event.center, event.zoom);
    },

    /* Scales what is painted to another centre and zoom until it is painted anew. */
    place(centre, zoom) {
      const scale = this.map.getZoomScale(zoom, this.view.zoom);
      const corner = this.map.unproject(this.view.world, this.view.zoom);
      const at = this.map._latLngToNewLayerPoint(corner, zoom, centre);
      for (const canvas of [this.fill, this.ink]) L.DomUtil.setTransform(canvas, at, scale);
    },

    /* The row under a position at a level, or -1. */
    rowAt(latlng, level) {
      const place = latlng.wrap();
      return level.rowAtPlace(place.lat, place.lng);
    },

    describe(level, row) {
      const value = level.value[row];
      return {
        cell: level.hexAt(row),
        area: level.area[row] === GridCells.NO_AREA ? null : level.area[row],
        value: value === value ? value : null,
        members: level.members[row],
      };
    },

    pick(latlng) {
      const place = latlng.wrap();
      if (!this.base) return void this.fire("pick", { cell: null, lat: place.lat, lng: place.lng, area: null, value: null, inside: false });
      const row = this.rowAt(latlng, this.base);
      const known = row < 0 ? { area: null, value: null } : this.describe(this.base, row);
      const cell = row < 0 ? root.h3.latLngToCell(place.lat, place.lng, this.base.resolution) : known.cell;
      this.fire("pick", { cell: cell, lat: place.lat, lng: place.lng, area: known.area, value: known.value, inside: row >= 0 });
    },

    hover(latlng, point) {
      const level = this.shown && this.shown.level;
      const row = latlng && level ? this.rowAt(latlng, level) : -1;
      const shown = row >= 0 && level.classes[row] !== HIDDEN;
      this.tip.hidden = !shown;
      if (!shown) return void (this.hovered = null);
      const found = this.describe(level, row);
      if (this.hovered !== found.cell) this.fillTip(found, level);
      this.hovered = found.cell;
      const box = this.map.getSize();
      const left = point.x + 18 + this.tip.offsetWidth > box.x ? point.x - 14 - this.tip.offsetWidth : point.x + 18;
      const top = Math.min(Math.max(4, point.y + 14), box.y - this.tip.offsetHeight - 4);
      this.tip.style.transform = "translate(" + Math.round(left) + "px," + Math.round(top) + "px)";
    },

    /* Names come from files: text nodes only, never markup. */
    fillTip(found, level) {
      const labels = this.state.labels;
      const head = document.createElement("div");
      const code = document.createElement("b");
      code.textContent = found.cell;
      const area = found.area === null ? labels.noArea : (this.state.areas[found.area] ?? labels.noArea);
      head.append(code, area && " · " + area);
      this.tip.replaceChildren(head);
      if (this.state.scale.kind !== "areas") {
        const figure = document.createElement("div");
        figure.textContent = this.wording(found.value);
        this.tip.append(figure);
      }
      if (level !== this.base) {
        const many = document.createElement("div");
        many.className = "grid-cells-many";
        many.textContent = labels.cells.replace("{n}", found.members.toLocaleString(this.state.language));
        this.tip.append(many);
      }
    },

    wording(value) {
      const { labels, digits, language, scale } = this.state;
      if (value === null) return labels.unknown;
      if (scale.kind === "categories" && scale.names) return scale.names[Math.round(value)];
      return value.toLocaleString(language, { maximumFractionDigits: digits }) + " " + labels.unit;
    },
  });
})(window);
