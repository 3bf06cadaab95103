/** One order: everything about it, what is noted at it, and the deeds beside the next one. */
import { button, el, fill, terms } from "./crew_dom.js";
import * as day from "./crew_day.js";
import * as evidence from "./crew_evidence.js";
import * as moves from "./crew_moves.js";
import * as queue from "./crew_queue.js";
import * as result from "./crew_result.js";
import { left, title } from "./crew_today.js";
import { moment, say, word } from "./crew_words.js";

export function show(screen, order, notice) {
  const told = day.held.day;
  fill(
    screen,
    el("h2", {}, title(order)),
    el("p", {}, order.address && [word("wo_task", order.task), " · "], el("b", {}, say(`crew_state_${order.state}`)), left(order) && [" · ", left(order)]),
    el("ol", { class: "chain" }, moves.chain(order).map((one) => el("li", { class: one.isNow ? "now" : one.isDone ? "done" : "" }, say(`crew_chain_${one.name}`)))),
    order.isStuck && el("p", { class: "why dark" }, say("crew_order_stuck"), " ", button(say("crew_settle"), () => { location.hash = "#queue"; }, "plain")),
    order.life_support && el("p", { class: "why dark" }, say("crew_life_support")),
    gate(order, told),
    terms(facts(order)),
    day.isOpen(order) && order.gate?.exists && el("div", { class: "actions" }, button(say("crew_open_form"), () => { location.hash = `#form/${encodeURIComponent(order.order_id)}`; }, "plain")),
    result.part(order, notice),
    evidence.part(order, told.reasons.irregularity, notice),
    parts(order),
    others(order, told),
  );
}

function facts(order) {
  const crews = (order.crews ?? []).map((one) => `${one.name ?? one.crew_id}${one.part === "support" ? ` (${say("crew_support")})` : ""}`).join(", ");
  return [
    [say("crew_fact_order"), order.order_id], [say("crew_fact_submission"), order.submission_no],
    [say("crew_fact_class"), order.fault_class], [say("crew_fact_contact"), order.contact], [say("crew_fact_note"), order.note],
    [say("crew_fact_window"), order.window_from && `${moment(order.window_from, day.now())} – ${moment(order.window_to, day.now())}`],
    [say("crew_fact_planned"), order.planned_arrive_at && `${moment(order.planned_arrive_at, day.now())} – ${moment(order.planned_leave_at, day.now())}`],
    [say("crew_fact_due"), moment(order.due_at, day.now())], [say("crew_fact_dispatcher"), order.dispatcher], [say("crew_fact_crews"), crews],
    [say("crew_fact_calls"), order.calls > 1 ? order.calls : null], [say("crew_fact_outage"), order.outage_id],
    [say("crew_fact_transformer"), order.transformer_id], [say("crew_fact_links"), (order.links ?? []).join(", ")],
  ];
}

/** How the gate stands; whoever has not filled the card may open it. */
function gate(order, told) {
  const { gate: held } = order;
  if (!held?.exists || !day.isOpen(order)) return null;
  if (held.approved_at) return el("p", {}, el("span", { class: "tag blue" }, say("crew_gate_open", { at: moment(held.approved_at, day.now()) })));
  if (held.refused_at && !held.asked_at) return el("p", { class: "why dark" }, say("crew_gate_was_refused", { why: word("crew_gate_refused", held.refused_why) }));
  if (!held.asked_at) return el("p", {}, el("span", { class: "tag amber" }, say("crew_gate_closed")));
  const isMine = held.filled_by === queue.state.who;
  const judged = { crew_id: told.crew_id, detail: { card_version: order.card_version } };
  const why = reasons("gate_refused", told);
  return el("div", { class: "why" }, say(isMine ? "crew_gate_waits_other" : "crew_gate_waits_you"),
    !isMine && told.may_approve && el("div", { class: "actions" },
      button(say("crew_do_gate_approved"), () => moves.make(order, "gate_approved", judged), "main"),
      button(say("crew_do_gate_refused"), () => ask(why, (reason_code) => moves.make(order, "gate_refused", { ...judged, reason_code })), "risk")),
    !isMine && why);
}

const reasons = (family, told) => el("select", { "aria-label": say("crew_reason"), style: "margin:8px 0" },
  ["", ...told.reasons[family]].map((code) => el("option", { value: code }, code ? word(`crew_${family}`, code) : say("crew_reason"))));

function ask(list, then) {
  if (!list.value) return list.focus();
  return then(list.value);
}

function parts(order) {
  const code = el("input", { id: "part-code", maxlength: 60, autocomplete: "off", enterkeyhint: "done" });
  const count = el("input", { id: "part-count", type: "number", value: "1", min: "-99", max: "999", step: "any", style: "max-width:96px" });
  const add = () => {
    if (!code.value.trim()) return code.focus();
    return queue.add({ kind: "part", order: order.order_id, body: { code: code.value.trim(), quantity: Number(count.value) || 1 }, about: { code: "crew_step_part", order: order.order_id, part: code.value.trim() } });
  };
  const waiting = queue.openOf(order.order_id).filter((one) => one.kind === "part");
  return [
    el("h2", {}, say("crew_parts")),
    el("ul", { class: "rows" }, (order.parts ?? []).map((one) => el("li", { class: "row" }, el("span", { class: "grow" }, one.name ?? one.code), `× ${one.quantity}`)),
      waiting.map((one) => el("li", { class: "row" }, el("span", { class: "grow" }, one.body.code), `× ${one.body.quantity}`, el("span", { class: "tag amber" }, say("crew_unsent_tag"))))),
    el("label", { for: "part-code" }, say("crew_part_code")), el("div", { class: "row" }, code, count, button("+", add, "plain", { "aria-label": say("crew_part_add") })),
  ];
}

/** Deeds beside the usual way: a stop, giving it back, handing it over. */
function others(order, told) {
  if (!day.isOpen(order) || order.isStuck) return null;
  const can = (move) => day.allowed(order.kind, order.state, move);
  const stop = reasons("stopped", told), back = reasons("returned", told);
  const crews = el("select", { "aria-label": say("crew_hand_over_to"), style: "margin:8px 0" },
    [el("option", { value: "" }, say("crew_hand_over_to")), told.crews.map((one) => el("option", { value: one.crew_id }, one.name))]);
  return el("details", {},
    el("summary", { style: "min-height:48px;padding:12px 0;font-weight:650" }, say("crew_more")),
    order.is_stopped && button(say("crew_do_resumed"), () => moves.make(order, "resumed"), "plain"),
    can("stopped") && !order.is_stopped && [stop, button(say("crew_do_stopped"), () => ask(stop, (reason_code) => moves.make(order, "stopped", { reason_code })), "plain")],
    can("returned") && [back, button(say("crew_do_returned"), () => ask(back, (reason_code) => moves.make(order, "returned", { reason_code })), "risk")],
    can("handed_over") && told.crews.length > 0 && [crews, button(say("crew_do_handed_over"), () => ask(crews, (crew_id) => moves.make(order, "handed_over", { crew_id })), "risk")]);
}
