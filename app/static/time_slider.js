/* A slider through a period: play and pause, the moment in words, the count as a chart on its track.
 * Needs nothing of a map; its box is put where the host wants it.
 *
 *   const slider = new GridCells.TimeSlider(box, {onMove(seconds), onRest(seconds or null), wait()});
 *   slider.setPeriod({first, length, step, ahead}); slider.setWords({…}); slider.draw(profile);
 */
(function (root) {
  "use strict";

  const GridCells = (root.GridCells = root.GridCells || {});
  const FRAME_MS = 90;
  const FRAMES = 260; // a whole period plays in as many pictures or fewer
  const REST_MS = 350;
  const PLAY = "M7 4l13 8-13 8z";
  const PAUSE = "M6 4h4v16H6zM14 4h4v16h-4z";
  const SVG = "http://www.w3.org/2000/svg";

  function make(tag, className, parent) {
    const part = document.createElement(tag);
    part.className = className;
    parent.append(part);
    return part;
  }

  function icon(outline) {
    const picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("viewBox", "0 0 24 24");
    picture.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", outline);
    picture.append(path);
    return picture;
  }

  class TimeSlider {
    constructor(box, acts) {
      this.acts = acts;
      this.words = {};
      this.play = make("button", "grid-cells-play", box);
      const body = make("div", "grid-cells-time-body", box);
      const head = make("div", "grid-cells-time-head", body);
      this.when = make("b", "grid-cells-when", head);
      this.count = make("span", "grid-cells-count", head);
      this.home = make("button", "grid-cells-home", head);
      const track = make("div", "grid-cells-track", body);
      this.chart = make("canvas", "grid-cells-course", track);
      this.range = make("input", "grid-cells-range", track);
      this.range.type = "range";
      const ends = make("div", "grid-cells-ends", body);
      this.from = make("span", "", ends);
      this.most = make("span", "", ends);
      this.until = make("span", "", ends);
      for (const button of [this.play, this.home]) button.type = "button";
      this.show(false);
      this.listen(box);
    }

    listen(box) {
      this.play.addEventListener("click", () => (this.isPlaying ? this.pause() : this.begin()));
      this.home.addEventListener("click", () => this.goHome());
      this.range.addEventListener("input", () => {
        this.pause(true);
        this.move(Number(this.range.value));
      });
      this.range.addEventListener("change", () => this.rest());
      box.addEventListener("keydown", (event) => {
        event.stopPropagation(); // the map must not pan by the same key
        if (event.key === " " && event.target === this.range) {
          event.preventDefault();
          this.play.click();
        }
      });
    }

    setWords(words) {
      this.words = words;
      this.range.setAttribute("aria-label", words.slider);
      this.home.textContent = this.ahead ? words.all : words.now;
      this.show(Boolean(this.isPlaying));
      const told = { timeZone: words.zone, hour12: false };
      const day = { weekday: "short", day: "numeric", month: "short" };
      this.long = new Intl.DateTimeFormat(words.language, Object.assign({ hour: "2-digit", minute: "2-digit" }, day, told));
      this.brief = new Intl.DateTimeFormat(words.language, Object.assign({ hour: "2-digit", minute: "2-digit" }, told));
      this.days = new Intl.DateTimeFormat(words.language, Object.assign({ day: "numeric", month: "short" }, told));
    }

    setPeriod({ first, length, step, ahead }) {
      Object.assign(this, { first: first, length: length, step: step, ahead: ahead });
      Object.assign(this.range, { min: ahead ? 0 : length % step, max: length, step: step });
      const ends = length > 2 * 86400 ? this.days : this.brief;
      this.from.textContent = this.worded(0, ends);
      this.until.textContent = this.worded(length, ends);
    }

    worded(seconds, format) {
      return format.format(new Date((this.first + seconds) * 1000));
    }

    /* The longest way home: the last known moment, or the whole period where it lies ahead. */
    get homeValue() {
      return this.ahead ? 0 : this.length;
    }

    /* Shows a moment (null: home) without telling anybody. */
    set(moment) {
      this.moment = moment;
      this.range.value = moment === null ? this.homeValue : moment;
    }

    move(value) {
      this.moment = !this.ahead && value >= this.length ? null : value;
      this.acts.onMove(this.moment);
    }

    rest() {
      clearTimeout(this.resting);
      this.resting = setTimeout(() => this.acts.onRest(this.moment), REST_MS);
    }

    goHome() {
      this.pause(true);
      this.set(null);
      this.acts.onMove(null);
      this.rest();
    }

    /* Says what the picture shows once it is drawn. */
    tell(totals) {
      const number = (value) => value.toLocaleString(this.words.language);
      const whole = this.ahead && this.moment === null;
      const when = whole ? this.words.whole : this.worded(this.moment === null ? this.length : this.moment, this.long);
      const count = this.words.count.replace("{n}", number(totals.customers)).replace("{m}", number(totals.outages));
      this.when.textContent = when;
      this.count.textContent = count;
      this.home.disabled = this.moment === null;
      this.range.setAttribute("aria-valuetext", when + ", " + count);
      this.range.dataset.customers = totals.customers;
      this.range.dataset.outages = totals.outages;
    }

    show(isPlaying) {
      this.isPlaying = isPlaying;
      this.play.replaceChildren(icon(isPlaying ? PAUSE : PLAY));
      const said = isPlaying ? this.words.pause : this.words.play;
      if (said) this.play.setAttribute("aria-label", said);
    }

    begin() {
      const start = Number(this.range.min);
      const at = this.moment === null || this.moment >= this.length ? start : this.moment;
      const stops = Math.ceil(this.length / this.step);
      this.stride = this.step * Math.max(1, Math.ceil(stops / FRAMES));
      clearTimeout(this.resting);
      this.show(true);
      this.turn(at);
    }

    async turn(value) {
      const shown = Math.min(value, this.length);
      this.range.value = shown;
      this.move(shown);
      const least = new Promise((done) => setTimeout(done, FRAME_MS));
      await Promise.all([this.acts.wait(), least]);
      if (!this.isPlaying) return;
      if (shown >= this.length) return void this.pause();
      this.turn(shown + this.stride);
    }

    pause(quietly) {
      if (!this.isPlaying) return;
      this.show(false);
      if (!quietly) this.rest();
    }

    /* The count over the period as an area; the most is written under it. */
    draw(profile) {
      this.profile = profile;
      const canvas = this.chart;
      const ratio = Math.min(2, root.devicePixelRatio || 1);
      const [wide, tall] = [canvas.clientWidth, canvas.clientHeight];
      if (!wide) return;
      canvas.width = wide * ratio;
      canvas.height = tall * ratio;
      const pen = canvas.getContext("2d");
      pen.scale(ratio, ratio);
      const most = Math.max(1, ...profile);
      pen.beginPath();
      pen.moveTo(0, tall);
      profile.forEach((value, k) => {
        const y = tall - (value / most) * (tall - 2);
        pen.lineTo((k / profile.length) * wide, y);
        pen.lineTo(((k + 1) / profile.length) * wide, y);
      });
      pen.lineTo(wide, tall);
      pen.fillStyle = "rgba(34, 94, 168, 0.35)";
      pen.fill();
      this.most.textContent = this.words.most.replace("{n}", most.toLocaleString(this.words.language));
    }
  }

  GridCells.TimeSlider = TimeSlider;
})(window);
