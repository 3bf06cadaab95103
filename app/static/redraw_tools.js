/* The tools of the redraw page, as a Leaflet control: modes, brush size, target area, undo and redo,
 * and a line that says whether everything is saved. Words come from Python in the reader's language.
 * Needs Leaflet; see redraw.js for `desk`, what the tools act on. */
(function (root) {
  "use strict";

  const GridCells = root.GridCells;
  const SVG = "http://www.w3.org/2000/svg";
  const TOAST_MS = 7000;
  const NOTE_MS = 4000;

  /* Strokes in a 24 × 24 box. */
  const icons = {
    view: "M8 11V5.5a1.5 1.5 0 0 1 3 0V10V4a1.5 1.5 0 0 1 3 0v6V5.5a1.5 1.5 0 0 1 3 0V12 8.5a1.5 1.5 0 0 1 3 0V15a6 6 0 0 1-6 6h-1.5a6 6 0 0 1-4.6-2.2L4.2 14.400a1.500 1.500 0 0 1 2.200-2L8 13.800z",
    brush: "M20.500 3.500c-4 1.500-8.500 5-11 8.800l2.200 2.200c3.800-2.500 7.300-7 8.800-11zM8.600 13.500c-2.600-.3-3.800 1.500-3.900 3.500-.1 1.400-.8 2.300-1.700 2.800 2.500 1.200 8 .9 8-3.600z",
    lasso: "M12 4c5 0 9 2.200 9 5.500S17 15 12 15 3 12.800 3 9.500 7 4 12 4zM6.500 13.800a2.200 2.200 0 1 0 .1 4.400 2.200 2.200 0 0 0-.1-4.400zM7.500 18c.4 1.400-.2 2.400-1.500 3",
    fill: "M9.500 3.500l9 9-6.700 6.700a2 2 0 0 1-2.800 0L4.300 14.500a2 2 0 0 1 0-2.800L11 5M4 13h14M20 15.500c1.200 1.700 1.700 2.600 1.700 3.400a1.700 1.700 0 0 1-3.400 0c0-.8.500-1.700 1.700-3.400z",
    pick: "M13.500 7.500l3 3M12 6l6 6M14.500 9L6 17.500 4 20l2.500-2L15 9.500M15.500 8.500l2.200-2.700a2 2 0 0 1 2.900 2.800L18 11",
    lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
    select: "M4 7.500V4h3.500M10.500 4h3M16.500 4H20v3.500M20 10.500v3M20 16.500V20h-3.500M13.500 20h-3M7.500 20H4v-3.500M4 13.500v-3",
    divide: "M12 3l7.800 4.500v9L12 21l-7.800-4.500v-9zM12 12V3M12 12l7.800 4.500M12 12l-7.800 4.500",
    merge: "M12 3l7.800 4.500v9L12 21l-7.800-4.500v-9zM7 12h4M9.500 10l2 2-2 2M17 12h-4M14.500 10l-2 2 2 2",
    undo: "M9 7L4.500 11.500 9 16M5 11.500h9a5 5 0 0 1 0 10h-3",
    redo: "M15 7l4.500 4.500L15 16M19 11.500h-9a5 5 0 0 0 0 10h3",
    less: "M6 12h12",
    more: "M6 12h12M12 6v12",
    open: "M7 10l5 5 5-5",
    help: "M9 9.200a3 3 0 1 1 4.300 2.700c-.9.500-1.300 1-1.300 2.100M12 17.400v.2",
    saved: "M5 12.500l4.500 4.500L19 7.500",
    saving: "M12 4a8 8 0 1 0 8 8",
    trouble: "M12 4L21 20H3zM12 10v5M12 17.300v.2",
    close: "M6 6l12 12M18 6L6 18",
  };
  const MODES = ["view", "brush", "lasso", "fill", "pick", "lock", "select", "divide", "merge"];
  const KEYS = {
    v: "view", b: "brush", l: "lasso", f: "fill", i: "pick", k: "lock", s: "select", d: "divide", m: "merge",
  };
  const SHOWN_KEYS = {
    view: "V", brush: "B", lasso: "L", fill: "F", pick: "I", lock: "K", select: "S", divide: "D", merge: "M",
  };

  function icon(name) {
    const picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("viewBox", "0 0 24 24");
    picture.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", icons[name]);
    picture.append(path);
    return picture;
  }

  function make(tag, className, ...inside) {
    const part = document.createElement(tag);
    if (className) part.className = className;
    part.append(...inside);
    return part;
  }

  /* A swatch as the cells look on the ground; hatched for "no area". */
  function swatch(area) {
    const part = make("i", "grid-cells-swatch");
    if (area) part.style.background = area.colour;
    else part.classList.add("is-none");
    return part;
  }

  GridCells.RedrawTools = L.Control.extend({
    initialize(desk) {
      this.desk = desk;
      this.buttons = {};
    },

    /* A corner of our own: as wide as the map, and on phones at its foot. */
    addTo(map) {
      this._map = map;
      this.frame = L.DomUtil.create("div", "grid-cells-over grid-cells-desk", map._controlContainer);
      this.frame.append(this.build());
      this.listen();
      return this;
    },

    build() {
      this.bar = make("div", "grid-cells-bar leaflet-control");
      this.bar.setAttribute("role", "toolbar");
      this.bar.append(
        this.group(...MODES.map((name) => this.button(name, () => this.desk.setMode(name)))),
        this.group(this.button("less", () => this.desk.resize(-1)), this.sizeView(), this.button("more", () => this.desk.resize(1))),
        this.targetGroup(),
        this.group(this.counter("undo"), this.counter("redo")),
        this.group(this.button("help", () => this.toggle("help"))),
      );
      this.state = make("div", "grid-cells-state");
      this.state.setAttribute("role", "status");
      this.toasts = make("div", "grid-cells-toasts");
      this.toasts.setAttribute("aria-live", "assertive");
      this.choice = this.panel("grid-cells-choice");
      this.help = this.panel("grid-cells-help");
      const all = document.createDocumentFragment();
      all.append(this.bar, this.choice, this.help, this.state, this.toasts);
      for (const part of [this.bar, this.choice, this.help, this.toasts]) {
        L.DomEvent.disableClickPropagation(part);
        L.DomEvent.disableScrollPropagation(part);
      }
      return all;
    },

    panel(className) {
      const part = make("div", "grid-cells-panel leaflet-control " + className);
      part.hidden = true;
      return part;
    },

    group(...inside) {
      return make("div", "grid-cells-group", ...inside);
    },

    button(name, act) {
      const part = make("button", "grid-cells-tool", icon(name));
      part.type = "button";
      part.dataset.tool = name;
      part.addEventListener("click", (event) => {
        act();
        // after a click of the mouse the keys belong to the map: space would press the button again
        if (event.detail && !this.frame.contains(document.activeElement.closest(".grid-cells-panel"))) this.focusMap();
      });
      this.buttons[name] = part;
      return part;
    },

    focusMap() {
      this._map.getContainer().focus({ preventScroll: true });
    },

    counter(name) {
      const part = this.button(name, () => this.desk.turnBack(name));
      part.append(make("b", ""));
      return part;
    },

    sizeView() {
      this.size = make("span", "grid-cells-size");
      return this.size;
    },

    targetGroup() {
      const part = this.group(this.targetView());
      part.classList.add("has-target");
      return part;
    },

    targetView() {
      const part = this.button("open", () => this.toggle("choice"));
      part.classList.add("grid-cells-target");
      part.dataset.tool = "target";
      this.targetName = make("span", "");
      part.prepend((this.targetSwatch = swatch()), this.targetName);
      part.setAttribute("aria-haspopup", "listbox");
      return part;
    },

    /* ---- showing how things stand ---- */

    refresh() {
      const { desk } = this;
      if (!desk.talk || !this.frame) return;
      this.frame.classList.toggle("is-read-only", !desk.canEdit);
      this.name();
      const mode = desk.layer.mode;
      for (const name of MODES) this.buttons[name].setAttribute("aria-pressed", String(name === mode));
      for (const name of ["divide", "merge"]) this.buttons[name].hidden = !desk.byCells;
      this.size.textContent = String(1 + 3 * desk.hand.size * (desk.hand.size + 1));
      this.buttons.less.disabled = desk.hand.size === 0;
      this.buttons.more.disabled = desk.hand.size === desk.mostSize;
      const counts = desk.counts();
      for (const name of ["undo", "redo"]) {
        this.buttons[name].disabled = !counts[name];
        this.buttons[name].lastChild.textContent = counts[name] || "";
      }
      this.showTarget();
      this.showState();
      if (!this.choice.hidden) this.fillChoice();
    },

    /* Buttons have no words of their own: a name for the ear and, with the key, for the pointer. */
    name() {
      const { words } = this.desk;
      if (this.named === words.tools + words.brush) return;
      this.named = words.tools + words.brush;
      this.bar.setAttribute("aria-label", words.tools);
      const keys = Object.assign({ less: "[", more: "]", undo: "Ctrl+Z", redo: "Ctrl+Shift+Z", help: "?" }, SHOWN_KEYS);
      for (const [name, part] of Object.entries(this.buttons)) {
        if (name === "open") continue;
        part.setAttribute("aria-label", words[name]);
        part.title = words[name] + " (" + keys[name] + ")";
      }
      this.size.title = words.size;
    },

    showTarget() {
      const { desk } = this;
      const area = this.areaOf(desk.target);
      const name = desk.target === undefined ? desk.words.choose : area ? area.name : desk.words.no_area;
      this.targetName.textContent = name;
      const fresh = swatch(area);
      fresh.hidden = desk.target === undefined;
      this.targetSwatch.replaceWith(fresh);
      this.targetSwatch = fresh;
      const part = this.buttons.open;
      part.setAttribute("aria-label", desk.words.target + ": " + name);
      part.title = desk.words.target + ": " + name;
      part.setAttribute("aria-expanded", String(!this.choice.hidden));
      part.classList.toggle("is-asking", desk.target === undefined);
    },

    areaOf(index) {
      return this.desk.byIndex && this.desk.byIndex.get(index);
    },

    showState() {
      const { talk, words, canEdit } = this.desk;
      const waiting = talk.queue.length;
      const tone = talk.trouble ? "trouble" : waiting ? "saving" : "saved";
      let key = tone;
      if (talk.trouble) key = waiting ? "waiting_" + talk.trouble : "idle_" + talk.trouble;
      else if (!canEdit) key = "read_only";
      const said = this.say(words[key], { n: waiting }) + (talk.shelf.isFull && waiting ? " " + words.not_kept : "");
      if (this.state.dataset.tone === tone && this.state.textContent === said) return;
      this.state.dataset.tone = tone;
      this.state.dataset.waiting = waiting;
      this.state.replaceChildren(icon(tone), make("span", "", said));
    },

    say(pattern, values) {
      const language = this.desk.layer.state.language;
      return pattern.replace(/\{(\w+)\}/g, (_, name) => {
        const value = values[name];
        return typeof value === "number" ? value.toLocaleString(language) : value;
      });
    },

    /* A reason for some seconds, and how many cells it was. */
    toast(reason, count) {
      const said = make("span", "", reason);
      const part = make("div", "grid-cells-toast", icon("trouble"), said);
      if (count) said.append(" · ", make("b", "", this.say(this.desk.words.cells, { n: count })));
      this.showToast(part, TOAST_MS);
    },

    /* Something worth knowing that nobody need act on. */
    note(words, values) {
      this.showToast(make("div", "grid-cells-toast is-note", make("span", "", this.say(words, values))), NOTE_MS);
    },

    showToast(part, time) {
      const last = this.toasts.lastChild;
      if (last && last.textContent === part.textContent) last.remove();
      while (this.toasts.children.length > 2) this.toasts.firstChild.remove();
      this.toasts.append(part);
      setTimeout(() => part.remove(), time);
    },

    /* ---- panels ---- */

    toggle(name) {
      if (!this[name].hidden) return void this.closePanels();
      this.closePanels();
      this[name].hidden = false;
      if (name === "help") this.fillHelp();
      else this.startChoice();
      this.refresh();
    },

    openChoice() {
      if (this.choice.hidden) this.toggle("choice");
    },

    /* Whether there was one to close. */
    closePanels() {
      const wasOpen = !this.choice.hidden || !this.help.hidden;
      const hadFocus = this.frame.contains(document.activeElement);
      this.choice.hidden = this.help.hidden = true;
      this.buttons.open.setAttribute("aria-expanded", "false");
      if (wasOpen && hadFocus) this.focusMap();
      return wasOpen;
    },

    startChoice() {
      const { words } = this.desk;
      this.search = make("input", "");
      this.search.type = "search";
      this.search.placeholder = words.search;
      this.search.setAttribute("aria-label", words.search);
      this.search.addEventListener("input", () => this.fillChoice(0));
      this.search.addEventListener("keydown", (event) => this.walk(event));
      this.list = make("div", "grid-cells-list");
      this.list.setAttribute("role", "listbox");
      this.list.setAttribute("aria-label", words.target);
      this.choice.replaceChildren(this.search, this.list);
      this.at = 0;
      this.fillChoice();
      // a phone's keyboard would cover the list
      if (root.matchMedia("(pointer: fine)").matches) this.search.focus({ preventScroll: true });
    },

    /* Recent areas first under their numbers, then the others by name, "no area" last. */
    offers() {
      const { desk } = this;
      const wanted = this.search.value.trim().toLocaleLowerCase();
      const fits = (name) => name.toLocaleLowerCase().includes(wanted);
      const named = desk.areas.filter((area) => !area.is_deleted && fits(area.name));
      const language = desk.layer.state.language;
      const rank = (area) => (desk.recent.includes(area.index) ? desk.recent.indexOf(area.index) : desk.isOpen(area) ? 100 : 200);
      named.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, language, { numeric: true }));
      const offers = named.map((area) => ({ index: area.index, area: area, name: area.name }));
      if (fits(desk.words.no_area)) offers.push({ index: GridCells.NO_AREA, name: desk.words.no_area });
      return offers;
    },

    fillChoice(at) {
      if (at !== undefined) this.at = at;
      const offers = this.offers();
      this.at = Math.max(0, Math.min(offers.length - 1, this.at));
      const print = JSON.stringify([offers, this.at, this.desk.target, this.desk.recent]);
      if (print === this.listed && this.list.children.length) return;
      this.listed = print;
      this.list.replaceChildren(...offers.map((offer, k) => this.option(offer, k)));
      if (!offers.length) this.list.append(make("p", "", this.desk.words.nothing_found));
      const here = this.list.children[this.at];
      if (here && at !== undefined) here.scrollIntoView({ block: "nearest" });
    },

    option({ index, area, name }, place) {
      const { desk } = this;
      const part = make("button", "grid-cells-option", swatch(area), make("span", "", name));
      part.type = "button";
      part.tabIndex = -1;
      part.setAttribute("role", "option");
      part.setAttribute("aria-selected", String(index === desk.target));
      part.classList.toggle("is-at", place === this.at);
      const number = desk.recent.indexOf(index) + 1;
      if (area && area.is_locked) part.append(make("em", "", icon("lock"), desk.words.locked));
      else if (area && !area.is_mine) part.append(make("em", "", desk.words.not_yours));
      else if (number) part.append(make("kbd", "", String(number)));
      part.disabled = Boolean(area && !desk.isOpen(area));
      part.addEventListener("click", () => this.take(index));
      return part;
    },

    take(index) {
      this.closePanels();
      this.desk.aim(index);
      this.focusMap();
    },

    walk(event) {
      if (event.key === "ArrowDown") this.fillChoice(this.at + 1);
      else if (event.key === "ArrowUp") this.fillChoice(this.at - 1);
      else if (event.key === "Enter") {
        const offer = this.offers()[this.at];
        if (offer && !(offer.area && !this.desk.isOpen(offer.area))) this.take(offer.index);
      } else return;
      event.preventDefault();
    },

    fillHelp() {
      const { words } = this.desk;
      const rows = [
        ...MODES.filter((name) => !this.buttons[name].hidden).map((name) => [SHOWN_KEYS[name], words[name], name]),
        ["[ ]", words.size],
        ["1 – 9", words.recent],
        ["Ctrl+Z", words.undo, "undo"],
        ["Ctrl+Shift+Z", words.redo, "redo"],
        [words.key_alt, words.pick],
        [words.key_space, words.move_map],
        ["Esc", words.back_to_view],
      ];
      const list = make("dl", "");
      for (const [keys, what, sign] of rows) {
        const said = sign ? make("dd", "", icon(sign), what) : make("dd", "is-key", what);
        list.append(make("dt", "", make("kbd", "", keys)), said);
      }
      const shut = make("button", "grid-cells-shut", icon("close"));
      shut.type = "button";
      shut.setAttribute("aria-label", words.close);
      shut.addEventListener("click", () => this.closePanels());
      this.help.replaceChildren(make("h3", "", words.help), shut, make("p", "", words.hands), list);
    },

    /* ---- keys ---- */

    /* Keys reach the map's frame or the page around it, whichever was clicked last. */
    listen() {
      const { page } = this.desk.host;
      const down = (event) => this.keyDown(event);
      const up = (event) => event.key === " " && this.desk.hand.lend(false);
      for (const place of new Set([root, page])) {
        place.addEventListener("keydown", down);
        place.addEventListener("keyup", up);
      }
      // a frame that is gone must not answer any more
      root.addEventListener("pagehide", () => {
        page.removeEventListener("keydown", down);
        page.removeEventListener("keyup", up);
      });
      root.addEventListener("blur", () => this.desk.hand.lend(false));
    },

    keyDown(event) {
      if (!this.desk.talk || event.defaultPrevented) return;
      const target = event.target;
      const typed = target.closest && target.closest("input, textarea, select, [contenteditable=true]");
      if (event.key === "Escape" && (!typed || this.frame.contains(typed))) return void this.escape();
      if (typed || event.isComposing) return;
      const act = event.ctrlKey || event.metaKey ? this.commandFor(event) : this.actFor(event);
      if (!act) return;
      event.preventDefault();
      act();
    },

    escape() {
      if (this.closePanels()) return;
      if (this.desk.hand.stroke) return void this.desk.hand.drop();
      this.desk.select([]);
      this.desk.setMode("view");
    },

    commandFor(event) {
      const key = event.key.toLowerCase();
      if (event.altKey || !this.desk.canEdit) return null;
      if (key === "z") return () => this.desk.turnBack(event.shiftKey ? "redo" : "undo");
      return key === "y" && !event.shiftKey ? () => this.desk.turnBack("redo") : null;
    },

    actFor(event) {
      const { desk } = this;
      const key = event.key.toLowerCase();
      if (event.altKey) return null;
      if (key === " ") {
        const onButton = event.target.closest && event.target.closest("button, a, [role=button], summary");
        return GridCells.modes[desk.layer.mode].paints && !onButton ? () => desk.hand.lend(true) : null;
      }
      if (key === "?") return () => this.toggle("help");
      if (!desk.canEdit || event.repeat) return null;
      if (KEYS[key]) return () => desk.setMode(KEYS[key]);
      if (key === "[" || key === "]") return () => desk.resize(key === "]" ? 1 : -1);
      const recent = /^[1-9]$/.test(key) ? desk.recent[Number(key) - 1] : undefined;
      return recent === undefined ? null : () => desk.aim(recent);
    },
  });
})(window);
