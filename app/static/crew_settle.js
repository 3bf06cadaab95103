/** The queue as people see it: every step with its fate, and what a person has to settle. */
import { button, el, fill, terms } from "./crew_dom.js";
import * as day from "./crew_day.js";
import * as queue from "./crew_queue.js";
import { clock, moment, say, word } from "./crew_words.js";

export function words(entry) {
  const { about } = entry;
  const order = about.order ? ` · ${about.order}` : "";
  if (about.move) return `${say(`crew_do_${about.move}`)}${order}`;
  return `${say(about.code, { part: about.part ?? "" })}${about.chore ? `: ${about.chore}` : ""}${order}`;
}

const COLOURS = { done: "blue", repeated: "blue", conflict: "red", refused: "red", unsent: "amber", waits: "amber", dropped: "" };

export function show(screen) {
  const all = queue.mine().sort((a, b) => a.seq - b.seq);
  const open = all.filter((one) => !queue.isOver(one)), over = all.filter(queue.isOver).reverse();
  const others = queue.ofOthers();
  fill(
    screen,
    el("h2", {}, open.length ? say("crew_unsent_title", { count: open.length }) : say("crew_all_sent")),
    el("p", { class: "soft" }, say(`crew_line_${queue.state.line}`)),
    others > 0 && el("p", { class: "why" }, say("crew_others_wait", { count: others })),
    queue.state.line === "signed_out" && el("a", { class: "button main", href: "/sign-in?next=%2Fcrew" }, say("crew_sign_in")),
    el("ul", { class: "rows" }, open.map((one) => el("li", {}, row(one), queue.STUCK.has(one.fate) && settle(one)))),
    open.length > 0 && el("div", { class: "actions" }, button(say("crew_send_now"), () => queue.send(true), "plain")),
    over.length > 0 && el("h3", {}, say("crew_sent_title")),
    el("ul", { class: "rows" }, over.map((one) => el("li", {}, row(one)))),
  );
}

const row = (one) => el("div", { class: "row" },
  el("span", { class: "grow" }, words(one), el("br"), el("small", {}, clock(one.made_at), one.tries > 1 && ` · ${say("crew_tries", { count: one.tries })}`)),
  el("span", { class: `tag ${COLOURS[one.fate] ?? ""}` }, say(`crew_fate_${one.fate}`)));

/** Fields of a card that are held otherwise than this person wants them: name, and both values. */
function differing(held, wanted) {
  return [...new Set([...Object.keys(held), ...Object.keys(wanted)])]
    .map((name) => [name, shown(name, held[name]), shown(name, wanted[name])])
    .filter(([, is, want]) => is !== want)
    .map(([name, is, want]) => [say(`crew_field_${name}`), [
      el("div", {}, el("b", {}, say("crew_true_now")), " ", is), el("div", {}, el("b", {}, say("crew_wanted")), " ", want)]]);
}

function shown(name, value) {
  if (name === "members") return (value ?? []).map((one) => `${one.name} (${say(`crew_post_${one.post}`)})`).join(", ") || "—";
  if (value === true) return "✓";
  return [value || []].flat().join(", ") || "—";
}

/** What is true now beside what this person wanted; nothing is overwritten unseen. */
function settle(entry) {
  const { now } = entry;
  const waits = queue.openOf(entry.order).filter((one) => one.fate === "waits").length;
  const asksReason = entry.code === "order_outside_fence";
  const why = asksReason && el("select", { "aria-label": say("crew_reason") },
    ["", ...(day.held.day?.reasons.outside ?? [])].map((code) => el("option", { value: code }, code ? word("crew_outside", code) : say("crew_reason"))));
  const isOffShift = entry.code === "duty_no_shift" || entry.code === "duty_no_shift_at_all";
  const again = () => {
    if (isOffShift) return queue.anyway(entry, { called_in: true });
    if (!asksReason) return queue.anyway(entry);
    return why.value ? queue.anyway(entry, { reason_code: why.value }) : why.focus();
  };
  return el("div", { class: "why dark" },
    el("p", {}, entry.reason || say("crew_refused_unworded")),
    now && el("p", {}, el("b", {}, say("crew_true_now")), " ", say("crew_true_now_words", {
      state: say(`crew_state_${now.state}`), by: now.by ?? "—", at: moment(now.at, day.now()), crew: now.crew ?? "—",
    })),
    el("p", {}, el("b", {}, say("crew_wanted")), " ", words(entry), ` (${clock(entry.made_at)})`),
    now?.card && terms(differing(now.card, entry.body.card ?? {})),
    waits > 0 && el("p", {}, say("crew_waits_behind", { count: waits })),
    why,
    el("div", { class: "actions" },
      (entry.anyway || asksReason || isOffShift) && button(say(isOffShift ? "crew_called_in" : "crew_anyway"), again, "main"),
      button(say("crew_drop"), () => queue.drop(entry), "risk")));
}
