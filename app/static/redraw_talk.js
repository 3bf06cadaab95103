/* Strokes on their way to the server: one at a time and in order, kept in this browser until the
 * server has answered, so that a dropped line or a reload loses nothing; each carries a key, so that
 * nothing counts twice. Between strokes it asks what others painted. Needs nothing of a map.
 *
 *   const talk = new GridCells.Talk({plan, actor, answered, taken, polled, changed});
 *   talk.start(seq);
 *   talk.push("paint", {cells, to});
 */
(function (root) {
  "use strict";

  const GridCells = (root.GridCells = root.GridCells || {});
  const POLL_MS = 1000;
  const WAITS_MS = [1000, 2000, 5000]; // between tries while the line is down
  const PATIENCE_MS = 20000;
  const PATHS = { paint: "strokes", lock: "strokes", unlock: "strokes", divide: "strokes", merge: "strokes", undo: "undo", redo: "redo" };
  const FORBIDDEN = 403;

  /* crypto.randomUUID is missing where a page comes over plain http. */
  function newKey() {
    if (root.crypto.randomUUID) return root.crypto.randomUUID();
    const bytes = root.crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /* Waiting strokes in localStorage, one entry each, so that two tabs never overwrite each other. */
  class Shelf {
    constructor(plan, actor) {
      this.prefix = "gridCells.strokes." + JSON.stringify([plan, actor]) + ".";
      this.isFull = false;
    }

    entry(stroke) {
      return this.prefix + String(stroke.made).padStart(15, "0") + "." + stroke.key;
    }

    put(stroke) {
      const { key, kind, seen, made, to } = stroke;
      const cells = stroke.cells && stroke.cells.map((hex) => hex.replace(/f+$/, "")).join(" ");
      try {
        root.localStorage.setItem(this.entry(stroke), JSON.stringify({ key, kind, seen, made, to, cells }));
      } catch (refused) {
        this.isFull = true; // or a private window: the stroke then waits in this page alone
      }
    }

    remove(stroke) {
      try {
        root.localStorage.removeItem(this.entry(stroke));
      } catch (refused) {
        // nothing was kept, so nothing stays behind
      }
    }

    all() {
      const found = [];
      try {
        const names = Object.keys(root.localStorage).filter((name) => name.startsWith(this.prefix));
        for (const name of names.sort()) found.push(JSON.parse(root.localStorage.getItem(name)));
      } catch (refused) {
        return [];
      }
      for (const one of found) {
        if (one.cells !== undefined) one.cells = one.cells.split(" ").map((hex) => hex.padEnd(15, "f"));
      }
      return found;
    }
  }

  class Talk {
    constructor(options) {
      Object.assign(this, options);
      this.base = "/plans/" + encodeURIComponent(options.plan) + "/";
      this.shelf = new Shelf(options.plan, options.actor);
      this.queue = this.shelf.all();
      this.language = "en"; // of the server's reasons
      this.trouble = null; // "line", "server" or "signed_out" while strokes cannot be saved
      this.failures = 0;
      this.made = 0;
      this.wake = () => {
        this.polledAt = 0;
        this.failures = Math.min(this.failures, 1);
        this.turn();
      };
    }

    /* seq: the plan's number that the browser's cells are as new as. */
    start(seq) {
      this.seen = seq; // of any answer
      this.since = seq; // up to here everybody's strokes are known
      this.isRunning = true;
      for (const name of ["online", "offline"]) root.addEventListener(name, this.wake);
      root.document.addEventListener("visibilitychange", this.wake);
      this.turn();
    }

    stop() {
      this.isRunning = false;
      clearTimeout(this.timer);
      for (const name of ["online", "offline"]) root.removeEventListener(name, this.wake);
      root.document.removeEventListener("visibilitychange", this.wake);
    }

    /* Cells were fetched anew: ask again for everything since they were written. */
    rewind(seq) {
      this.since = Math.min(this.since, seq);
      this.polledAt = 0;
    }

    push(kind, what) {
      this.made = Math.max(Date.now(), this.made + 1); // keeps the order within a millisecond
      const stroke = Object.assign({ key: newKey(), kind: kind, seen: this.seen, made: this.made }, what);
      this.queue.push(stroke);
      this.shelf.put(stroke);
      this.changed();
      if (this.isPolling && this.isIdle) this.line.abort(); // a stroke goes first
      if (!this.trouble) this.turn();
      return stroke;
    }

    /* One request, then the next: a waiting stroke, or a look at what others did. */
    async turn() {
      if (this.isBusy || !this.isRunning) return;
      clearTimeout(this.timer);
      this.isBusy = true;
      try {
        await this.next();
      } finally {
        this.isBusy = false;
      }
      if (this.isRunning) this.timer = setTimeout(() => this.turn(), this.pause());
    }

    async next() {
      this.isIdle = !this.queue.length;
      if (this.queue.length) await this.send(this.queue[0]);
      if (this.queue.length && this.trouble) return;
      if (this.pollsIn() <= 0 && this.mayPoll() && this.isRunning) await this.poll();
    }

    mayPoll() {
      return root.document.visibilityState === "visible";
    }

    pollsIn() {
      return (this.polledAt || 0) + POLL_MS - Date.now();
    }

    pause() {
      if (this.failures) return WAITS_MS[Math.min(this.failures, WAITS_MS.length) - 1];
      if (this.queue.length) return 0;
      return this.mayPoll() ? Math.max(50, this.pollsIn()) : WAITS_MS[2]; // being looked at again wakes it
    }

    async send(stroke) {
      const { key, seen, kind, cells, to } = stroke;
      const body = cells ? { key, seen, kind, cells } : { key, seen };
      if (kind === "paint") body.to = to;
      const answer = await this.ask(PATHS[kind], body);
      if (!this.isRunning) return; // asked again by the next page, under the same key
      if (answer.trouble) return void this.fail(answer.trouble);
      this.queue.splice(this.queue.indexOf(stroke), 1);
      this.shelf.remove(stroke);
      if (answer.body) this.hear(answer.body);
      this.recover();
      if (answer.body) this.answered(stroke, answer.body);
      else this.taken(stroke, answer.reason);
      this.changed();
    }

    /* Numbers rise by one a stroke: with none between, nobody else painted meanwhile. */
    hear(body) {
      if (body.seq === this.since + 1) this.since = body.seq;
      this.seen = Math.max(this.seen, body.seq);
    }

    async poll() {
      this.isPolling = true;
      const answer = await this.ask("strokes?since=" + this.since);
      this.isPolling = false;
      if (!this.isRunning || answer.trouble === "aborted") return;
      this.polledAt = Date.now();
      if (answer.trouble) return void this.fail(answer.trouble);
      this.recover();
      if (!answer.body) return void this.complain(answer.reason);
      this.seen = Math.max(this.seen, answer.body.seq);
      this.since = Math.max(this.since, answer.body.seq);
      this.polled(answer.body);
    }

    /* The same refusal comes with every look: say it once. */
    complain(reason) {
      if (reason !== this.complained) this.taken(null, reason);
      this.complained = reason;
    }

    fail(trouble) {
      this.trouble = trouble;
      this.failures++;
      this.changed();
    }

    recover() {
      const was = this.trouble;
      this.trouble = null;
      this.failures = 0;
      if (was) this.changed();
    }

    /* {body} of a good answer, {reason} of a refusal, or {trouble} where it must be asked again. */
    async ask(path, body) {
      const line = (this.line = new AbortController());
      const clock = setTimeout(() => line.abort("late"), PATIENCE_MS);
      try {
        const answer = await root.fetch(this.base + path, {
          method: body ? "POST" : "GET",
          credentials: "same-origin",
          headers: Object.assign({ "Accept-Language": this.language }, body && { "Content-Type": "application/json" }),
          body: body && JSON.stringify(body),
          signal: line.signal,
        });
        return await read(answer);
      } catch (broken) {
        return { trouble: line.signal.aborted && line.signal.reason !== "late" ? "aborted" : "line" };
      } finally {
        clearTimeout(clock);
      }
    }
  }

  /* A refusal has a reason in JSON; a sign-in page in its place means that the session is over. */
  async function read(answer) {
    const isJson = (answer.headers.get("Content-Type") || "").includes("json");
    const body = isJson ? await answer.json() : null;
    if (answer.ok && body) return { body: body };
    if (answer.status < 500 && body && body.reason) return { reason: body.reason };
    if (answer.status === FORBIDDEN || answer.status === 401 || answer.ok) return { trouble: "signed_out" };
    const isTemporary = answer.status >= 500 || [404, 408, 429].includes(answer.status);
    return isTemporary ? { trouble: "server" } : { reason: "" };
  }

  /* Of strokes still waiting, those that are not undone by a later one that waits too. */
  function standing(queue) {
    const done = [];
    const gone = [];
    for (const one of queue) {
      if (one.kind === "undo") gone.push(done.pop()); // undefined: one that the server holds
      else if (one.kind === "redo") {
        const back = gone.pop();
        if (back) done.push(back);
      } else {
        done.push(one);
        gone.length = 0;
      }
    }
    return done;
  }

  /* How many strokes can be undone and redone, those that wait included. */
  function counts(queue, undo, redo) {
    for (const one of queue) {
      if (one.kind === "undo") {
        undo--;
        redo++;
      } else if (one.kind === "redo") {
        undo++;
        redo--;
      } else {
        undo++;
        redo = 0;
      }
    }
    return { undo: Math.max(0, undo), redo: Math.max(0, redo) };
  }

  Object.assign(GridCells, { Talk: Talk, standing: standing, counts: counts, newKey: newKey });
})(typeof window === "undefined" ? globalThis : window);
