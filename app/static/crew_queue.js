/** The queue of one person: every step in the order it was made, sent once the line is there. */
import * as store from "./crew_store.js";
import { ask, newKey, SignedOut } from "./crew_line.js";
import { sender } from "./crew_sender.js";

const AT_ONCE = 50, KEPT_DONE = 40, KEPT_DONE_MS = 24 * 3600e3;
const ADDRESS = { evidence: "/crew/evidence", duty: "/crew/duty", positions: "/crew/positions" };
/** Fates that a person has to settle; whatever comes later on the same order waits behind them. */
export const STUCK = new Set(["conflict", "refused"]);
const OVER = new Set(["done", "repeated", "dropped"]);

/** state.line: online, offline, signed_out, other_person, busy. */
export const state = { who: null, line: navigator.onLine ? "online" : "offline", entries: [], sending: false, answered: 0 };
const listeners = new Set();

export const onChange = (heard) => listeners.add(heard);
const tell = (news) => listeners.forEach((heard) => heard(news));

export const isOver = (entry) => OVER.has(entry.fate);
export const mine = () => state.entries.filter((one) => one.who === state.who);
export const open = () => mine().filter((one) => !isOver(one));
export const openOf = (order) => open().filter((one) => one.order === order);
export const stuck = () => open().filter((one) => STUCK.has(one.fate));
/** How many steps of somebody else's wait on this phone: counted, never shown. */
export const ofOthers = () => state.entries.filter((one) => one.who !== state.who && !isOver(one)).length;

export async function load(who) {
  state.who = who;
  state.entries = await store.entries();
  await forgetOld();
  tell("loaded");
}

async function forgetOld() {
  const over = state.entries.filter(isOver).sort((a, b) => b.seq - a.seq);
  const old = over.filter((one, nr) => nr >= KEPT_DONE || Date.now() - one.settled_at > KEPT_DONE_MS || one.who !== state.who);
  for (const one of old) await store.dropEntry(one.seq);
  state.entries = state.entries.filter((one) => !old.includes(one));
}

/** Write a step down, then try to send it. `about`: words of the step, `order` what it belongs to. */
export async function add({ kind, order = null, body = {}, blob = null, about = {} }) {
  const entry = {
    who: state.who, kind, order, body, blob, about, key: newKey(), made_at: new Date().toISOString(),
    fate: "unsent", tries: 0,
  };
  entry.seq = await store.addEntry(entry);
  state.entries.push(entry);
  tell("added");
  send();
  return entry;
}

/** The newest card of an order that was never tried takes the new fields in; else a step of its own. */
export async function addCard(order, kept, about) {
  const waiting = openOf(order).filter((one) => one.kind === "card" && one.tries === 0 && one.fate === "unsent").pop();
  if (!waiting || state.sending) return add({ kind: "card", order, body: kept, about });
  waiting.body = kept;
  await store.putEntry(waiting);
  return waiting;
}

async function settle(entry, fate, more = {}) {
  state.answered += 1;
  Object.assign(entry, more, { fate });
  if (isOver(entry)) {
    // what was said is the server's now: only that it was sent stays here
    const now = entry.now ? { ...entry.now, card: null } : entry.now;
    Object.assign(entry, { body: {}, blob: null, now, settled_at: Date.now() });
  }
  await store.putEntry(entry);
}

/** Try to send now: after a change of the line, a sign-in, or a person's wish. */
export const send = sender({
  lock: "grid-cells-crew-queue", state, next: sendNext,
  heard: (line, { count }) => { if (line !== "online" || (count && state.line !== "online")) setLine(line); },
  over: async () => { await forgetOld(); tell("sent"); },
});

function setLine(line) {
  state.line = line;
  tell("line");
}

/** What can go now: in order, without what waits behind a step that a person must settle. */
function ready() {
  const blocked = new Set();
  const going = [];
  for (const one of mine().sort((a, b) => a.seq - b.seq)) {
    if (isOver(one)) continue;
    if (STUCK.has(one.fate)) blocked.add(one.order ?? one.key);
    else if (one.order && blocked.has(one.order)) one.fate = "waits";
    else going.push(one);
  }
  return going;
}

async function sendNext() {
  const going = ready();
  if (!going.length) return false;
  const first = going[0];
  for (const one of going.slice(0, AT_ONCE)) one.tries += 1;
  if (first.kind in ADDRESS) {
    await sendApart(first);
    return true;
  }
  const end = going.findIndex((one) => one.kind in ADDRESS);
  const batch = going.slice(0, Math.min(AT_ONCE, end < 0 ? going.length : end));
  for (const one of batch) await store.putEntry(one);
  const steps = batch.map((one) => ({
    key: one.key, kind: one.kind, order: one.order, device_at: one.made_at, ...one.body,
  }));
  const { status, told } = await ask("/crew/steps", { who: state.who, steps });
  if (isOtherPerson(status, told)) return false;
  if (status !== 200) {
    // the batch as a whole was not understood: one by one, so that one bad step stops no other
    if (batch.length > 1) return sendAlone(batch[0]);
    await settle(first, "refused", { reason: told.reason, code: told.code });
    return true;
  }
  for (const answer of told.answers) await take(batch.find((one) => one.key === answer.key), answer);
  return told.answers.length > 0;
}

async function sendAlone(entry) {
  const step = { key: entry.key, kind: entry.kind, order: entry.order, device_at: entry.made_at, ...entry.body };
  const { status, told } = await ask("/crew/steps", { who: state.who, steps: [step] });
  if (isOtherPerson(status, told)) return false;
  if (status === 200) await take(entry, told.answers[0]);
  else await settle(entry, "refused", { reason: told.reason, code: told.code });
  return true;
}

/** What each address calls the parts of a step that is sent by itself. */
const BODIES = {
  evidence: (entry) => ({ key: entry.key, order: entry.order, device_at: entry.made_at, ...entry.body }),
  duty: (entry) => ({ step_key: entry.key, ...entry.body }),
  positions: (entry) => ({ sent_at: new Date().toISOString(), ...entry.body }),
};

async function sendApart(entry) {
  await store.putEntry(entry);
  const body = { who: entry.who, ...BODIES[entry.kind](entry) };
  const file = entry.kind === "evidence" ? (entry.blob ?? new Blob([])) : null;
  const { status, told } = await ask(ADDRESS[entry.kind], body, file);
  if (isOtherPerson(status, told)) return;
  if (status < 300) await settle(entry, told.repeated ? "repeated" : "done");
  else await settle(entry, "refused", { reason: told.reason, code: told.code });
}

function isOtherPerson(status, told) {
  if (status !== 409 || told.code !== "crew_other_person") return false;
  throw Object.assign(new SignedOut(told.reason), { isOther: true });
}

async function take(entry, answer) {
  if (!entry) return;
  if (answer.fate === "done" || answer.fate === "repeated") {
    await settle(entry, answer.fate);
    tell({ order: entry.order, kind: entry.kind, state: answer.state, version: answer.version });
    await handOnVersion(entry, answer.version, entry.kind);
  } else if (answer.fate === "waits") {
    await settle(entry, "waits");
  } else {
    await settle(entry, answer.fate, { reason: answer.reason, code: answer.code, now: answer.now, anyway: answer.anyway });
  }
}

/** Steps made after this one were made on the version that it made: of the order, or of its card. */
async function handOnVersion(entry, version, kind) {
  if (!entry.order || version === undefined || version === null) return;
  for (const one of openOf(entry.order)) {
    if (one.seq > entry.seq && one.kind === kind) {
      one.body = { ...one.body, version };
      await store.putEntry(one);
    }
  }
}

/** Give a step of one's own up; what waited behind it goes on, judged by what is true now. */
export async function drop(entry) {
  await settle(entry, "dropped");
  await release(entry.order, entry.now?.version);
}

/** Do it all the same: on what is true now, as a new step of a person who has seen it. */
export async function anyway(entry, more = {}) {
  const version = entry.now?.version ?? entry.body.version;
  Object.assign(entry, { key: newKey(), fate: "unsent", tries: 0, body: { ...entry.body, ...more, version } });
  await store.putEntry(entry);
  await release(entry.order, version);
}

async function release(order, version) {
  for (const one of order ? openOf(order) : []) {
    if (one.fate !== "waits") continue;
    one.fate = "unsent";
    if (version !== undefined && one.kind === "move") one.body = { ...one.body, version };
    await store.putEntry(one);
  }
  tell("settled");
  return send(true);
}
