/** Today: why there is no power here, the job at hand, and what comes after it. */
import { el, fill } from "./crew_dom.js";
import * as day from "./crew_day.js";
import * as moves from "./crew_moves.js";
import * as place from "./crew_place.js";
import { clock, metres, moment, number, say, span, word } from "./crew_words.js";

/** Rows of the round with their numbers: open orders and chores, what is done left out. */
export function rows() {
  let nr = 0;
  return day.round().filter((one) => (one.what === "order" ? day.isOpen(one) || moves.next(one) : true))
    .map((one) => ({ ...one, isOver: one.what === "chore" && day.isTicked(one) }))
    .map((one) => ({ ...one, nr: one.isOver ? 0 : ++nr }));
}

/** The job at hand: the one begun, else the first of the round. */
export function current(all = rows()) {
  const jobs = all.filter((one) => one.what === "order" && day.isOpen(one));
  const begun = jobs.filter((one) => ["arrived", "surveyed", "repaired"].includes(one.state));
  return begun[0] ?? jobs[0] ?? all.find((one) => one.what === "order") ?? null;
}

export function show(screen, all) {
  const told = day.held.day;
  const first = current(all);
  const rest = all.filter((one) => one !== first);
  fill(
    screen,
    why(told),
    first ? job(first, all) : el("p", { class: "why" }, say(told.crew_id ? "crew_no_orders" : "crew_none_yours")),
    rest.length > 0 && el("h2", {}, first ? say("crew_then") : say("crew_round")),
    el("ul", { class: "rows" }, rest.map((one) => el("li", {}, one.what === "order" ? line(one) : chore(one)))),
    told.visit.length > 1 && el("p", { class: "soft" }, say(`crew_sequence_${told.sequence_by}`)),
    el("p", { class: "soft" }, say("crew_as_of", { at: moment(told.now, day.now()) })),
  );
}

/** The first line: what is out here, else in the area, since when, and when it should be back. */
function why(told) {
  const here = place.last.fix && told.area.resolution ? window.h3?.latLngToCell(place.last.fix.lat, place.last.fix.lon, told.area.resolution) : null;
  const near = told.outages.find((one) => here && one.cells.includes(here));
  if (near) return el("p", { class: "why dark" }, el("b", {}, say("crew_why_here")), " ", reason(near));
  if (!told.outages.length) return el("p", { class: "why" }, el("b", {}, say("crew_why")), " ", say("crew_why_none"));
  const out = told.outages.reduce((sum, one) => sum + one.customers_out, 0);
  return el("details", { class: "why dark" },
    el("summary", { style: "min-height:48px" }, el("b", {}, say("crew_why")), " ", say("crew_why_area", { count: told.outages.length, customers: number(out) }), " ", reason(told.outages[0])),
    el("ul", {}, told.outages.slice(1, 12).map((one) => el("li", {}, reason(one)))));
}

export function reason(one) {
  const parts = [
    say("crew_why_one", {
      kind: word("crew_outage", one.kind), outage: one.outage_id, since: moment(one.started_at, day.now()), customers: number(one.customers_out),
    }),
    one.cause && say("crew_why_cause", { cause: one.cause }),
    one.estimated_restore_at ? say("crew_why_back", { at: moment(one.estimated_restore_at, day.now()) }) : say("crew_why_unknown"),
  ];
  return parts.filter(Boolean).join(" ");
}

export const title = (order) => order.address || [word("wo_task", order.task), order.transformer_id].filter(Boolean).join(" · ");
const task = (order) => (order.address ? [word("wo_task", order.task), " · "] : []);

/** What is left of the promise, in words that say whether it is near or over. */
export function left(order) {
  const until = order.due_at;
  if (!until || !day.isOpen(order)) return null;
  const minutes = (Date.parse(until) - day.now()) / 60000;
  const code = minutes < 0 ? "crew_late" : "crew_left";
  return el("span", { class: minutes < 0 ? "late" : minutes < 15 ? "soon" : "" }, say(code, { span: span(minutes), at: clock(until) }));
}

function job(order, all) {
  const go = () => { location.hash = `#order/${encodeURIComponent(order.order_id)}`; };
  return el("button", { class: "job", type: "button", onclick: go },
    el("h2", {}, `${order.nr || 1} · ${title(order)}`),
    el("p", {}, task(order), details(order)),
    order.why && el("p", {}, word("fault_verdict", order.why)),
    el("ol", { class: "chain" }, moves.chain(order).map((one) => el("li", { class: one.isNow ? "now" : one.isDone ? "done" : "" }, say(`crew_chain_${one.name}`)))),
    order.isStuck && el("p", { class: "late" }, say("crew_order_stuck")));
}

function details(order) {
  const parts = [left(order), order.stop?.drive_min != null && say("crew_drive", { span: span(order.stop.drive_min) }), window_(order), away(order),
    order.life_support && el("b", {}, say("crew_life_support")), order.is_stopped && el("b", {}, say("crew_stopped"))].filter(Boolean);
  return parts.flatMap((one, nr) => (nr ? [" · ", one] : [one]));
}

const window_ = (order) => order.window_from && say("crew_window", { from: moment(order.window_from, day.now()), to: clock(order.window_to) });
const away = (order) => place.last.fix && order.lat !== null && say("crew_away", { far: metres(place.distance(place.last.fix, order)) });

function line(order) {
  const go = () => { location.hash = `#order/${encodeURIComponent(order.order_id)}`; };
  return el("button", { class: "tap", type: "button", onclick: go },
    el("span", { class: "nr" }, order.nr || "✓"),
    el("span", { class: "grow" }, title(order), el("br"), el("small", {}, task(order), say(`crew_state_${order.state}`), " · ", details(order))),
    order.isStuck && el("span", { class: "tag red" }, "!"), "›");
}

function chore(one) {
  const tick = el("input", { type: "checkbox", checked: one.isOver, id: `chore-${one.chore_id}`, onchange: (event) => tickOff(one, event.target.checked) });
  return el("label", { class: "check row" }, one.nr ? el("span", { class: "nr", style: "background:#4a3b00;border-radius:8px" }, one.nr) : el("span", { class: "nr", style: "background:#5c6b6a" }, "✓"),
    el("span", { class: "grow" }, choreWords(one)), tick);
}

export function choreWords(one) {
  const share = one.share === null ? "" : `${(100 * one.share).toFixed(one.kind === "loss" ? 1 : 0)} %`;
  const words = say(`crew_chore_${one.kind}`, { count: one.count, about: one.about, share, at: moment(one.due_at, day.now()) });
  return one.visits ? `${words} ${say("crew_chore_visits", { count: one.visits })}` : words;
}

async function tickOff(one, done) {
  const queue = await import("./crew_queue.js");
  await queue.add({ kind: "chore", order: one.chore_id, body: { done }, about: { code: done ? "crew_step_chore" : "crew_step_unchore", chore: choreWords(one) } });
}
