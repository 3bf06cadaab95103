/** Whose is this? By position, tap, address or number; without a line from the cells on the phone. */
/* global h3 */
import { button, el, fill, terms } from "./crew_dom.js";
import * as day from "./crew_day.js";
import * as map from "./crew_map.js";
import * as place from "./crew_place.js";
import { ask, Busy, NoLine, SignedOut } from "./crew_line.js";
import { language, number, say, word } from "./crew_words.js";
import { reason } from "./crew_today.js";

export const asked = { answer: null, where: null, words: "", why: "" };

const LON_LAT = /^\s*(-?\d{1,3}\.\d+)\s*[,;，\s]\s*(-?\d{1,3}\.\d+)\s*$/;

/** What was typed: a place as lon,lat or lat,lon, a number, else an address. */
function meant(words) {
  const pair = LON_LAT.exec(words);
  if (pair) {
    const [a, b] = [Number(pair[1]), Number(pair[2])];
    return Math.abs(a) > 90 ? { lon: a, lat: b } : Math.abs(b) > 90 ? { lon: b, lat: a } : { lon: a, lat: b };
  }
  return /^[0-9A-Za-z-]{6,}$/.test(words.trim()) && /\d{4}/.test(words) ? { customer: words.trim() } : { address: words.trim() };
}

export async function byWords(words) {
  if (!words.trim()) return;
  asked.words = words;
  await look(meant(words));
}

export async function byPosition() {
  const fix = await place.ask();
  if (fix) await look({ lon: fix.lon, lat: fix.lat });
  else Object.assign(asked, { answer: null, where: null, why: say(`crew_no_position_${place.last.why || "none"}`) });
}

/** The server's answer, else what the phone knows of the place. */
export async function look(wanted) {
  Object.assign(asked, { answer: null, why: "", where: "lon" in wanted ? wanted : null });
  try {
    // what is asked for may be a home: never in an address
    const { status, told } = await ask(`/crew/whose?lang=${language()}`, wanted);
    if (status === 200) Object.assign(asked, { answer: told, where: told.lon === null ? asked.where : { lon: told.lon, lat: told.lat } });
    else asked.why = told.reason;
  } catch (error) {
    if (!(error instanceof NoLine || error instanceof SignedOut || error instanceof Busy)) throw error;
    offline(wanted);
  }
  map.mark(asked.where);
}

/** The smallest answer without a line: which area the place's cell lies in, and what is out there. */
function offline(wanted) {
  const told = day.held.day;
  if (!("lon" in wanted) || !told?.area.resolution) {
    const near = day.orders().find((one) => one.address && wanted.address && one.address.includes(wanted.address));
    if (near?.lat != null) return offline({ lon: near.lon, lat: near.lat });
    asked.why = say("crew_whose_offline_words");
    return undefined;
  }
  asked.where = wanted;
  const cell = h3.latLngToCell(wanted.lat, wanted.lon, told.area.resolution);
  const at = told.area.cells.indexOf(cell);
  const area = told.area.borders.find((one) => one.area_id === told.area.cell_areas[at]);
  asked.answer = {
    cell, is_offline: true, rule: at < 0 ? "none" : "cell", area: area?.area_id ?? null, area_name: area?.name ?? null,
    customers_in_cell: at < 0 ? null : told.area.customers[at],
  };
  return undefined;
}

export function show(screen, again) {
  const { answer, why } = asked;
  fill(
    screen,
    el("h2", {}, say("crew_whose")),
    why && el("p", { class: "why dark" }, why),
    answer && result(answer),
    !answer && !why && el("p", {}, say("crew_whose_hint")),
    el("div", { class: "actions" }, button(say("crew_whose_here"), async () => { await byPosition(); again(); }, "plain")),
  );
}

function result(one) {
  const told = day.held.day;
  const dark = (told?.outages ?? []).find((out) => out.cells.includes(one.cell));
  const isMine = told?.area.borders.some((area) => area.area_id === one.area);
  const person = (who) => who && [who.name ?? who.id, who.phone && [" ", el("a", { class: "button", href: `tel:${who.phone}` }, "☎")]];
  return [
    el("p", { class: `why${dark ? " dark" : ""}` }, dark ? reason(dark) : say("crew_why_not_known")),
    one.is_offline && el("p", {}, el("span", { class: "tag amber" }, say("crew_whose_offline"))),
    el("h3", {}, one.area ? `${one.area_name ?? one.area} (${one.area})` : say(`crew_rule_${one.rule}`), " ", isMine && el("span", { class: "tag blue" }, say("crew_whose_mine"))),
    terms([
      [say("crew_whose_customer"), one.customer], [say("crew_whose_transformer"), one.transformer], [say("crew_whose_unit"), one.unit_name ?? one.unit],
      [say("crew_whose_manager"), person(one.manager)], [say("crew_whose_backup"), person(one.backup)], [say("crew_whose_crew"), person(one.crew)],
      [say("crew_whose_promise"), one.promise_class && word("value_promise_class", one.promise_class)], [say("crew_whose_cell"), one.cell],
      [say("crew_whose_count"), one.customers_in_cell != null ? number(one.customers_in_cell) : null],
    ]),
  ];
}
