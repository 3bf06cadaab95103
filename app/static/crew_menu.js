/** Duty, hand-over, language, who is signed in, and signing out without losing anything. */
import { button, el, fill } from "./crew_dom.js";
import * as day from "./crew_day.js";
import * as form from "./crew_form.js";
import * as place from "./crew_place.js";
import * as queue from "./crew_queue.js";
import * as store from "./crew_store.js";
import { language, moment, say, speak, word } from "./crew_words.js";
import { title } from "./crew_today.js";

const installing = { ask: null };
/** What becomes of each open order at the end of the shift, by its id. */
const kept = {};
window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  installing.ask = event;
});

/** On duty as the last step on its way says, or as the server said: just now, or until the rule ends the duty. */
export function isOnDuty() {
  const said = queue.open().filter((one) => one.kind === "duty" && !queue.STUCK.has(one.fate)).pop();
  const told = day.held.day?.duty;
  if (said) return said.body.step === "on";
  return Boolean(told?.is_on) && (day.held.isFresh || Date.parse(told.ends_by) > day.now());
}

/** Positions are asked for on duty alone, as often as the server's rule says. */
export const follow = () => place.follow(isOnDuty(), day.held.day?.duty?.tell_every_s);

export function show(screen, again, notice) {
  const told = day.held.day;
  fill(
    screen,
    el("h2", {}, told?.name ?? say("crew_nobody")),
    told && el("p", {}, told.crew_name ?? say("crew_none_yours")),
    told?.crew_id && duty(told, again, notice),
    el("h2", {}, say("crew_hand_over")), handOver(),
    el("h2", {}, say("crew_phone")),
    el("p", { class: "soft" }, say(place.isPossible() ? "crew_position_ok" : "crew_position_insecure")),
    el("p", { class: "soft" }, say("serviceWorker" in navigator ? "crew_install_hint" : "crew_install_insecure")),
    el("div", { class: "actions" },
      installing.ask && button(say("crew_install"), () => installing.ask.prompt(), "plain"),
      button(language() === "zh" ? "English" : "中文", async () => { await speak(language() === "zh" ? "en" : "zh"); await day.refresh(); again(); }, "plain", { id: "language" }),
      button(say("crew_refresh"), async () => { await day.refresh(); queue.send(true); again(); }, "plain")),
    el("div", { class: "actions" }, el("a", { class: "button", href: "/my_area" }, say("crew_full_app")), button(say("crew_sign_out"), () => signOut(screen, again), "risk", { id: "sign-out" })),
  );
}

/** That tracks are kept on duty alone is said before the duty begins. */
function duty(told, again, notice) {
  const isOn = isOnDuty();
  const change = async () => {
    if (!isOn && !document.getElementById("told-of-tracks").checked) return notice(say("crew_tracks_first"), "bad");
    if (isOn && day.orders().some((one) => day.isOpen(one) && !kept[one.order_id])) return notice(say("crew_hand_over_first"), "bad");
    const fix = await place.ask();
    if (isOn) place.flush();
    await queue.add({
      kind: "duty", about: { code: isOn ? "crew_step_duty_off" : "crew_step_duty_on" },
      body: {
        step: isOn ? "off" : "on", told_of_tracks: true, called_in: document.getElementById("called-in")?.checked ?? false,
        place: fix ? { lon: fix.lon, lat: fix.lat, accuracy_m: fix.accuracy_m } : null, ...(isOn ? { open_orders: kept } : {}),
      },
    });
    follow();
    return again();
  };
  return [
    el("p", {}, isOn ? say("crew_on_duty", { at: moment(told.duty?.since ?? told.now, day.now()) }) : say("crew_off_duty")),
    !isOn && el("label", { class: "check" }, el("input", { type: "checkbox", id: "told-of-tracks" }), say("crew_tracks_told", { days: told.duty?.kept_days ?? "—" })),
    !isOn && el("label", { class: "check" }, el("input", { type: "checkbox", id: "called-in" }), say("crew_called_in")),
    el("div", { class: "actions" }, button(say(isOn ? "crew_duty_off" : "crew_duty_on"), change, isOn ? "risk" : "main", { id: "duty" })),
  ];
}

/** What is open at the end of the shift, for whoever comes next. */
function handOver() {
  const open = day.orders().filter(day.isOpen);
  const chores = (day.held.day?.chores ?? []).filter((one) => !day.isTicked(one)).length;
  return [
    el("p", {}, say("crew_hand_over_open", { count: open.length, chores, unsent: queue.open().length })),
    el("ul", { class: "rows" }, open.map((one) => el("li", {}, el("a", { class: "tap button", href: `#order/${encodeURIComponent(one.order_id)}` },
      el("span", { class: "grow" }, title(one), el("br"), el("small", {}, say(`crew_state_${one.state}`), one.note ? ` · ${one.note}` : "")), "›"),
      isOnDuty() && fate(one.order_id)))),
    open.length > 0 && el("p", { class: "soft" }, say("crew_hand_over_hint")),
  ];
}

/** Whether an order stays with the crew or goes to another, told with the step off duty. */
const fate = (id) => el("select", { "aria-label": say("crew_hand_over_to"), onchange: (event) => { kept[id] = event.target.value; } },
  el("option", { value: "" }, say("crew_hand_over_to")), (day.held.day?.reasons.keep ?? []).map((one) => el("option", { value: one, selected: kept[id] === one }, word("keep_reason", one))),
  (day.held.day?.crews ?? []).map((one) => el("option", { value: `crew:${one.crew_id}`, selected: kept[id] === `crew:${one.crew_id}` }, one.name)));

function signOut(screen, again) {
  const unsent = queue.open().length, { who } = queue.state;
  const go = async () => {
    for (const { order } of store.draftsOf(who)) {
      const known = day.order(order);
      if (known) await form.keep(known);
    }
    if (who) await day.wipe(who);
    store.setWho(null);
    place.follow(false);
    const leave = el("form", { method: "post", action: "/sign-out" });
    document.body.append(leave);
    leave.submit();
  };
  fill(
    screen,
    el("h2", {}, say("crew_sign_out")),
    el("p", {}, unsent ? say("crew_sign_out_unsent", { count: unsent }) : say("crew_sign_out_all_sent")),
    el("div", { class: "actions" },
      unsent > 0 && button(say("crew_send_now"), async () => { await queue.send(true); signOut(screen, again); }, "main"),
      button(say("crew_sign_out"), go, "risk", { id: "sign-out-now", disabled: !navigator.onLine }), button(say("crew_cancel"), again, "plain")),
    !navigator.onLine && el("p", { class: "soft" }, say("crew_sign_out_offline")),
  );
}
