/** What comes next on an order, by the table of moves that the server sent along. */
import { allowed } from "./crew_day.js";
import * as queue from "./crew_queue.js";
import { say } from "./crew_words.js";

const CHAIN = ["accepted", "gate", "arrived", "surveyed", "repaired", "restored", "finished", "rated", "archived"];
const WORK = ["surveyed", "repaired", "restored", "finished"];

/** The next deed: code of a move, gate (card and request), wait (for the approval), rating, or null. */
export function next(order) {
  const can = (move) => allowed(order.kind, order.state, move);
  const isAsked = Boolean(order.gate?.asked_at) && !order.gate?.refused_at;
  if (order.isStuck) return "settle";
  if (can("accepted")) return "accepted";
  if (can("gate_asked") && !isAsked) return "gate";
  if (can("arrived")) return "arrived";
  const work = WORK.find(can);
  if (work) return can(work).needs.includes("gate") && !order.gate?.approved_at ? "wait" : work;
  if (can("rated") || can("unrated")) return "rating";
  return can("archived") ? "archived" : null;
}

/** The steps of an order's kind with how far it is: done, now, or ahead. */
export function chain(order) {
  const rows = new Set();
  const kind = order.kind;
  for (const name of CHAIN) if (name === "gate" ? hasGate(kind) : isStep(kind, name)) rows.add(name);
  const names = [...rows];
  const reached = names.indexOf(order.state);
  const coming = next(order);
  return names.map((name, nr) => ({
    name,
    isDone: name === "gate" ? Boolean(order.gate?.approved_at) || nr < reached : nr <= reached,
    isNow: name === coming || (name === "gate" && coming === "wait") || (name === "rated" && coming === "rating"),
  }));
}

const STATES = ["told", "accepted", "arrived", "surveyed", "repaired", "restored", "finished", "rated"];
const isStep = (kind, name) => name !== "archived" && STATES.some((before) => allowed(kind, before, name)?.after === name);
const hasGate = (kind) => STATES.some((before) => allowed(kind, before, "gate_asked"));

/** Write a move down as a step on the version that this phone knows. */
export function make(order, move, body = {}) {
  return queue.add({
    kind: "move", order: order.order_id, body: { move, version: order.version, ...body },
    about: { move, order: order.order_id },
  });
}

export const label = (deed) => say(`crew_do_${deed}`);
