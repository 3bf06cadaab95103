/** The result of an inspection: typed and signed on the phone, kept as a draft, sent when there is a line. */
import { button, el } from "./crew_dom.js";
import * as day from "./crew_day.js";
import * as place from "./crew_place.js";
import * as queue from "./crew_queue.js";
import * as store from "./crew_store.js";
import { say, word } from "./crew_words.js";

const RESULT = "#result";
const OUTCOMES = ["confirmed", "cleared", "record_error", "wrong_wiring", "tariff_misuse", "meter_fault", "nobody_there"];
const WIDE = 640, HIGH = 240, PEN = 3;

const keyOf = (order) => `${order.order_id}${RESULT}`;
const empty = () => ({ outcome: "", first: "", second: "", seals: "", kwh: "", penalty: "", strokes: [] });

/** Nothing for whoever may not enter results; what waits to be sent is said instead of a second form. */
export function part(order, notice) {
  const people = day.held.day?.inspectors ?? [];
  if (order.kind !== "inspection" || !people.length || !day.isOpen(order)) return null;
  if (queue.openOf(order.order_id).some((one) => one.kind === "result")) return el("p", {}, el("span", { class: "tag amber" }, say("crew_result_unsent")));
  const kept = { ...empty(), ...store.draft(queue.state.who, keyOf(order)) };
  const typed = (name, value) => store.keepDraft(queue.state.who, keyOf(order), Object.assign(kept, { [name]: value }));
  const pad = signature(kept, typed);
  return el("details", { id: "result", open: Boolean(store.draft(queue.state.who, keyOf(order))) },
    el("summary", { style: "min-height:48px;padding:12px 0;font-weight:650" }, say("crew_result")),
    choice("outcome", OUTCOMES.map((one) => [one, word("value_outcome", one)]), kept, typed),
    ["first", "second"].map((name) => choice(name, people.map((one) => [one.id, one.name]), kept, typed)),
    ["kwh", "penalty"].map((name) => field(name, kept, typed, { type: "number", min: "0", step: "any", inputmode: "decimal" })),
    field("seals", kept, typed, { maxlength: 200 }),
    el("p", {}, say("crew_result_sign")), pad,
    el("div", { class: "actions" },
      button(say("crew_result_clear"), () => { typed("strokes", []); draw(pad, kept.strokes); }, "plain", { id: "result-clear" }),
      button(say("crew_result_save"), () => save(order, kept, pad, notice), "main", { id: "result-save" })));
}

const named = (name) => el("label", { for: `result-${name}` }, say(`crew_result_${name}`));

const choice = (name, options, kept, typed) => [named(name), el("select", { id: `result-${name}`, onchange: (event) => typed(name, event.target.value) },
  [["", "—"], ...options].map(([value, words]) => el("option", { value, selected: value === kept[name] }, words)))];

const field = (name, kept, typed, given) => [named(name), el("input", { id: `result-${name}`, value: kept[name], autocomplete: "off", ...given, oninput: (event) => typed(name, event.target.value) })];

/** A pad to sign on with a finger, a pen or a mouse; every stroke is kept at once. */
function signature(kept, typed) {
  const pad = el("canvas", { id: "result-signature", width: WIDE, height: HIGH, role: "img", "aria-label": say("crew_result_sign"),
    style: "width:100%;height:auto;touch-action:none;background:#fff;border:1px solid #8a9691;border-radius:8px" });
  let stroke = null;
  const at = (event) => {
    const box = pad.getBoundingClientRect();
    return [Math.round((event.clientX - box.left) * WIDE / box.width), Math.round((event.clientY - box.top) * HIGH / box.height)];
  };
  pad.addEventListener("pointerdown", (event) => { pad.setPointerCapture(event.pointerId); stroke = [at(event)]; event.preventDefault(); });
  pad.addEventListener("pointermove", (event) => { if (stroke) { stroke.push(at(event)); draw(pad, [...kept.strokes, stroke]); } });
  const end = () => { if (stroke) typed("strokes", [...kept.strokes, stroke]); stroke = null; draw(pad, kept.strokes); };
  pad.addEventListener("pointerup", end);
  pad.addEventListener("pointercancel", end);
  draw(pad, kept.strokes);
  return pad;
}

function draw(pad, strokes) {
  const pen = pad.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, WIDE, HIGH);
  Object.assign(pen, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle: "#17292a" });
  for (const stroke of strokes) {
    pen.beginPath();
    pen.moveTo(...stroke[0]);
    for (const point of stroke.length > 1 ? stroke.slice(1) : [[stroke[0][0] + 1, stroke[0][1]]]) pen.lineTo(...point);
    pen.stroke();
  }
}

const isSettled = (outcome) => outcome !== "nobody_there";

function lacking(kept) {
  if (!kept.outcome) return "outcome";
  if (!isSettled(kept.outcome)) return null;
  if (!kept.first) return "first";
  if (!kept.second || kept.second === kept.first) return "second";
  return kept.strokes.length ? null : "signature";
}

/** The picture of the signature goes first, as a piece of evidence; the result names it. */
async function save(order, kept, pad, notice) {
  const missing = lacking(kept);
  if (missing) {
    notice(say("crew_result_lacking"), "bad");
    return document.getElementById(`result-${missing}`)?.focus();
  }
  let signed = null;
  if (kept.strokes.length) {
    const blob = await new Promise((done) => pad.toBlob(done, "image/png"));
    const fix = place.fresh();
    const body = { kind: "photo", media_type: "image/png", taken_at: new Date().toISOString(), ...(fix ? { lon: fix.lon, lat: fix.lat, accuracy_m: fix.accuracy_m } : {}) };
    signed = await queue.add({ kind: "evidence", order: order.order_id, blob, body, about: { code: "crew_step_signature", order: order.order_id } });
  }
  const body = {
    outcome: kept.outcome, inspectors: [kept.first, kept.second].filter(Boolean).join(";"), seals: kept.seals.trim(),
    kwh: Number(kept.kwh) || 0, penalty: Number(kept.penalty) || 0, signature: signed?.key ?? "",
  };
  store.dropDraft(queue.state.who, keyOf(order));
  return queue.add({ kind: "result", order: order.order_id, body, about: { code: "crew_step_result", order: order.order_id } });
}
