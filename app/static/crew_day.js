/** Today as the server last told it, with one's own unsent steps already done on top. */
import * as store from "./crew_store.js";
import * as queue from "./crew_queue.js";
import { ask, Busy, newKey, NoLine, SignedOut } from "./crew_line.js";
import { language, useZone } from "./crew_words.js";

const LONGEST_KEPT_MS = 24 * 3600e3;
/** A note that is typed and not kept yet is a draft of its own beside the order's card. */
export const NOTE = "#note";

export const held = { day: null, at: 0, isFresh: false };

export async function fromPhone() {
  const who = store.lastWho();
  const kept = who ? await store.get(`${who}/day`) : null;
  if (kept && Date.now() - kept.at > LONGEST_KEPT_MS) await store.remove(`${who}/day`);
  else if (kept) take(kept.day, kept.at, false);
  await queue.load(who);
}

function take(day, at, isFresh) {
  Object.assign(held, { day, at, isFresh });
  useZone(day.timezone);
}

/** Today as it is after every step that was answered: what was told before one is asked for again. */
async function asked() {
  for (;;) {
    const before = queue.state.answered;
    const answer = await ask(`/crew/day?lang=${language()}`);
    if (before === queue.state.answered) return answer;
  }
}

/** Ask the server for today. True when it answered; the line's state says why not. */
export async function refresh() {
  try {
    const { status, told } = await asked();
    if (status !== 200) throw new SignedOut(told.reason);
    if (told.who !== queue.state.who) await changePerson(told.who);
    take(told, Date.now(), true);
    await store.put(`${told.who}/day`, { day: told, at: held.at });
    queue.state.line = "online";
    return true;
  } catch (error) {
    held.isFresh = false;
    if (error instanceof SignedOut) queue.state.line = "signed_out";
    else if (error instanceof NoLine) queue.state.line = "offline";
    else if (error instanceof Busy) queue.state.line = "busy";
    else throw error;
    return false;
  }
}

/** Somebody else is at this phone: the former one's data go, what they have not sent stays sealed. */
async function changePerson(who) {
  const former = store.lastWho();
  if (former && former !== who) await wipe(former);
  store.setWho(who);
  await queue.load(who);
}

const carded = (order, value) => value.card && { kind: "card", order, body: value, about: { code: "crew_step_card", order } };

function noted(order, { note, irregularity }) {
  const words = note?.trim() || null;
  if (!words && !irregularity) return null;
  const body = { kind: "note", note: words, irregularity: irregularity || null, taken_at: new Date().toISOString() };
  return { kind: "evidence", order, body, about: { code: "crew_step_note", order } };
}

/** Everything of a person goes, but for the steps not sent yet; drafts become steps first. */
export async function wipe(who) {
  for (const { order, value } of store.draftsOf(who)) {
    const step = order.endsWith(NOTE) ? noted(order.slice(0, -NOTE.length), value) : carded(order, value);
    if (step) await store.addEntry({
      who, ...step, key: `draft-${newKey()}`, made_at: new Date().toISOString(), fate: "unsent", tries: 0, blob: null,
    });
    store.dropDraft(who, order);
  }
  await store.remove(`${who}/day`);
  if (held.day?.who === who) Object.assign(held, { day: null, at: 0, isFresh: false });
  for (const one of await store.entries()) if (one.who === who && queue.isOver(one)) await store.dropEntry(one.seq);
}

/** The server's time now: a paused demo clock stands still. */
export function now() {
  const told = Date.parse(held.day?.now ?? new Date().toISOString());
  return held.day?.is_running === false ? told : told + (Date.now() - held.at);
}

/** An order with one's own unsent moves done on it: state, and what is pending. */
export function order(id) {
  const told = held.day?.orders.find((one) => one.order_id === id);
  if (!told) return null;
  const pending = queue.openOf(id);
  let state = told.state, gate = told.gate;
  for (const step of pending) {
    if (step.kind !== "move" || queue.STUCK.has(step.fate)) continue;
    state = allowed(told.kind, state, step.body.move)?.after ?? state;
    if (step.body.move === "gate_asked") gate = { ...gate, asked_at: step.made_at, filled_by: queue.state.who };
    if (step.body.move === "gate_approved") gate = { ...gate, approved_at: step.made_at };
  }
  return { ...told, state, gate, pending, isStuck: pending.some((one) => queue.STUCK.has(one.fate)) };
}

export const orders = () => (held.day?.orders ?? []).map((one) => order(one.order_id));
export const isOpen = (one) => !["restored", "finished", "rated", "archived", "cancelled"].includes(one.state);

/** The row of the table of moves for a state, if the move may be made from there. */
export function allowed(kind, state, move) {
  return held.day?.moves.find((one) => one.kind === kind && one.before === state && one.move === move) ?? null;
}

export function isTicked(chore) {
  const said = queue.openOf(chore.chore_id).filter((one) => one.kind === "chore").pop();
  return said ? said.body.done : chore.is_done;
}

/** Orders and chores in the order of the round; what the round does not know comes after it. */
export function round() {
  const day = held.day;
  if (!day) return [];
  const things = new Map([
    ...orders().map((one) => [`order:${one.order_id}`, { what: "order", ...one }]),
    ...day.chores.map((one) => [`chore:${one.chore_id}`, { what: "chore", ...one }]),
  ]);
  const placed = day.visit.map((stop) => ({ ...things.get(`${stop.what}:${stop.id}`), stop })).filter((one) => one.what);
  const seen = new Set(day.visit.map((stop) => `${stop.what}:${stop.id}`));
  return placed.concat([...things].filter(([key]) => !seen.has(key)).map(([, one]) => ({ ...one, stop: {} })));
}

/** What the server answered to a move is true of the order from now on, until the day is told anew. */
export function patch({ order: id, kind, state, version }) {
  const told = held.day?.orders.find((one) => one.order_id === id);
  if (told && kind === "card") told.card_version = version;
  else if (told && state) Object.assign(told, { state, version: version ?? told.version });
}
