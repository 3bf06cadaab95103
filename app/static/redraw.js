/* Redrawing areas on the map: ties the hand (redraw_modes.js), the tools (redraw_tools.js) and the
 * talk with the server (redraw_talk.js) to the hexagon layer. What shows is what the server knows,
 * `truth`, with the strokes that still wait on top; a stroke taken back is one stroke less on top.
 *
 *   const redraw = new GridCells.Redraw(host);      // host.parts.hexes is the layer
 *   redraw.update({plan, actor, seq, areas, canEdit, words, locked, mixed, undo, redo});
 */
(function (root) {
  "use strict";

  const GridCells = root.GridCells;
  const NONE = GridCells.NO_AREA;
  const TELL_MS = 150;
  const MOST_CELLS = 25000; // a planner sees the cells themselves for longer than a reader of the map
  const MOST_SIZE = 5;
  const IDLE_MS = 800;
  const MOST_RECENT = 9;
  const NO_COLOUR = "#c9cecb";
  const PARTS = ["divide", "merge"]; // strokes after which the plan is drawn on other cells

  GridCells.Redraw = L.Evented.extend({
    initialize(host) {
      this.host = host;
      this.layer = host.parts.hexes;
      this.map = host.map;
      this.layer.state.mostCells = MOST_CELLS;
      this.areas = [];
      this.words = {};
      this.target = undefined; // an area's index, NONE, or undefined until one is chosen
      this.mostSize = MOST_SIZE;
      this.hand = new GridCells.Hand(this.map, this.layer, this);
      this.tools = new GridCells.RedrawTools(this).addTo(this.map);
      this.layer.on("cells", () => this.meetCells());
    },

    /* What Python says. It may be older than what the server told this browser since. */
    update(change) {
      this.words = change.words;
      this.canEdit = change.canEdit;
      this.given = change;
      const isOther = !this.talk || this.talk.plan !== change.plan || this.talk.actor !== change.actor;
      if (isOther) this.open(change);
      this.talk.language = change.language;
      if (change.seq >= this.talk.seen) this.learn(change);
      this.setMixed(change.mixed);
      if (isOther || (this.selected && change.selectionDone === this.selected.seq)) this.select([]);
      if (isOther && this.truth) this.refreshAll(this.coveredRows());
      if (this.url !== this.layer.state.url) {
        this.url = this.layer.state.url;
        this.fileSeq = change.seq; // at least: the file is as new as its answer
      }
      this.byCells = change.byCells !== false;
      if (!this.byCells && PARTS.includes(this.layer.mode)) this.setMode("view");
      if (!this.canEdit && this.layer.mode !== "view") this.layer.setMode("view");
      this.dress();
      this.tools.refresh();
    },

    open({ plan, actor, seq }) {
      if (this.talk) this.talk.stop();
      this.talk = new GridCells.Talk({
        plan: plan,
        actor: actor,
        answered: (stroke, body) => this.hearAnswer(stroke, body),
        taken: (stroke, reason) => this.takeBack(stroke, reason),
        polled: (body) => this.hearOthers(body),
        changed: () => this.tools.refresh(),
      });
      this.target = undefined;
      this.recent = [];
      this.truth = this.layer.base && this.layer.base.area.slice();
      this.talk.start(seq);
    },

    /* Cells came from the server: what it says now is the truth, and waiting strokes go on top. */
    meetCells() {
      const { base } = this.layer;
      this.hand.letGo();
      this.truth = base.area.slice();
      this.lockedTruth = new Uint8Array(base.count);
      this.layer.signs = { locked: new Uint8Array(base.count), lockedAreas: this.lockedAreas() };
      if (!this.talk) return;
      this.setMixed(this.given.mixed);
      this.setLocked(this.lockedCells);
      this.settle(this.coveredRows());
      this.talk.rewind(this.fileSeq);
    },

    /* Facts that Python and the server's answers both carry. */
    learn({ areas, locked, undo, redo }) {
      if (areas) this.setAreas(areas);
      if (locked) this.setLocked(locked.cells || locked);
      if (undo !== undefined) this.undoCount = undo;
      if (redo !== undefined) this.redoCount = redo;
    },

    setAreas(areas) {
      this.areas = areas;
      this.byIndex = new Map(areas.map((area) => [area.index, area]));
      const chosen = this.byIndex.get(this.target);
      if (this.target !== NONE && (!chosen || !this.isOpen(chosen))) this.target = undefined;
      this.recent = this.recent.filter((index) => this.byIndex.has(index) && this.isOpen(this.byIndex.get(index)));
      for (const area of areas) {
        if (this.recent.length < MOST_RECENT && this.isOpen(area) && !this.recent.includes(area.index)) {
          this.recent.push(area.index);
        }
      }
      const locked = this.lockedAreas();
      const before = (this.layer.signs && this.layer.signs.lockedAreas) || new Set();
      if (this.layer.base && String([...locked]) !== String([...before])) this.layer.showSigns({ lockedAreas: locked });
      this.dress();
    },

    isOpen(area) {
      return !area.is_deleted && !area.is_locked && area.is_mine;
    },

    lockedAreas() {
      return new Set(this.areas.filter((area) => area.is_locked).map((area) => area.index));
    },

    /* Colours and names of the newest list of areas, on the layer. */
    dress() {
      const { state } = this.layer;
      if (state.scale.kind !== "areas" || !this.areas.length) return;
      const colours = [];
      const names = [];
      for (const area of this.areas) {
        colours[area.index] = area.colour;
        names[area.index] = area.name;
      }
      for (let k = 0; k < colours.length; k++) colours[k] = colours[k] || NO_COLOUR;
      this.layer.update({ areas: names, scale: Object.assign({}, state.scale, { colours: colours }) });
    },

    setLocked(cells) {
      this.lockedCells = cells || [];
      if (!this.truth) return;
      this.lockedTruth.fill(0);
      for (const row of this.rowsOf(this.lockedCells)) this.lockedTruth[row] = 1;
      this.settleLocks();
    },

    setMixed(cells) {
      const print = cells.join();
      if (!this.truth || (this.layer.signs.mixed && this.mixedPrint === print)) return;
      this.mixedPrint = print;
      const mixed = new Uint8Array(this.layer.base.count);
      for (const row of this.rowsOf(cells)) mixed[row] = 1;
      this.layer.showSigns({ mixed: mixed });
    },

    rowsOf(cells) {
      const { base } = this.layer;
      return cells.map((hex) => base.rowOf(hex)).filter((row) => row >= 0);
    },

    /* ---- what shows: the truth with the waiting strokes on top ---- */

    /* Waiting strokes in order, the one still under the hand last. */
    pending() {
      const waiting = GridCells.standing(this.talk.queue);
      return this.hand.stroke ? waiting.concat(this.hand.stroke) : waiting;
    },

    rowsOfStroke(stroke) {
      if (stroke.base !== this.layer.base && stroke.cells) {
        stroke.base = this.layer.base;
        stroke.rows = this.rowsOf(stroke.cells);
      }
      return stroke.rows || [];
    },

    indexOf(stroke) {
      if (stroke.index === undefined) {
        const area = this.areas.find((one) => one.area_id === stroke.to);
        stroke.index = area ? area.index : NONE;
      }
      return stroke.index;
    },

    coveredRows() {
      return this.talk.queue.flatMap((stroke) => this.rowsOfStroke(stroke));
    },

    settle(rows) {
      if (!this.truth) return;
      const place = new Map();
      for (const row of rows) place.set(row, this.truth[row]);
      for (const stroke of this.pending()) {
        if (stroke.kind !== "paint") continue;
        for (const row of this.rowsOfStroke(stroke)) if (place.has(row)) place.set(row, this.indexOf(stroke));
      }
      this.layer.paintCells(Array.from(place.keys()), Array.from(place.values()));
    },

    lockedNow() {
      const locked = this.lockedTruth.slice();
      for (const stroke of this.pending()) {
        if (stroke.kind !== "lock" && stroke.kind !== "unlock") continue;
        for (const row of this.rowsOfStroke(stroke)) locked[row] = stroke.kind === "lock" ? 1 : 0;
      }
      return locked;
    },

    settleLocks() {
      const shown = this.layer.signs.locked;
      const differ = [];
      this.lockedNow().forEach((isLocked, row) => isLocked !== shown[row] && differ.push(row));
      if (differ.length) this.layer.flipLocks(differ);
    },

    refreshAll(rows) {
      this.settle(rows);
      if (this.truth) this.settleLocks();
    },

    /* ---- the painter of the hand ---- */

    ready(kind) {
      if (!this.canEdit || !this.truth) return false;
      if (kind === "paint" && this.target === undefined) {
        this.tools.toast(this.words.choose_first);
        this.tools.openChoice();
        return false;
      }
      this.blocked = new Set();
      return true;
    },

    takes(kind, row) {
      if (!this.layer.passing[row]) return false; // filtered away: nobody paints what does not show
      if (kind === "select") return true;
      const { area } = this.layer.base;
      const { locked, lockedAreas } = this.layer.signs;
      if (kind === "lock" || kind === "unlock") return Boolean(locked[row]) !== (kind === "lock");
      if (kind === "paint" && area[row] === this.target) return false;
      if (!locked[row] && !lockedAreas.has(area[row])) return true;
      this.blocked.add(row);
      return false;
    },

    lockOrUnlock(rows) {
      const { locked } = this.layer.signs;
      return rows.length && locked[rows[0]] ? "unlock" : "lock";
    },

    wet(stroke, rows) {
      if (stroke.kind === "paint") {
        stroke.index = this.target;
        this.layer.paintCells(rows, this.target);
      } else if (PARTS.includes(stroke.kind)) {
        this.layer.shadeCells(rows, true);
      } else if (stroke.kind !== "select") {
        this.layer.flipLocks(rows);
      }
    },

    done(stroke) {
      if (stroke.kind === "select") return void this.select(stroke.rows.map((row) => this.layer.base.hexAt(row)));
      if (!stroke.rows.length) {
        if (this.blocked.size) this.tools.toast(this.words.all_locked, this.blocked.size);
        return;
      }
      const cells = stroke.rows.map((row) => this.layer.base.hexAt(row));
      const what = { cells: cells, rows: stroke.rows, base: this.layer.base };
      if (stroke.kind === "paint") {
        const area = this.byIndex.get(stroke.index);
        Object.assign(what, { to: area ? area.area_id : null, index: stroke.index });
      }
      this.talk.push(stroke.kind, what);
      this.tidySoon();
    },

    /* Cells chosen for something that Python does with them, outlined until it is done. */
    select(cells) {
      if (this.selected) this.selected.outline.remove();
      this.selected = null;
      if (!cells.length) return;
      const loops = root.h3.cellsToMultiPolygon(cells);
      const line = (options) => L.polygon(loops, Object.assign({ interactive: false, fill: false }, options));
      const outline = L.layerGroup([line({ color: "#fff", weight: 6 }), line({ color: "#17292a", weight: 3, dashArray: "8 6" })]);
      this.host.tell("redraw", { seq: this.told || this.talk.seen, cells: cells });
      this.selected = { outline: outline.addTo(this.map), seq: this.host.last.seq };
      this.tools.note(this.words.selected, { n: cells.length });
    },

    /* Strokes are patched over the picture; when the hand rests it is painted whole. */
    tidySoon() {
      clearTimeout(this.tidying);
      this.tidying = setTimeout(() => (this.hand.stroke ? this.tidySoon() : this.layer.redraw()), IDLE_MS);
    },

    dropped(stroke) {
      if (this.talk) this.refreshAll(stroke.rows);
      if (PARTS.includes(stroke.kind)) this.layer.shadeCells(stroke.rows, false);
    },

    colour(kind) {
      if (kind !== "paint") return "#17292a";
      const area = this.byIndex && this.byIndex.get(this.target);
      return area ? area.colour : NO_COLOUR;
    },

    choose(row) {
      const index = this.layer.base.area[row];
      const area = this.byIndex.get(index);
      if (index !== NONE && !area) return;
      if (area && area.is_locked) return void this.tools.toast(this.words.area_locked);
      if (area && !area.is_mine) return void this.tools.toast(this.words.area_not_yours);
      this.aim(index);
      if (this.layer.mode === "pick") this.setMode(this.before || "brush");
    },

    /* ---- what the tools and keys ask for ---- */

    aim(index) {
      this.target = index;
      if (index !== NONE && !this.recent.includes(index)) {
        if (this.recent.length >= MOST_RECENT) this.recent.pop();
        this.recent.push(index);
      }
      if (this.layer.mode === "view") this.setMode("brush");
      this.hand.hideMark();
      this.tools.refresh();
    },

    setMode(name) {
      if (!this.canEdit && name !== "view") return;
      if (!this.byCells && PARTS.includes(name)) return;
      if (name === "pick" && this.layer.mode !== "pick") this.before = this.layer.mode === "view" ? "brush" : this.layer.mode;
      this.layer.setMode(name);
      this.tools.refresh();
    },

    resize(by) {
      this.hand.size = Math.max(0, Math.min(MOST_SIZE, this.hand.size + by));
      this.hand.hideMark();
      this.tools.refresh();
    },

    counts() {
      return GridCells.counts(this.talk ? this.talk.queue : [], this.undoCount || 0, this.redoCount || 0);
    },

    /* "undo" or "redo" of the last stroke, wherever it was made. */
    turnBack(kind) {
      if (!this.canEdit || !this.talk || !this.counts()[kind] || this.hand.stroke) return;
      this.talk.push(kind);
      this.refreshAll(this.coveredRows());
    },

    /* ---- what the server says ---- */

    hearAnswer(stroke, body) {
      this.learn(body);
      const refused = body.refused || [];
      if (!body.locked && /lock$/.test(stroke.kind)) this.keepLock(stroke, refused);
      if (PARTS.includes(stroke.kind)) this.layer.shadeCells(this.rowsOfStroke(stroke), false);
      const rows = this.believe(body.changes).concat(this.rowsOfStroke(stroke));
      this.refreshAll(rows);
      for (const one of refused) this.tools.toast(one.reason || this.words.refused, one.cells.length);
      for (const one of body.notes || []) this.tools.toast(one.reason, one.cells.length);
      this.meetParts(body);
      this.tell(body.seq);
    },

    /* Cells were divided or merged since this browser fetched them: fetch them anew. Where that
     * does not succeed now, or a stroke is under the hand, the next answer asks again. */
    async meetParts({ parted_at: partedAt }) {
      if (!(partedAt > this.fileSeq) || this.fetching || this.hand.stroke) return;
      const { url } = this.layer.state;
      const { plan, seen } = this.talk;
      this.fetching = true;
      try {
        const answer = await root.fetch(url, { credentials: "same-origin" });
        const cells = answer.ok && GridCells.decode(await answer.arrayBuffer());
        if (!cells || this.hand.stroke || url !== this.layer.state.url || plan !== this.talk.plan) return;
        this.fileSeq = seen;
        this.layer.setCells(cells);
      } catch (lost) {
        // the line is down; the talk says so
      } finally {
        this.fetching = false;
      }
    },

    keepLock(stroke, refused) {
      const not = new Set(refused.flatMap((one) => one.cells));
      const cells = new Set(this.lockedCells);
      for (const hex of stroke.cells || []) if (!not.has(hex)) cells[stroke.kind === "lock" ? "add" : "delete"](hex);
      this.setLocked(Array.from(cells));
    },

    /* Takes changes as the truth; returns their rows. */
    believe(changes) {
      const touched = [];
      if (!this.truth) return touched;
      for (const { area, cells } of changes || []) {
        for (const row of this.rowsOf(cells)) {
          const to = area === null ? NONE : area;
          if (this.truth[row] !== to) this.news = (this.news || 0) + 1;
          this.truth[row] = to;
          touched.push(row);
        }
      }
      return touched;
    },

    hearOthers(body) {
      const known = JSON.stringify([this.areas, this.lockedCells]);
      this.learn(body);
      this.news = 0;
      const rows = this.believe(body.changes);
      if (rows.length) this.settle(rows);
      const names = (body.actors || []).filter((name) => name !== this.talk.actor);
      if (this.news && names.length) this.tools.note(this.words.others, { names: names.join(", "), n: this.news });
      const isNews = rows.length || known !== JSON.stringify([this.areas, this.lockedCells]);
      if (isNews || body.parted_at > this.fileSeq) this.tell(body.seq);
      this.meetParts(body);
      this.tools.refresh();
    },

    takeBack(stroke, reason) {
      if (stroke) this.refreshAll(this.rowsOfStroke(stroke).concat(this.coveredRows()));
      if (stroke && PARTS.includes(stroke.kind)) this.layer.shadeCells(this.rowsOfStroke(stroke), false);
      const count = stroke && stroke.cells ? stroke.cells.length : 0;
      this.tools.toast(reason || this.words.refused, count);
    },

    /* Python hears once of a burst of strokes. */
    tell(seq) {
      this.told = Math.max(seq, this.told || 0);
      clearTimeout(this.telling);
      this.telling = setTimeout(() => this.host.tell("redraw", { seq: this.told }), TELL_MS);
    },
  });
})(window);
