/** The bar at the bottom: call, way, and the one deed that comes next. */
import { button, el, fill } from "./crew_dom.js";
import * as day from "./crew_day.js";
import * as form from "./crew_form.js";
import * as moves from "./crew_moves.js";
import * as place from "./crew_place.js";
import * as queue from "./crew_queue.js";
import { ask, NoLine } from "./crew_line.js";
import { metres, say, word } from "./crew_words.js";

const isApple = /iPhone|iPad|Macintosh/.test(navigator.userAgent);

/** `screen`: where a deed asks for more; `again`: draw anew. */
export function show(bar, order, { screen, notice, isForm }) {
  if (!order) return fill(bar);
  const deed = moves.next(order);
  const main = isForm ? saveForm(order, notice) : deed && button(moves.label(deed), () => begin(order, deed, { screen, notice }), "main", { id: "next", disabled: deed === "wait" });
  return fill(
    bar,
    !isForm && order.can_call && button("☎", () => call(order, notice), "", { "aria-label": say("crew_call"), id: "call" }),
    !isForm && order.nav && button("➤", () => ways(screen, order), "", { "aria-label": say("crew_navigate"), id: "way" }),
    main,
  );
}

const saveForm = (order, notice) => button(say("crew_do_gate_asked"), async () => {
  const missing = await form.askGate(order);
  if (missing.length) return notice(say("crew_form_lacking", { fields: missing.map((one) => say(`crew_field_${one}`)).join(", ") }), "bad");
  return history.back();
}, "main", { id: "next", disabled: Boolean(order.gate?.approved_at || order.gate?.asked_at) });

function begin(order, deed, tools) {
  if (deed === "settle") location.hash = "#queue";
  else if (deed === "gate") location.hash = `#form/${encodeURIComponent(order.order_id)}`;
  else if (deed === "arrived") checkIn(order, tools);
  else if (deed === "rating") rate(order, tools);
  else moves.make(order, deed);
}

const sheet = (screen, ...parts) => {
  const made = el("section", { class: "job", role: "dialog", id: "sheet" }, ...parts);
  screen.querySelector("#sheet")?.remove();
  screen.prepend(made);
  made.scrollIntoView({ block: "start" });
  made.querySelector("button, select")?.focus();
};

/** Position and accuracy are shown before they are sent; whether it is the site, the server judges. */
async function checkIn(order, { screen }) {
  sheet(screen, el("p", {}, say("crew_locating")));
  const fix = await place.ask();
  const far = fix && order.lat !== null ? place.distance(fix, order) : null;
  const radius = order.site_radius_m;
  const isNear = order.lat === null || (far !== null && far - Math.min(fix.accuracy_m, day.held.day.worst_accuracy_m) <= radius);
  const why = el("select", { id: "outside-reason", "aria-label": say("crew_reason") },
    ["", ...day.held.day.reasons.outside].map((code) => el("option", { value: code }, code ? word("crew_outside", code) : say("crew_reason"))));
  const done = () => {
    if (!isNear && !why.value) return why.focus();
    return moves.make(order, "arrived", { lon: fix?.lon ?? null, lat: fix?.lat ?? null, accuracy_m: fix?.accuracy_m ?? null, reason_code: isNear ? null : why.value });
  };
  sheet(screen,
    el("h2", {}, say("crew_do_arrived")),
    el("p", {}, fix ? say("crew_position", { lon: fix.lon.toFixed(5), lat: fix.lat.toFixed(5), accuracy: fix.accuracy_m }) : say(`crew_no_position_${place.last.why || "none"}`)),
    far !== null && el("p", {}, say("crew_from_site", { far: metres(far), radius })),
    !isNear && [el("p", { class: "late" }, say("crew_outside_fence")), why],
    el("div", { class: "actions" }, button(say("crew_do_arrived"), done, "main", { id: "check-in" }), button(say("crew_cancel"), () => screen.querySelector("#sheet")?.remove(), "plain")));
}

/** The customer rates before the crew leaves, or there is a reason why not. */
function rate(order, { screen }) {
  const most = day.held.day.rating_most;
  const why = el("select", { id: "unrated-reason", "aria-label": say("crew_unrated") },
    ["", ...day.held.day.reasons.unrated].map((code) => el("option", { value: code }, code ? word("crew_unrated", code) : say("crew_unrated"))));
  sheet(screen,
    el("h2", {}, say("crew_rate_title")), el("p", {}, say("crew_rate_hint")),
    el("div", { class: "stars" }, Array.from({ length: most }, (_, nr) => button(`${nr + 1}★`, () => moves.make(order, "rated", { detail: { rating: nr + 1 } }), "", { "aria-label": say("crew_rate", { count: nr + 1 }) }))),
    el("p", {}), why,
    el("div", { class: "actions" }, button(say("crew_do_unrated"), () => (why.value ? moves.make(order, "unrated", { reason_code: why.value }) : why.focus()), "plain")));
}

/** The phone's own map apps, each in the datum it expects. */
function ways(screen, order) {
  const links = { ...order.nav };
  if (isApple) links.amap = links.amap.replace("amapuri://route/plan/?", "iosamap://path?sourceApplication=grid-cells&");
  sheet(screen, el("h2", {}, say("crew_navigate")),
    Object.entries(links).map(([app, href]) => el("a", { class: "button", href, style: "margin:4px;min-width:45%" }, say(`crew_app_${app}`))),
    el("p", { class: "soft" }, say("crew_navigate_hint")));
}

/** A number is asked for when it is needed, and that it was asked for is on record. */
async function call(order, notice) {
  if (order.phone) return void (location.href = `tel:${order.phone}`);
  try {
    const { status, told } = await ask("/crew/call", { who: queue.state.who, order: order.order_id });
    if (status === 200) location.href = `tel:${told.phone}`;
    else notice(told.reason, "bad");
  } catch (error) {
    notice(say(error instanceof NoLine ? "crew_call_offline" : "crew_signed_out"), "bad");
  }
  return undefined;
}
