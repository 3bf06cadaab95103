/* What the pointer does on the hexagon layer while areas are redrawn: brush, lasso, fill, eyedropper,
 * lock, selection. One finger or the left button paints; two fingers, the space bar held down or the middle
 * button move the map. Needs Leaflet, h3-js and hex_layer.js.
 *
 *   const hand = new GridCells.Hand(map, layer, painter);
 *   hand.size = 2;                  // rings of cells around the pointer
 *   layer.setMode("brush");
 *
 * The painter decides: ready(kind) whether a stroke may begin, takes(kind, row) whether a stroke
 * takes a cell, wet(stroke, rows) shows rows just painted, done(stroke), dropped(stroke), colour(),
 * choose(row) for the eyedropper.
 */
(function (root) {
  "use strict";

  const GridCells = root.GridCells;
  const LEFT = 0;
  const MIDDLE = 1;
  const RIGHT = 2;
  const LASSO_STEP_PX = 3;
  const SVG = "http://www.w3.org/2000/svg";
  const HANDLERS = ["dragging", "boxZoom", "doubleClickZoom"];

  /* How often a line is looked at on its way: often enough to miss no cell. */
  const LOOKS_A_CELL = 2.5;

  const smear = {
    press(hand, spot) {
      hand.add(hand.disk(spot.cell));
    },
    drag(hand, spot) {
      for (const cell of hand.way(hand.stroke.last, spot)) hand.add(hand.disk(cell));
    },
    release(hand) {
      hand.finish();
    },
    mark: (hand, spot) => root.h3.gridDisk(spot.cell, hand.size),
  };

  /* A merge takes whole families: the mark shows what they become. */
  function familyMark(hand, spot) {
    const up = (cell) => root.h3.cellToParent(cell, Math.max(0, root.h3.getResolution(cell) - 1));
    return Array.from(new Set(root.h3.gridDisk(spot.cell, hand.size).map(up)));
  }

  const modes = {
    brush: Object.assign({ kind: "paint" }, smear),
    lock: Object.assign({ kind: "lock" }, smear),
    divide: Object.assign({ kind: "divide" }, smear),
    merge: Object.assign({ kind: "merge" }, smear, { mark: familyMark }),
    lasso: {
      kind: "paint",
      press(hand, spot) {
        hand.rope = [spot];
        hand.drawRope();
      },
      drag(hand, spot) {
        const last = hand.rope[hand.rope.length - 1].point;
        if (last.distanceTo(spot.point) < LASSO_STEP_PX) return;
        hand.rope.push(spot);
        hand.drawRope();
      },
      release(hand) {
        hand.add(hand.caught());
        hand.finish();
      },
    },
    select: {
      kind: "select",
      press: (hand, spot) => modes.lasso.press(hand, spot),
      drag: (hand, spot) => modes.lasso.drag(hand, spot),
      release: (hand) => modes.lasso.release(hand),
    },
    fill: {
      kind: "paint",
      shows: true,
      press(hand, spot) {
        hand.add(hand.flood(spot));
        hand.finish();
      },
      mark: (hand, spot) => [spot.cell],
    },
    pick: {
      shows: true,
      press(hand, spot) {
        hand.suck(spot);
      },
      mark: (hand, spot) => [spot.cell],
    },
  };
  for (const [name, mode] of Object.entries(modes)) {
    const seen = mode.shows ? GridCells.modes.view : {};
    GridCells.modes[name] = Object.assign(mode, {
      cursor: "crosshair",
      paints: true,
      mousemove: seen.mousemove,
      mouseout: seen.mouseout,
    });
  }

  class Hand {
    constructor(map, layer, painter) {
      this.map = map;
      this.layer = layer;
      this.painter = painter;
      this.size = 1;
      this.stroke = null;
      this.fingers = new Set();
      this.box = this.map.getContainer();
      this.cursor = L.DomUtil.create("canvas", "grid-cells-cursor", map.getPane("overlayPane"));
      this.listen();
      layer.on("mode", () => this.changeMode());
      this.map.on("zoomstart", () => this.hideMark());
      this.map.on("zoomstart", () => this.rope && this.drop()); // a rope's points are of one zoom
    }

    /* Pointer events of the map's own box: Leaflet's map events miss what fingers draw. */
    listen() {
      const acts = {
        pointerdown: this.down,
        pointermove: this.move,
        pointerup: this.up,
        pointercancel: this.cancel,
        pointerleave: this.hideMark,
        contextmenu: (event) => this.mode.paints && event.preventDefault(),
      };
      for (const [name, act] of Object.entries(acts)) this.box.addEventListener(name, act.bind(this));
    }

    get mode() {
      return GridCells.modes[this.layer.mode];
    }

    changeMode() {
      this.drop();
      this.hideMark();
      this.isLent = false;
      this.box.classList.remove("grid-cells-lent");
      this.box.classList.toggle("grid-cells-painting", Boolean(this.mode.paints));
      this.holdMap(!this.mode.paints);
    }

    /* Lets Leaflet drag the map, or not. */
    holdMap(moves) {
      for (const name of HANDLERS) this.map[name][moves ? "enable" : "disable"]();
    }

    /* The space bar: down, the left button moves the map. */
    lend(isLent) {
      if (!this.mode.paints || this.stroke || this.isLent === isLent) return;
      this.isLent = isLent;
      this.hideMark();
      this.map.dragging[isLent ? "enable" : "disable"]();
      this.box.classList.toggle("grid-cells-lent", isLent);
    }

    down(event) {
      if (!this.mode.paints || event.target.closest(".leaflet-control, .grid-cells-over")) return;
      if (event.pointerType === "touch") this.fingers.add(event.pointerId);
      if (this.fingers.size > 1) return void this.drop(); // a pinch is no stroke
      if (event.button === MIDDLE) return void this.lendOnce(event);
      if (this.isLent || this.stroke || !this.layer.view) return;
      const spot = this.spot(event, this.levelFor(this.mode));
      if (event.button === RIGHT || event.altKey) return void this.suck(spot);
      if (event.button === LEFT) this.begin(event, spot);
    }

    /* Leaflet drags by the middle button too, when it may drag at all. */
    lendOnce() {
      this.lend(true);
      const stop = (event) => event.button === MIDDLE && event.preventDefault(); // no scroll wheel of the browser's
      this.box.addEventListener("mousedown", stop, { once: true });
      root.addEventListener("pointerup", () => setTimeout(() => this.lend(false), 0), { once: true });
    }

    begin(event, spot) {
      const { kind } = this.mode;
      this.box.focus({ preventScroll: true });
      if (kind && !this.painter.ready(kind)) return;
      try {
        this.box.setPointerCapture(event.pointerId);
      } catch (gone) {
        return; // the finger is up already
      }
      this.stroke = { kind: kind, pointer: event.pointerId, level: spot.level, last: spot, rows: [], fresh: new Set(), taken: new Set() };
      if (kind === "lock") this.stroke.kind = this.painter.lockOrUnlock(this.rowsAt(spot));
      this.mode.press(this, spot);
      this.flush();
      if (!this.mode.release) this.stroke = null;
    }

    move(event) {
      if (!this.mode.paints) return;
      if (this.stroke && event.pointerId === this.stroke.pointer) this.drag(event);
      if (event.pointerType !== "touch") this.showMark(event);
    }

    drag(event) {
      const all = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
      for (const one of all.length ? all : [event]) {
        const spot = this.spot(one, this.stroke.level);
        this.mode.drag(this, spot);
        this.stroke.last = spot;
      }
      this.flush();
    }

    up(event) {
      this.fingers.delete(event.pointerId);
      if (!this.stroke || event.pointerId !== this.stroke.pointer) return;
      this.drag(event);
      this.mode.release(this);
    }

    cancel(event) {
      this.fingers.delete(event.pointerId);
      if (this.stroke && event.pointerId === this.stroke.pointer) this.drop();
    }

    /* Where an event is: on the map, on the screen, and in which cell of a level. */
    spot(event, level) {
      const point = this.map.mouseEventToContainerPoint(event);
      const latlng = this.map.containerPointToLatLng(point).wrap();
      return { point: point, latlng: latlng, level: level, cell: this.cellOn(latlng, level) };
    }

    /* The cell under a place; of cells of several sizes the very one where a single cell is meant. */
    cellOn(latlng, level) {
      const isOne = level.isMixed && (this.size === 0 || this.mode.shows);
      const row = isOne ? level.rowAtPlace(latlng.lat, latlng.lng) : -1;
      return row < 0 ? cellAt(latlng, level) : level.hexAt(row);
    }

    /* The brush paints the hexagons one sees; fill and eyedropper ask for the cell itself. */
    levelFor(mode) {
      return mode.shows ? this.layer.base : this.layer.view.level;
    }

    disk(cell) {
      const { level, taken } = this.stroke;
      if (taken.has(cell)) return [];
      taken.add(cell);
      const cells = this.size ? root.h3.gridDisk(cell, this.size) : [cell];
      return cells.flatMap((one) => level.rowsUnder(one)).flatMap((row) => Array.from(level.behind(row)));
    }

    rowsAt(spot) {
      return spot.level.rowsUnder(spot.cell).flatMap((row) => Array.from(spot.level.behind(row)));
    }

    /* Cells on the straight way to a spot, however quick the pointer was. */
    way(from, to) {
      const finest = to.level.isMixed && this.size === 0 ? to.level.sizes[0] : to.level.resolution;
      const width = Math.max(2, this.layer.hexWidth(finest));
      const steps = Math.ceil((from.point.distanceTo(to.point) / width) * LOOKS_A_CELL);
      const cells = [];
      for (let k = 1; k < steps; k++) {
        const point = from.point.add(to.point.subtract(from.point).multiplyBy(k / steps));
        const cell = this.cellOn(this.map.containerPointToLatLng(point).wrap(), to.level);
        if (cell !== cells[cells.length - 1]) cells.push(cell);
      }
      return this.thinned(cells).concat(to.cell);
    }

    /* A thick brush need not be set down on every cell of its way. */
    thinned(cells) {
      const every = Math.max(1, this.size >> 1);
      return cells.filter((_, k) => k % every === 0);
    }

    /* Takes rows into the stroke; they are shown together by flush. */
    add(rows) {
      const { stroke, painter } = this;
      for (const row of rows) if (painter.takes(stroke.kind, row)) stroke.fresh.add(row);
    }

    flush() {
      const { stroke } = this;
      if (!stroke || !stroke.fresh.size) return;
      const fresh = Array.from(stroke.fresh);
      stroke.fresh.clear();
      for (const row of fresh) stroke.rows.push(row);
      this.painter.wet(stroke, fresh);
    }

    finish() {
      this.flush();
      const { stroke } = this;
      this.letGo();
      this.painter.done(stroke);
    }

    /* Takes back a stroke that is still under the hand. */
    drop() {
      const { stroke } = this;
      this.letGo();
      if (stroke) this.painter.dropped(stroke);
    }

    letGo() {
      this.stroke = null;
      this.rope = null;
      if (this.loop) this.loop.remove();
      this.loop = null;
    }

    suck(spot) {
      const row = this.layer.rowAt(spot.latlng, this.layer.base);
      if (row >= 0) this.painter.choose(row);
    }

    /* All cells that hang together with this one by cells of the same area. */
    flood(spot) {
      const { base } = this.layer;
      const start = base.rowOf(spot.cell);
      if (start < 0) return [];
      const area = base.area[start];
      const found = new Set([start]);
      for (const row of found) {
        for (const other of base.near(row)) if (base.area[other] === area) found.add(other);
      }
      return Array.from(found);
    }

    /* Cells whose centre lies inside the rope. */
    caught() {
      const shape = this.rope.map(({ latlng }) => [GridCells.projectX(latlng.lng), GridCells.projectY(latlng.lat)]);
      if (shape.length < 3) return [];
      const box = GridCells.boundsOf(shape.flat());
      const { base } = this.layer;
      const rows = [];
      for (const group of base.visible(box)) {
        for (const row of group.rows) {
          if (isInside(centreOf(base, row), shape)) rows.push(row);
        }
      }
      return rows;
    }

    drawRope() {
      if (!this.loop) {
        this.loop = document.createElementNS(SVG, "svg");
        this.loop.setAttribute("class", "grid-cells-rope");
        for (const name of ["rim", "line"]) {
          const path = document.createElementNS(SVG, "path");
          path.setAttribute("class", name);
          this.loop.append(path);
        }
        this.box.append(this.loop);
      }
      const words = "M" + this.rope.map(({ point }) => Math.round(point.x) + " " + Math.round(point.y)).join("L") + "Z";
      for (const path of this.loop.children) path.setAttribute("d", words);
    }

    /* Outlines what the tool would take, on a canvas no larger than that. */
    showMark(event) {
      const over = event.target.closest && event.target.closest(".leaflet-control, .grid-cells-over");
      if (!this.mode.mark || over || this.isLent || !this.layer.view) return void this.hideMark();
      const spot = this.spot(event, this.levelFor(this.mode));
      const print = [spot.cell, this.size, this.map.getZoom(), this.painter.colour(this.mode.kind)].join();
      if (print === this.marked) return;
      this.marked = print;
      this.drawMark(root.h3.cellsToMultiPolygon(this.mode.mark(this, spot)));
    }

    hideMark() {
      this.marked = null;
      this.cursor.hidden = true;
    }

    drawMark(polygons) {
      const at = ([lat, lng]) => this.map.latLngToLayerPoint([lat, lng]);
      const loops = polygons.flat().map((loop) => loop.map(at));
      const bounds = L.bounds(loops.flat());
      const rim = 4;
      const corner = bounds.min.subtract([rim, rim]).floor();
      const size = bounds.max.add([rim, rim]).ceil().subtract(corner);
      const ratio = Math.min(2, root.devicePixelRatio || 1);
      const canvas = this.cursor;
      canvas.width = size.x * ratio;
      canvas.height = size.y * ratio;
      canvas.style.width = size.x + "px";
      canvas.style.height = size.y + "px";
      canvas.hidden = false;
      L.DomUtil.setPosition(canvas, corner);
      const pen = canvas.getContext("2d");
      pen.setTransform(ratio, 0, 0, ratio, -corner.x * ratio, -corner.y * ratio);
      this.strokeMark(pen, loops);
    }

    strokeMark(pen, loops) {
      pen.beginPath();
      for (const loop of loops) {
        for (const point of loop) pen.lineTo(point.x, point.y);
        pen.closePath();
        pen.moveTo(loop[0].x, loop[0].y);
      }
      pen.fillStyle = this.painter.colour(this.mode.kind);
      pen.globalAlpha = 0.35;
      pen.fill();
      pen.globalAlpha = 1;
      pen.lineJoin = "round";
      for (const [width, colour] of [[4, "rgba(255,255,255,0.9)"], [1.8, "#17292a"]]) {
        pen.lineWidth = width;
        pen.strokeStyle = colour;
        pen.stroke();
      }
    }
  }

  function cellAt(latlng, level) {
    return root.h3.latLngToCell(latlng.lat, latlng.lng, level.resolution);
  }

  function centreOf(level, row) {
    const [lat, lng] = root.h3.cellToLatLng([level.words[2 * row], level.words[2 * row + 1]]);
    return [GridCells.projectX(lng), GridCells.projectY(lat)];
  }

  function isInside([x, y], shape) {
    let inside = false;
    for (let i = 0, j = shape.length - 1; i < shape.length; j = i++) {
      const [xi, yi] = shape[i];
      const [xj, yj] = shape[j];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
    return inside;
  }

  GridCells.Hand = Hand;
})(window);
