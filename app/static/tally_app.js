/** The page of taps: one button a matter, what was counted today, the last tap taken back. */
import { ask, NoLine, SignedOut } from "./crew_line.js";
import { byId, el, fill } from "./crew_dom.js";
import * as queue from "./tally_queue.js";

const LANGUAGE = "tally.language", HALL = "tally.hall", DAY = "tally.day", REFRESH_MS = 60000;
let words = {}, spoken = "en", day = null, counted = new Map();

const say = (code, values = {}) => (words[code] ?? code).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

function wished() {
  const asked = new URLSearchParams(location.search).get("lang") || localStorage.getItem(LANGUAGE);
  if (asked === "en" || asked === "zh") return asked;
  return (navigator.language || "").toLowerCase().startsWith("zh") ? "zh" : "en";
}

async function speak(chosen) {
  const answer = await fetch(`/tally/static/words-${chosen}.json`);
  words = await answer.json();
  spoken = chosen;
  localStorage.setItem(LANGUAGE, chosen);
  document.documentElement.lang = chosen;
}

const hall = () => byId("hall").value;
const at = (place, matter) => `${place}/${matter}`;

/** The server's count of today with what still waits here. */
function count(matter) {
  const waits = queue.waiting().filter((one) => one.hall === hall() && one.matter === matter)
    .reduce((sum, one) => sum + (one.back ? -1 : 1), 0);
  return (counted.get(at(hall(), matter)) ?? 0) + waits;
}

function take(told) {
  day = told;
  counted = new Map(told.counts.map((one) => [at(one.hall, one.matter), one.tallies]));
  queue.state.who = told.who;
  localStorage.setItem(DAY, JSON.stringify({ ...told, counts: [] }));
  const wanted = hall() || new URLSearchParams(location.search).get("hall") || localStorage.getItem(HALL);
  fill(byId("hall"), told.halls.map((one) => el("option", { value: one.id }, one.name)));
  for (const one of byId("hall").options) if (one.value === wanted) byId("hall").value = wanted;
}

async function refresh() {
  try {
    if (queue.waiting().length) await queue.send(true);
    const { status, told } = await ask("/tally/day");
    if (status !== 200) return;
    take(told);
    queue.state.line = "online";
  } catch (error) {
    if (error instanceof SignedOut) queue.state.line = "signed_out";
    else if (error instanceof NoLine) queue.state.line = "offline";
    if (!day) takeKept();
  }
  draw();
}

/** Without a line the halls of last time do: their counts are not known, the taps are kept. */
function takeKept() {
  const kept = localStorage.getItem(DAY);
  if (kept) take(JSON.parse(kept));
}

function draw() {
  document.title = `${say("tally_title")} · Grid Cells`;
  byId("title").textContent = say("tally_title");
  byId("where_words").textContent = say("tally_hall_choose");
  byId("language").textContent = spoken === "zh" ? "English" : "中文";
  byId("back").textContent = say("tally_take_back");
  byId("back").disabled = !day || !queue.lastOwn();
  notice();
  unsent();
  if (!day) return fill(byId("matters"), el("p", {}, say("tally_nothing_yet")));
  if (!day.halls.length) return fill(byId("matters"), el("p", {}, say("tally_no_hall")));
  buttons();
}

function buttons() {
  const held = new Map([...byId("matters").querySelectorAll("button")].map((one) => [one.dataset.matter, one]));
  if (held.size !== day.matters.length || byId("matters").dataset.lang !== spoken) {
    byId("matters").dataset.lang = spoken;
    fill(byId("matters"), day.matters.map((matter) => el("button", {
      type: "button", "data-matter": matter, onclick: () => tapped(matter),
    }, el("span", { class: "word" }, say(`matter_${matter}`)), el("span", { class: "count" }))));
  }
  let total = 0;
  for (const one of byId("matters").querySelectorAll("button")) {
    const here = count(one.dataset.matter);
    total += here;
    one.querySelector(".count").textContent = String(here);
    one.setAttribute("aria-label", say("tally_button", { matter: say(`matter_${one.dataset.matter}`), count: here }));
  }
  byId("total").textContent = say("tally_total", { count: total });
}

function tapped(matter) {
  if (!hall()) return;
  queue.tap(hall(), matter);
  navigator.vibrate?.(20);
  const pressed = byId("matters").querySelector(`[data-matter="${matter}"]`);
  pressed.classList.remove("hit");
  requestAnimationFrame(() => pressed.classList.add("hit"));
}

function unsent() {
  const waits = queue.waiting().length, pill = byId("unsent");
  pill.dataset.count = String(waits);
  pill.className = waits ? "waits" : "";
  pill.textContent = waits ? say("tally_unsent", { count: waits }) : say("tally_sent");
}

function notice() {
  const { line } = queue.state, place = byId("notice"), bad = queue.refused(), others = queue.ofOthers();
  const code = bad.length ? "tally_refused" : line === "signed_out" ? "tally_signed_out" : line === "other_person" ? "tally_other_person"
    : line === "offline" ? "tally_offline" : others ? "tally_of_others" : "";
  place.hidden = !code;
  place.className = bad.length || line === "signed_out" || line === "other_person" ? "bad" : "";
  fill(place, code && el("span", {}, say(code, { count: bad.length || others, why: bad.length ? say(bad[0].code) : "" })),
    line === "signed_out" && el("a", { class: "button", href: "/sign-in?next=%2Ftally" }, say("tally_sign_in")),
    bad.length > 0 && el("button", { type: "button", onclick: () => { queue.forgetRefused(); draw(); } }, say("tally_seen")));
}

function heard(news) {
  for (const one of news.settled ?? []) {
    if (one.fate !== "done") continue;
    const key = at(one.hall, one.matter);
    counted.set(key, (counted.get(key) ?? 0) + (one.back ? -1 : 1));
  }
  draw();
}

/** The address says the hall chosen, so that a page loaded anew does not go back to another. */
function chosen() {
  const address = new URL(location.href);
  address.searchParams.set("hall", hall());
  history.replaceState(null, "", address);
  localStorage.setItem(HALL, hall());
  draw();
}

byId("hall").addEventListener("change", chosen);
byId("back").addEventListener("click", () => queue.takeBack());
byId("language").addEventListener("click", async () => { await speak(spoken === "zh" ? "en" : "zh"); draw(); });
window.addEventListener("online", () => refresh());
window.addEventListener("offline", () => { queue.state.line = "offline"; draw(); });
window.addEventListener("storage", () => draw());
queue.onChange(heard);
await speak(wished());
await refresh();
setInterval(refresh, REFRESH_MS);
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/tally/sw.js", { scope: "/tally" }).catch((error) => console.warn(error));
document.body.dataset.ready = "1";
