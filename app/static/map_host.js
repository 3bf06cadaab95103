/* What the map has to do with the page around it: Leaflet's icons, the view in the address, the
 * height of the frame, and one way in (gridCells.update) and one way out (picks). */
(function (root) {
  "use strict";

  const VIEW = /^(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?),(\d+(?:\.\d+)?)$/;
  const PHONE_PX = 640;
  const SETTLE_MS = 150;

  /* The page's window, when the map may look at it. */
  function pageWindow() {
    try {
      return root.parent.location.href ? root.parent : root;
    } catch (refused) {
      return root;
    }
  }

  function parseView(words) {
    const found = VIEW.exec(words || "");
    return found && { lat: Number(found[1]), lng: Number(found[2]), zoom: Number(found[3]) };
  }

  function viewWords(map) {
    const centre = map.getCenter().wrap();
    return [centre.lat.toFixed(5), centre.lng.toFixed(5), Number(map.getZoom().toFixed(2))].join(",");
  }

  class Host {
    constructor(map, options) {
      this.map = map;
      this.options = options;
      this.page = pageWindow();
      this.parts = {};
      this.done = { goTo: null, ask: null };
      this.drawnAt = null;
      this.paints = 0;
      L.Icon.Default.imagePath = options.icons;
      map.getContainer().classList.add("grid-cells-map");
      L.control.scale({ imperial: false }).addTo(map);
      this.restoreView();
      map.on("moveend", () => this.later("view", () => this.writeView()));
      // each rerun of the page may have rewritten the address without the view
      root.addEventListener("message", () => this.later("view", () => this.writeView()));
      this.fitFrame();
      this.page.addEventListener("resize", () => this.later("fit", () => this.fitFrame(true)));
    }

    later(name, act) {
      clearTimeout(this["wait_" + name]);
      this["wait_" + name] = setTimeout(act, SETTLE_MS);
    }

    /* The address comes first, then what this browser tab saw last, then the map's own start. */
    restoreView() {
      const asked = new URLSearchParams(this.page.location.search).get(this.options.param);
      const view = parseView(asked) || parseView(this.remembered());
      if (view) this.map.setView([view.lat, view.lng], view.zoom, { animate: false });
    }

    remembered() {
      try {
        return root.sessionStorage.getItem(this.options.memory);
      } catch (refused) {
        return null;
      }
    }

    writeView() {
      const words = viewWords(this.map);
      const address = new URL(this.page.location.href);
      try {
        root.sessionStorage.setItem(this.options.memory, words);
      } catch (refused) {
        // private windows may refuse; the address still carries the view
      }
      const written = address.searchParams.get(this.options.param);
      this.firstView = this.firstView || words; // the map's own start need not stand in the address
      if (written === words || (!written && words === this.firstView)) return;
      address.searchParams.set(this.options.param, words);
      const readable = address.href.replace(/%2C/g, ",");
      this.page.history.replaceState(this.page.history.state, "", readable);
    }

    /* The map's height as a share of the page's window, when asked for. */
    frameHeight(given) {
      const share = this.options.share;
      if (!share || this.page === root) return given;
      const tall = this.page.innerHeight;
      return Math.round(tall * (this.page.innerWidth < PHONE_PX ? share.phone : share.desk));
    }

    fitFrame(again) {
      const streamlit = root.Streamlit;
      if (!this.options.share || !streamlit) return;
      if (!this.plainHeight) {
        this.plainHeight = streamlit.setFrameHeight.bind(streamlit);
        streamlit.setFrameHeight = (given) => this.plainHeight(this.frameHeight(given));
      }
      this.map.getContainer().style.height = this.frameHeight(0) + "px";
      if (again) this.plainHeight(this.frameHeight(0));
      this.map.invalidateSize({ animate: false });
    }

    add(name, part) {
      this.parts[name] = part;
      part.on("pick", (event) => this.tell(name, event));
      part.on("drawn", (event) => this.stamp(event));
      return part;
    }

    /* For benchmarks and tests: when the picture last stood, on the clock and since the start. */
    stamp(event) {
      this.paints++;
      this.drawnAt = performance.timeOrigin + performance.now();
      this.paintMs = event.paint_ms;
      const marks = this.map.getContainer().dataset;
      marks.drawnAt = this.drawnAt.toFixed(1);
      marks.resolution = event.resolution;
      marks.paints = this.paints;
    }

    /* One message to Python. The number tells a new pick from the same one seen again. */
    tell(part, event) {
      this.count = Math.max(Date.now(), (this.count || 0) + 1);
      const fact = { part: part, seq: this.count, view: viewWords(this.map) };
      if (event && event.seq !== undefined) fact.seq_of_plan = event.seq;
      for (const key of ["kind", "id", "cell", "lat", "lng", "inside", "cells"]) {
        if (event && event[key] !== undefined) fact[key] = event[key];
      }
      fact.bounds = this.map.getBounds().toBBoxString();
      fact.zoom = this.map.getZoom();
      if (root.Streamlit) root.Streamlit.setComponentValue({ event: fact });
      this.last = fact;
    }

    /* The one way in. Every part of the message is optional and may come again unchanged. */
    update(message) {
      for (const [name, change] of Object.entries(message.parts || {})) {
        if (this.parts[name]) this.parts[name].update(change);
      }
      if (message.theme) this.map.getContainer().dataset.theme = message.theme;
      const { goTo, ask } = message;
      if (goTo && JSON.stringify(goTo) !== this.done.goTo) {
        this.done.goTo = JSON.stringify(goTo);
        this.map.setView([goTo.lat, goTo.lng], goTo.zoom || this.map.getZoom());
      }
      if (ask && ask !== this.done.ask) {
        this.done.ask = ask;
        this.tell("view", {});
      }
    }
  }

  root.GridCells = Object.assign(root.GridCells || {}, { Host: Host, parseView: parseView });
})(window);
