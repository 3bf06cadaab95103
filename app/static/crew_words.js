/** The words of the page in the person's language, kept for when there is no line. */
const KEPT = "crew.language";
let words = {};
let spoken = "en";
let zone;

export const language = () => spoken;

function wished() {
  const asked = new URLSearchParams(location.search).get("lang") || localStorage.getItem(KEPT);
  if (asked === "en" || asked === "zh") return asked;
  return (navigator.language || "").toLowerCase().startsWith("zh") ? "zh" : "en";
}

export async function speak(chosen = wished()) {
  const answer = await fetch(`/crew/static/words-${chosen}.json`);
  if (!answer.ok) throw new Error(`words ${answer.status}`);
  words = await answer.json();
  spoken = chosen;
  localStorage.setItem(KEPT, chosen);
  document.documentElement.lang = chosen;
}

export const knows = (code) => code in words;

/** The sentence of a code with its values; a code without a sentence shows itself. */
export function say(code, values = {}) {
  const one = values.count === 1 && `${code}_one` in words ? `${code}_one` : code;
  return (words[one] ?? code).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

/** The word for a code of a family, else the code itself. */
export const word = (family, code) => (code ? (knows(`${family}_${code}`) ? say(`${family}_${code}`) : code) : "");

export const useZone = (name) => { zone = name || undefined; };

const format = (given) => new Intl.DateTimeFormat(spoken === "zh" ? "zh-CN" : "en-GB", { timeZone: zone, ...given });

export function clock(iso) {
  return iso ? format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(iso)) : "";
}

/** Time of day, with the day where it is another one than that of `now`. */
export function moment(iso, now = Date.now()) {
  if (!iso) return "";
  const at = new Date(iso);
  const day = format({ year: "numeric", month: "2-digit", day: "2-digit" });
  if (day.format(at) === day.format(new Date(now))) return clock(iso);
  return format({ weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}

/** "3 h 05 min", "12 min": whole minutes, without a sign. */
export function span(minutes) {
  const whole = Math.abs(Math.round(minutes));
  const [hours, rest] = [Math.floor(whole / 60), whole % 60];
  if (hours >= 24) return say("crew_span_days", { days: Math.floor(hours / 24), hours: hours % 24 });
  return hours ? say("crew_span_hours", { hours, minutes: String(rest).padStart(2, "0") }) : say("crew_span_minutes", { minutes: rest });
}

export const number = (value) => new Intl.NumberFormat(spoken === "zh" ? "zh-CN" : "en-GB").format(value);
export const metres = (value) => (value < 950 ? `${Math.round(value / 5) * 5} m` : `${(value / 1000).toFixed(1)} km`);
