/** Photo, short sound or video, note: kept on the phone at once, sent when there is a line. */
import { el, button, fill } from "./crew_dom.js";
import { NOTE } from "./crew_day.js";
import * as place from "./crew_place.js";
import * as queue from "./crew_queue.js";
import * as store from "./crew_store.js";
import { clock, say, word } from "./crew_words.js";

const LONGEST_SIDE = 1600, QUALITY = 0.82;
const LARGEST = { photo: 8000e3, audio: 8000e3, video: 40000e3 };

/** Photos are made small enough for a weak line; what cannot be read stays as it is. */
async function smaller(file) {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = el("canvas", { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    return blob && blob.size < file.size ? blob : file;
  } catch {
    return file;
  }
}

const kindOf = (type) => (type.startsWith("image/") ? "photo" : type.startsWith("audio/") ? "audio" : "video");

async function add(order, file, notice) {
  if (!file) return;
  const kind = kindOf(file.type);
  const content = kind === "photo" ? await smaller(file) : file;
  if (content.size > LARGEST[kind]) return void notice(say("crew_evidence_long", { most: LARGEST[kind] / 1e6 }));
  await queue.add({
    kind: "evidence", order: order.order_id, blob: content, about: { code: `crew_step_${kind}`, order: order.order_id },
    body: { kind, media_type: content.type || file.type, taken_at: new Date().toISOString(), ...where(place.fresh()) },
  });
}

const where = (fix) => (fix ? { lon: fix.lon, lat: fix.lat, accuracy_m: fix.accuracy_m } : {});

function pick(order, code, accept, capture, notice) {
  const input = el("input", { type: "file", accept, capture, hidden: true, onchange: (event) => add(order, event.target.files[0], notice) });
  return [input, button(say(code), () => input.click(), "plain")];
}

function note(order, irregularities) {
  const key = `${order.order_id}${NOTE}`;
  const kept = store.draft(queue.state.who, key) ?? { note: "", irregularity: "" };
  const typed = (name, value) => store.keepDraft(queue.state.who, key, Object.assign(kept, { [name]: value }));
  const words = el("textarea", { value: kept.note, maxlength: 500, id: "evidence-note", oninput: (event) => typed("note", event.target.value) });
  const found = el("select", { id: "evidence-irregularity", onchange: (event) => typed("irregularity", event.target.value) },
    ["", ...irregularities].map((code) => el("option", { value: code, selected: code === kept.irregularity }, code ? word("crew_irregularity", code) : say("crew_irregularity_none"))));
  const send = async () => {
    if (!kept.note.trim() && !kept.irregularity) return words.focus();
    store.dropDraft(queue.state.who, key);
    const body = { kind: "note", note: kept.note.trim() || null, irregularity: kept.irregularity || null, taken_at: new Date().toISOString(), ...where(place.fresh()) };
    await queue.add({ kind: "evidence", order: order.order_id, body, about: { code: "crew_step_note", order: order.order_id } });
  };
  return [
    el("label", { for: "evidence-note" }, say("crew_evidence_note")), words,
    el("label", { for: "evidence-irregularity" }, say("crew_irregularity")), found,
    el("div", { class: "actions" }, button(say("crew_evidence_keep"), send, "plain")),
  ];
}

export function part(order, irregularities, notice) {
  const list = el("ul", { class: "rows" });
  const waiting = queue.openOf(order.order_id).filter((one) => one.kind === "evidence");
  fill(list, waiting.map(unsent), (order.evidence ?? []).map((one) => told(order, one)));
  return [
    el("h2", {}, say("crew_evidence")), list,
    el("div", { class: "actions" },
      pick(order, "crew_take_photo", "image/*", "environment", notice),
      pick(order, "crew_take_audio", "audio/*", "", notice),
      pick(order, "crew_take_video", "video/*", "environment", notice)),
    note(order, irregularities),
  ];
}

function unsent(entry) {
  const picture = entry.blob?.type.startsWith("image/") ? el("img", { class: "thumb", src: URL.createObjectURL(entry.blob), alt: "" }) : null;
  return el("li", { class: "row" }, picture, el("span", { class: "grow" }, say(entry.about.code), entry.body.note && `: ${entry.body.note}`),
    el("span", { class: "tag amber" }, say("crew_unsent_tag")));
}

/** An irregularity counts once a person has confirmed it. */
function told(order, one) {
  const isOpen = one.irregularity && !one.confirmed_at && !one.refuted_at && !queue.openOf(order.order_id).some((step) => step.kind === "confirm" && step.body.evidence === one.evidence_id);
  const settle = (isTrue) => queue.add({
    kind: "confirm", order: order.order_id, body: { evidence: one.evidence_id, is_true: isTrue }, about: { code: "crew_step_confirm", order: order.order_id },
  });
  return el("li", {},
    el("div", { class: "row" }, el("span", { class: "grow" }, `${say(`crew_step_${one.kind}`)} · ${clock(one.taken_at)}`, one.note && el("br"), one.note),
      one.irregularity && el("span", { class: `tag ${one.confirmed_at ? "red" : "amber"}` }, word("crew_irregularity", one.irregularity))),
    isOpen && el("div", { class: "actions" }, button(say("crew_confirm_yes"), () => settle(true), "plain"), button(say("crew_confirm_no"), () => settle(false), "plain")));
}
