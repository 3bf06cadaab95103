/** Taps of one person, kept in localStorage until the server has answered for each of them. */
import { ask, Busy, newKey, SignedOut } from "./crew_line.js";
import { sender } from "./crew_sender.js";

const AT_ONCE = 100, LAST_KEPT = 50;

/** line: online, offline, signed_out, other_person. */
export const state = { who: null, line: navigator.onLine ? "online" : "offline", sending: false };
const listeners = new Set();

export const onChange = (heard) => listeners.add(heard);
const tell = (news) => listeners.forEach((heard) => heard(news));

const place = (name) => `tally.${name}.${state.who}`;
function list(key) {
  try {
    return JSON.parse(localStorage.getItem(key) || "[]");
  } catch {
    return [];
  }
}
const read = (name) => list(place(name));
const keep = (name, value) => localStorage.setItem(place(name), JSON.stringify(value));

/** What waits, oldest first; read anew each time, for another tab may have tapped. */
export const waiting = () => (state.who ? read("queue") : []);
export const refused = () => (state.who ? read("refused") : []);
export const forgetRefused = () => keep("refused", []);

/** How many taps of other people wait on this screen: only who tapped them may send them. */
export function ofOthers() {
  if (!state.who) return 0;
  const held = Object.keys(localStorage).filter((name) => name.startsWith("tally.queue.") && name !== place("queue"));
  return held.reduce((sum, name) => sum + list(name).length, 0);
}

export function lastOwn() {
  return read("last").at(-1);
}

/** Write the tap down before anything else can happen, then try to send it. */
export function tap(hall, matter) {
  const entry = { key: newKey(), hall, matter, at: Date.now() };
  keep("queue", [...read("queue"), entry]);
  keep("last", [...read("last"), { key: entry.key, hall, matter }].slice(-LAST_KEPT));
  tell({ added: entry });
  send();
  return entry;
}

/** Take the last tap back: itself an entry of the queue, so that it follows the tap wherever that is. */
export function takeBack() {
  const last = read("last");
  const own = last.pop();
  if (!own) return null;
  keep("last", last);
  keep("queue", [...read("queue"), { ...own, at: Date.now(), back: true }]);
  tell({ taken: own });
  send();
  return own;
}

export const send = sender({
  lock: "grid-cells-tally", state, next: sendNext,
  heard: (line, { error }) => { state.line = error?.isOther ? "other_person" : line === "busy" ? "offline" : line; },
  over: () => tell({}),
});

async function sendNext() {
  const batch = waiting().slice(0, AT_ONCE);
  if (!batch.length) return false;
  const taps = batch.map((one) => ({ key: one.key, hall: one.hall, matter: one.matter, back: Boolean(one.back), ago_s: Math.max(0, (Date.now() - one.at) / 1000) }));
  const { status, told } = await ask("/tally/taps", { who: state.who, taps });
  if (status === 409 && told.code === "crew_other_person") throw Object.assign(new SignedOut(told.reason), { isOther: true });
  if (status !== 200) throw new Busy(String(status));
  settle(batch, told.answers);
  return told.answers.length > 0;
}

/** What was answered leaves the queue; what was refused is shown until somebody has seen it. */
function settle(batch, answers) {
  const answered = batch.slice(0, answers.length).map((one, nr) => ({ ...answers[nr], ...one }));
  const gone = new Set(answered.map((one) => `${one.key}/${Boolean(one.back)}`));
  keep("queue", read("queue").filter((one) => !gone.has(`${one.key}/${Boolean(one.back)}`)));
  const bad = answered.filter((one) => one.fate === "refused");
  if (bad.length) keep("refused", [...read("refused"), ...bad.map(({ key, hall, matter, code }) => ({ key, hall, matter, code }))]);
  tell({ settled: answered.filter((one) => one.fate !== "refused") });
}
