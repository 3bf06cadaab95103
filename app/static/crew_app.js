/** The page: which screen is shown, what stands at the top and at the bottom, when all is drawn anew. */
import { byId, el, fill } from "./crew_dom.js";
import * as card from "./crew_card.js";
import * as day from "./crew_day.js";
import * as deeds from "./crew_deeds.js";
import * as form from "./crew_form.js";
import * as map from "./crew_map.js";
import * as menu from "./crew_menu.js";
import * as place from "./crew_place.js";
import * as queue from "./crew_queue.js";
import * as settle from "./crew_settle.js";
import * as today from "./crew_today.js";
import * as whose from "./crew_whose.js";
import { say, speak } from "./crew_words.js";

const REFRESH_MS = 60000, TICK_MS = 30000, NOTICE_MS = 8000;
const screen = byId("screen"), bar = byId("deeds");
let shown = "", noticeTimer = null, isAsking = false, isWanted = false;

const where = () => {
  const [name, id = ""] = location.hash.slice(1).split("/");
  return { name: name || "today", id: decodeURIComponent(id) };
};
const go = (hash) => { location.hash = hash; };

export function notice(words, kind = "") {
  clearTimeout(noticeTimer);
  const place_ = byId("notice");
  place_.className = kind;
  place_.hidden = !words;
  fill(place_, el("span", { class: "words" }, words ?? ""));
  if (words) noticeTimer = setTimeout(standing, NOTICE_MS);
}

/** What has to stay in sight: who must sign in again, that there is no line. */
function standing() {
  const { line } = queue.state;
  const place_ = byId("notice");
  const code = line === "signed_out" ? "crew_signed_out" : line === "offline" ? "crew_offline" : line === "busy" ? "crew_line_busy" : "";
  place_.hidden = !code;
  place_.className = line === "signed_out" ? "bad" : "";
  fill(place_, code && el("span", { class: "words" }, say(code)), line === "signed_out" && el("a", { class: "button", href: "/sign-in?next=%2Fcrew" }, say("crew_sign_in")));
}

function top(name) {
  const told = day.held.day;
  const { id } = where();
  byId("title").textContent = name === "today" || name === "whose" ? [say("crew_my_area"), told?.crew_name].filter(Boolean).join(" · ")
    : name === "order" || name === "form" ? id : say(`crew_screen_${name}`);
  const back = byId("back");
  back.hidden = name === "today";
  back.textContent = "‹";
  back.setAttribute("aria-label", say("crew_back"));
  byId("menu").textContent = "⋯";
  byId("menu").setAttribute("aria-label", say("crew_screen_menu"));
  unsent();
}

function unsent() {
  const count = queue.open().length, pill = byId("unsent");
  pill.className = queue.stuck().length ? "stuck" : count ? "waits" : "";
  pill.dataset.count = String(count);
  fill(pill, el("span", {}, count ? say("crew_unsent", { count }) : say("crew_sent")));
}

/** Typing is never interrupted: what somebody types into is only drawn anew by the person's own deeds. */
const isTyping = () => {
  const at = document.activeElement;
  return screen.contains(at) && ["INPUT", "TEXTAREA", "SELECT"].includes(at.tagName) && at.type !== "checkbox";
};

function draw({ isOwn = true } = {}) {
  const { name, id } = where();
  const key = `${name}/${id}`;
  top(name);
  if (byId("notice").hidden || !noticeTimer) standing();
  const isNew = key !== shown;
  if (!isNew && !isOwn && (isTyping() || name === "form" || screen.querySelector("#sheet"))) return;
  const kept = isNew ? 0 : screen.scrollTop;
  shown = key;
  const all = day.held.day ? today.rows() : [];
  const hasMap = Boolean(day.held.day) && (name === "today" || name === "whose");
  byId("ground").hidden = !hasMap;
  byId("asked").placeholder = say("crew_whose_ask");
  const order = order_(name, id, all);
  body(name, order, all);
  deeds.show(bar, name === "form" && order?.gate?.exists ? order : ["today", "order"].includes(name) ? order : null, { screen, notice, isForm: name === "form" });
  if (hasMap) {
    map.begin(tapped);
    map.resize();
    map.draw(all, today.current(all));
  }
  screen.scrollTop = kept;
  document.title = `${byId("title").textContent} · Grid Cells`;
}

const order_ = (name, id, all) => (name === "order" || name === "form" ? day.order(id) : name === "today" ? today.current(all) : null);

function body(name, order, all) {
  if (name === "menu") return menu.show(screen, draw, notice);
  if (name === "queue") return settle.show(screen);
  if (!day.held.day) return fill(screen, el("h2", {}, say("crew_nothing_yet")), el("p", {}, say(queue.state.line === "signed_out" ? "crew_signed_out" : "crew_nothing_yet_hint")));
  if (name === "whose") return whose.show(screen, draw);
  if (name === "order" && order) return card.show(screen, order, notice);
  if (name === "form" && order) return form.show(screen, order);
  if (name !== "today") return fill(screen, el("p", {}, say("crew_order_gone")));
  return today.show(screen, all);
}

async function tapped(at) {
  go("#whose");
  await whose.look(at);
  draw();
}

async function refresh() {
  if (isAsking) {
    isWanted = true;
    return;
  }
  [isAsking, isWanted] = [true, false];
  try {
    if (await day.refresh() && queue.open().some((one) => !queue.STUCK.has(one.fate))) queue.send(true);
  } finally {
    isAsking = false;
  }
  menu.follow();
  draw({ isOwn: false });
  if (isWanted) refresh();
}

async function leave(before) {
  const [name, id] = before.slice(1).split("/");
  const order = name === "form" && id ? day.order(decodeURIComponent(id)) : null;
  if (order) await form.keep(order);
}

function heard(news) {
  if (news?.order) day.patch(news);
  if (news === "settled") menu.follow();
  if (news === "sent") refresh();
  else draw({ isOwn: news === "added" || news === "settled" });
}

async function begin() {
  await speak();
  await day.fromPhone();
  draw();
  queue.onChange(heard);
  let before = location.hash;
  window.addEventListener("hashchange", async () => {
    const left = before;
    before = location.hash;
    draw();
    await leave(left);
  });
  window.addEventListener("online", () => { queue.send(true); refresh(); });
  window.addEventListener("offline", () => { queue.state.line = "offline"; draw({ isOwn: false }); });
  document.addEventListener("visibilitychange", () => (document.hidden ? place.flush() : refresh()));
  byId("unsent").addEventListener("click", () => go("#queue"));
  byId("menu").addEventListener("click", () => go(where().name === "menu" ? "#today" : "#menu"));
  byId("back").addEventListener("click", () => go(where().name === "form" ? `#order/${encodeURIComponent(where().id)}` : "#today"));
  byId("whose").addEventListener("submit", async (event) => {
    event.preventDefault();
    go("#whose");
    await whose.byWords(byId("asked").value);
    draw();
  });
  setInterval(refresh, REFRESH_MS);
  setInterval(() => draw({ isOwn: false }), TICK_MS);
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/crew/sw.js", { scope: "/crew" }).catch((error) => console.warn(error));
  if (navigator.storage?.persist) navigator.storage.persist();
  await refresh();
  await queue.send(true);
  menu.follow();
  document.body.dataset.ready = "1";
}

begin();
