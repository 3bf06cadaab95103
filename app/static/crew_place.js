/** Where this phone is: only when asked, and on duty now and then. */
import * as queue from "./crew_queue.js";

const USUAL_S = 60, FRESH_MS = 120000;
export const last = { fix: null, why: "" };
const listeners = new Set();
let watching = null, everyMs = USUAL_S * 1000, toldAt = 0, waiting = null;

export const onFix = (heard) => listeners.add(heard);
/** Browsers tell a position over HTTPS and on the machine itself alone. */
export const isPossible = () => Boolean(navigator.geolocation) && window.isSecureContext;

function take(found) {
  const { longitude, latitude, accuracy } = found.coords;
  last.fix = { lon: longitude, lat: latitude, accuracy_m: Math.round(accuracy), at: new Date(found.timestamp).toISOString() };
  last.why = "";
  listeners.forEach((heard) => heard(last.fix));
  return last.fix;
}

/** The position now, or null with `last.why`: insecure, denied, none. */
export function ask() {
  if (!isPossible()) {
    last.why = window.isSecureContext ? "none" : "insecure";
    return Promise.resolve(null);
  }
  return new Promise((done) => {
    navigator.geolocation.getCurrentPosition(
      (found) => done(take(found)),
      (error) => { last.why = error.code === 1 ? "denied" : "none"; done(null); },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 5000 },
    );
  });
}

/** The last fix while it still tells where the phone is, else null. */
export const fresh = () => (last.fix && Date.now() - Date.parse(last.fix.at) < FRESH_MS ? last.fix : null);

/** Gather positions while on duty, one in so many seconds; off duty the phone is not even asked. */
export function follow(isOnDuty, everyS = USUAL_S) {
  everyMs = (everyS || USUAL_S) * 1000;
  if (isOnDuty && watching === null && isPossible()) {
    watching = navigator.geolocation.watchPosition(gather, () => {}, { enableHighAccuracy: true, maximumAge: 15000 });
  } else if (!isOnDuty && watching !== null) {
    navigator.geolocation.clearWatch(watching);
    watching = null;
    flush();
  } else if (isDue()) flush();
}

const isDue = () => Date.now() - toldAt >= everyMs;

function gather(found) {
  waiting = take(found);
  if (isDue()) flush();
}

/** The place that was found last, if not told yet, becomes one step of the queue. */
export function flush() {
  if (!waiting) return;
  const { lon, lat, accuracy_m, at } = waiting, fixes = [{ lon, lat, accuracy_m, at }];
  [waiting, toldAt] = [null, Date.now()];
  queue.add({ kind: "positions", body: { fixes }, about: { code: "crew_step_positions" } });
}

/** Metres between two places on the globe (haversine, mean radius of IUGG). */
export function distance(a, b) {
  const rad = Math.PI / 180, [dx, dy] = [(b.lon - a.lon) * rad, (b.lat - a.lat) * rad];
  const h = Math.sin(dy / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dx / 2) ** 2;
  return 2 * 6371008.8 * Math.asin(Math.sqrt(h));
}
