/* Outages over a period on the map: colours the hexagons, paints the bolts, moves with the slider.
 * Needs Leaflet, hex_layer.js, outage_data.js, outage_signs.js and time_slider.js.
 *
 *   host.add("outages", new GridCells.OutageFilm(host));
 *   part.update({url, keep, order, moment, ahead, share, selected, words});   // any subset
 *   part.on("pick", ({kind: "outage", id: row}) => …); part.on("pick", ({kind: "moment", id}) => …);
 */
(function (root) {
  "use strict";

  const GridCells = root.GridCells;
  const SLACK_PX = { mouse: 3, touch: 14 };
  const CHART_PX = 4; // a chart's column

  const defaults = { url: null, keep: null, order: 0, moment: null, ahead: false, share: false, selected: null, words: {}, inset: 0 };

  /* Bolts first, then the cells under them. */
  GridCells.modes.outages = {
    cursor: "",
    click(layer, event) {
      const coarse = root.matchMedia("(pointer: coarse)").matches;
      const group = layer.film.signs.under(event.containerPoint, coarse ? SLACK_PX.touch : SLACK_PX.mouse);
      if (group) layer.film.open(group);
      else layer.pick(event.latlng);
    },
    mousemove(layer, event) {
      const onControl = event.originalEvent.target.closest(".leaflet-control, .grid-cells-time");
      const group = onControl ? null : layer.film.signs.under(event.containerPoint, SLACK_PX.mouse);
      layer.film.hover(group, event.containerPoint);
      layer.hover(group || onControl ? null : event.latlng, event.containerPoint);
    },
    mouseout(layer) {
      layer.film.hover(null);
      layer.hover(null);
    },
  };

  GridCells.OutageFilm = L.Layer.extend({
    initialize(host) {
      this.host = host;
      this.state = Object.assign({}, defaults);
      this.moment = null;
      this.waiting = [];
      host.map.addLayer(this);
    },

    onAdd(map) {
      this.map = map;
      this.hexes = this.host.parts.hexes;
      this.hexes.film = this;
      this.signs = new GridCells.OutageSigns(map);
      this.tip = L.DomUtil.create("div", "grid-cells-tip", map.getContainer());
      this.tip.hidden = true;
      const box = L.DomUtil.create("div", "grid-cells-time", map.getContainer());
      box.hidden = true;
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      this.box = box;
      this.slider = new GridCells.TimeSlider(box, {
        onMove: (after) => this.go(this.clock(after)),
        onRest: (after) => this.rested(after),
        wait: () => new Promise((done) => this.waiting.push(done)),
      });
      this.hexes.setMode("outages");
      this.hexes.on("drawn", (event) => this.drawn(event));
    },

    onRemove() {
      for (const part of [this.signs, this.tip, this.box]) part.remove();
    },

    getEvents() {
      return { zoom: this.stretch, zoomanim: this.animate, resize: this.resized };
    },

    stretch() {
      this.signs.place(this.map.getCenter(), this.map.getZoom());
    },

    animate(event) {
      this.signs.place(event.center, event.zoom);
    },

    resized() {
      clearTimeout(this.resizing);
      this.resizing = setTimeout(() => this.chart(), 200);
    },

    /* Changes what is shown; a moment from outside counts only where its order is a new one. */
    update(change) {
      const before = this.state;
      const now = (this.state = Object.assign({}, before, change));
      const isNew = (name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]);
      if (isNew("words")) this.slider.setWords(now.words);
      if (isNew("order")) this.moment = now.moment;
      if (isNew("inset")) this.shift();
      if (now.url && isNew("url")) return void this.load(now.url);
      if (!this.film) return;
      if (isNew("keep")) this.filter();
      if (isNew("selected")) this.signs.selected = this.rowSelected();
      if (isNew("words")) this.settle();
      if (["words", "order", "keep", "selected", "share"].some(isNew)) this.go(this.moment);
    },

    /* The slider leaves free what a drawer of the page lies on. */
    shift() {
      this.box.style.setProperty("--inset", this.state.inset + "px");
      this.resized();
    },

    async load(url) {
      try {
        const answer = await fetch(url, { credentials: "same-origin" });
        if (!answer.ok) throw new Error("film: " + answer.status);
        const buffer = await answer.arrayBuffer();
        if (url === this.state.url && this.map) this.setFilm(GridCells.decodeFilm(buffer));
      } catch (error) {
        if (url === this.state.url) {
          this.state.url = null; // so that asking again fetches again
          this.fire("failed", { url: url, reason: String(error) });
        }
      }
    },

    setFilm(film) {
      this.film = film;
      this.signs.setFilm(film);
      this.signs.selected = this.rowSelected();
      film.filter(this.state.keep);
      const { cells } = film;
      const value = new Float32Array(cells.count);
      const base = this.hexes.base;
      const isSame = base && String(base.words) === String(cells.words) && String(base.area) === String(cells.area);
      if (!isSame) {
        this.hexes.setCells({ count: cells.count, resolution: film.resolution, words: cells.words, area: cells.area, value: value });
      }
      this.box.hidden = false;
      this.settle();
      this.go(this.moment);
    },

    /* The slider fits the film; a moment that lies outside it goes home. */
    settle() {
      const { first, length, step } = this.film;
      this.slider.setPeriod({ first: first, length: length, step: step, ahead: this.state.ahead });
      this.slider.setWords(this.state.words);
      this.chart();
    },

    filter() {
      this.film.filter(this.state.keep);
      this.chart();
    },

    chart() {
      if (!this.film) return;
      const wide = this.slider.chart.clientWidth || 400;
      this.slider.draw(Array.from(this.film.profile(Math.max(20, Math.floor(wide / CHART_PX)))));
    },

    rowSelected() {
      const { selected } = this.state;
      return selected === null || selected === undefined ? null : Number(selected);
    },

    /* Shows a moment of the clock (seconds since 1970), null being the last one or all that is ahead. */
    go(moment) {
      if (!this.film) return;
      const { first, length } = this.film;
      const after = moment === null ? null : moment - first;
      const inside = after !== null && after >= 0 && after <= length ? after : null;
      this.moment = inside === null ? null : moment;
      this.slider.set(inside);
      this.ask(inside);
    },

    /* At most one picture is under way; the newest wish is drawn next. */
    ask(after) {
      this.wish = { after: after };
      if (this.busy) return;
      this.busy = true;
      requestAnimationFrame(() => this.paint());
    },

    paint() {
      const { after } = this.wish;
      this.wish = null;
      const { film, state } = this;
      const isWhole = after === null && state.ahead;
      this.totals = isWhole ? film.whole() : film.at(after === null ? film.length : after);
      const value = this.hexes.base.value;
      for (let i = 0; i < value.length; i++) {
        const out = film.cellOut[i];
        value[i] = state.share && out ? 100 * Math.min(1, out / (film.cells.customers[i] || out)) : out;
      }
      this.painted = after;
      this.hexes.restyle();
    },

    drawn(event) {
      if (!this.film) return;
      this.signs.paint(this.view());
      if (this.busy && this.painted !== undefined) {
        this.busy = false;
        this.slider.tell(this.totals);
        this.shown = { moment: this.painted, at: performance.timeOrigin + performance.now() };
        this.painted = undefined;
        this.fire("drawn", { paint_ms: event.paint_ms, resolution: event.resolution });
        for (const done of this.waiting.splice(0)) done();
        if (this.wish) this.ask(this.wish.after);
      }
    },

    view() {
      const view = this.hexes.windowBox(GridCells.OUTAGES_PADDING);
      view.zoom = this.map.getZoom();
      return view;
    },

    /* Seconds since 1970 of so many after the film's first moment. */
    clock(after) {
      return after === null ? null : this.film.first + after;
    },

    rested(after) {
      this.moment = this.clock(after);
      this.fire("pick", { kind: "moment", id: after === null ? "" : String(this.moment) });
    },

    /* A single bolt opens its story; a bubble is looked into, and opens its largest when one cannot. */
    open(group) {
      const { lon, lat } = this.film.outages;
      const at = L.latLng(lat[group.row], lon[group.row]);
      if (group.members.length > 1 && this.map.getZoom() < this.map.getMaxZoom()) {
        return void this.map.setView(at, Math.min(this.map.getMaxZoom(), this.map.getZoom() + 2));
      }
      this.fire("pick", { kind: "outage", id: String(group.row), lat: at.lat, lng: at.lng });
    },

    hover(group, point) {
      this.tip.hidden = !group;
      this.map.getContainer().classList.toggle("is-on-sign", Boolean(group));
      if (!group) return;
      this.tip.replaceChildren(...this.lines(group).map((words, k) => {
        const line = document.createElement(k ? "div" : "b");
        line.textContent = words;
        return line;
      }));
      const box = this.map.getSize();
      const left = point.x + 18 + this.tip.offsetWidth > box.x ? point.x - 14 - this.tip.offsetWidth : point.x + 18;
      const top = Math.min(Math.max(4, point.y + 14), box.y - this.tip.offsetHeight - 4);
      this.tip.style.transform = "translate(" + Math.round(left) + "px," + Math.round(top) + "px)";
    },

    lines(group) {
      const { words } = this.state;
      const { outages, first } = this.film;
      const number = (value) => value.toLocaleString(words.language);
      if (group.members.length > 1) {
        return [
          words.many.replace("{m}", number(group.members.length)),
          words.customers.replace("{n}", number(group.customers)),
        ];
      }
      const row = group.row;
      const kind = (GridCells.outageKinds[outages.kind[row]] || GridCells.outageKinds[0]).name;
      const clock = (seconds) => this.slider.long.format(new Date((first + seconds) * 1000));
      const told = [words.kinds[kind], words.customers.replace("{n}", number(this.film.outageOut[row]))];
      told.push(words.since.replace("{t}", clock(outages.start[row])));
      if (outages.estimate[row] !== GridCells.NEVER) told.push(words.back.replace("{t}", clock(outages.estimate[row])));
      if (outages.flags[row] & GridCells.outageFlags.important) told.push(words.important);
      if (outages.flags[row] & GridCells.outageFlags.nested) told.push(words.nested);
      return told;
    },
  });
})(window);
