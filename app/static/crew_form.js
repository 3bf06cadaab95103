/** The job card's form: every stroke of a key is kept, what is left becomes a step. */
import { el, button, fill } from "./crew_dom.js";
import * as day from "./crew_day.js";
import * as moves from "./crew_moves.js";
import * as queue from "./crew_queue.js";
import * as store from "./crew_store.js";
import { say, word } from "./crew_words.js";

const JOB = [["starts_at", "time"], ["ends_at", "time"], ["dispatcher", "line"], ["main_task", "line"], ["dispatch_no", "line"], ["submission_no", "line"]];
const GATE = [["task", "text"], ["tools", "text"], ["materials", "text"], ["measures", "text"], ["precautions", "text"]];
const CHECKS = ["voltage_tested", "grounded", "fenced_off"];
const PEOPLE = ["leader", "guardian"];
const NEEDED = ["task", "tools", "materials", "measures", "precautions", "leader", "guardian"];
const POSTS = ["leader", "guardian", "worker", "driver"];
const LONGEST = 500;

/** The card as this person left it: a draft, else an unsent step, else what the server holds; with its version. */
export function cardOf(order) {
  const waiting = queue.openOf(order.order_id).filter((one) => one.kind === "card").pop();
  const kept = store.draft(queue.state.who, order.order_id) ?? waiting?.body ?? { card: order.card ?? {}, version: order.card_version ?? 0 };
  return { card: { ...usual(order), ...kept.card }, version: kept.version };
}

function usual(order) {
  const members = (day.held.day?.members ?? []).map((one, nr) => ({ name: one.name, post: nr ? "worker" : "leader" }));
  return {
    starts_at: local(order.planned_arrive_at), ends_at: local(order.planned_leave_at), dispatcher: order.dispatcher ?? "",
    members, leader: members[0]?.name ?? "", main_task: word("wo_task", order.task), dispatch_no: order.order_id,
    submission_no: order.submission_no ?? "",
  };
}

/** A moment as an input of the browser's own zone reads it. */
function local(iso) {
  if (!iso) return "";
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

export const lacking = (card) => [
  ...NEEDED.filter((name) => !card[name]), ...["leader_at_site", "guardian_at_site"].filter((name) => card[name] !== true),
];

/** What was typed since the last step becomes one. */
export function keep(order) {
  const typed = store.draft(queue.state.who, order.order_id);
  if (!typed) return Promise.resolve(null);
  store.dropDraft(queue.state.who, order.order_id);
  return queue.addCard(order.order_id, typed, { code: "crew_step_card", order: order.order_id });
}

export function show(screen, order) {
  const kept = cardOf(order), { card } = kept;
  const isLocked = Boolean(order.gate?.approved_at);
  const typed = (name, value) => {
    card[name] = value;
    store.keepDraft(queue.state.who, order.order_id, kept);
  };
  fill(
    screen,
    isLocked && el("p", { class: "why" }, say("crew_gate_locked")),
    order.gate?.refused_at && el("p", { class: "why dark" }, say("crew_gate_was_refused", { why: word("crew_gate_refused", order.gate.refused_why) })),
    el("fieldset", { disabled: isLocked },
      el("h2", {}, say("crew_form_job")),
      JOB.map(([name, kind]) => field(name, kind, card, typed)),
      members(card, typed),
      el("h2", {}, say("crew_form_gate")),
      el("p", { class: "soft" }, say("crew_form_gate_hint")),
      GATE.map(([name, kind]) => field(name, kind, card, typed)),
      PEOPLE.map((name) => person(name, card, typed)),
      CHECKS.map((name) => tick(name, card, typed)),
      field("remarks", "text", card, typed)),
    isLocked && button(say("crew_form_back"), () => history.back(), "plain"),
  );
}

function field(name, kind, card, typed) {
  const given = {
    id: `field-${name}`, name, value: card[name] ?? "", maxlength: LONGEST, autocomplete: "off",
    oninput: (event) => typed(name, event.target.value),
  };
  if (kind === "text") return [label(name), el("textarea", given)];
  return [label(name), el("input", { ...given, type: kind === "time" ? "datetime-local" : "text" })];
}

const label = (name) => el("label", { for: `field-${name}` }, say(`crew_field_${name}`), NEEDED.includes(name) && " *");

/** Who it is, and whether and where that person stands at the site. */
function person(name, card, typed) {
  const names = [...new Set([card[name], ...(card.members ?? []).map((one) => one.name)].filter(Boolean))];
  return [
    label(name),
    el("input", { id: `field-${name}`, list: `names-${name}`, value: card[name] ?? "", autocomplete: "off", maxlength: 120, oninput: (event) => typed(name, event.target.value) }),
    el("datalist", { id: `names-${name}` }, names.map((one) => el("option", { value: one }))),
    tick(`${name}_at_site`, card, typed),
  ];
}

const tick = (name, card, typed) => el("label", { class: "check" },
  el("input", { type: "checkbox", id: `field-${name}`, checked: card[name] === true, onchange: (event) => typed(name, event.target.checked) }),
  say(`crew_field_${name}`));

function members(card, typed) {
  const part = el("div");
  const again = () => fill(
    part,
    (card.members ?? []).map((one, nr) => el("div", { class: "row" },
      el("input", { class: "grow", value: one.name, "aria-label": say("crew_field_member"), maxlength: 120, oninput: (event) => change(nr, { name: event.target.value }) }),
      el("select", { "aria-label": say("crew_field_post"), style: "width:auto", onchange: (event) => change(nr, { post: event.target.value }) },
        POSTS.map((post) => el("option", { value: post, selected: post === one.post }, say(`crew_post_${post}`)))),
      button("×", () => { typed("members", card.members.filter((_, at) => at !== nr)); again(); }, "plain", { "aria-label": say("crew_member_remove", { name: one.name }) }))),
    button(`+ ${say("crew_member_add")}`, () => { typed("members", [...(card.members ?? []), { name: "", post: "worker" }]); again(); }, "plain"),
  );
  const change = (nr, more) => typed("members", card.members.map((one, at) => (at === nr ? { ...one, ...more } : one)));
  again();
  return [el("h3", {}, say("crew_field_members")), part];
}

/** Ask for the approval; what is still missing is named instead. */
export async function askGate(order) {
  const kept = cardOf(order);
  const missing = lacking(kept.card);
  if (missing.length) {
    document.getElementById(`field-${missing[0]}`)?.focus();
    return missing;
  }
  await queue.addCard(order.order_id, kept, { code: "crew_step_card", order: order.order_id });
  store.dropDraft(queue.state.who, order.order_id);
  await moves.make(order, "gate_asked");
  return [];
}
