/** Sends what waits in a queue, one tab at a time, and tries again after a while when the line is gone. */
import { Busy, NoLine, SignedOut } from "./crew_line.js";

const FIRST_WAIT_MS = 2000, LONGEST_WAIT_MS = 60000;

/**
 * A function that sends what waits now; wished by a person it begins with short waits again.
 * `state`: who, sending; `next` sends a part and tells whether there may be more; `heard` is told the line
 * (online, offline, busy, signed_out) with how much was sent or the error; `over` when a run has ended.
 */
export function sender({ lock, state, next, heard, over }) {
  let timer = null, tries = 0;

  function send(isWished = false) {
    if (isWished) tries = 0;
    clearTimeout(timer);
    timer = null;
    if (state.sending || !state.who) return Promise.resolve();
    const run = navigator.locks
      ? navigator.locks.request(lock, { ifAvailable: true }, (held) => (held ? sendAll() : null))
      : sendAll();
    return Promise.resolve(run).catch((error) => console.error(error));
  }

  async function sendAll() {
    state.sending = true;
    try {
      let count = 0;
      while (await next()) count += 1;
      tries = 0;
      heard("online", { count });
    } catch (error) {
      if (error instanceof SignedOut) heard("signed_out", { error });
      else if (error instanceof NoLine || error instanceof Busy) again(error);
      else throw error;
    } finally {
      state.sending = false;
      await over();
    }
  }

  function again(error) {
    heard(error instanceof Busy ? "busy" : "offline", { error });
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries++);
    timer = setTimeout(() => send(), wait * (0.75 + Math.random() / 2));
  }

  return send;
}
