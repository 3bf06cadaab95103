/** The line to the server: what came back, or why nothing did. */
export class NoLine extends Error {}
export class SignedOut extends Error {}
export class Busy extends Error {}

const LONGEST_MS = 30000, LONGEST_FILE_MS = 300000;

/**
 * The JSON answer with its status; `body` is plain values, or with `file` these on a first line and the file after it.
 * Throws NoLine, SignedOut (the gate's own refusal) or Busy.
 */
export async function ask(path, body, file = null) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), file ? LONGEST_FILE_MS : LONGEST_MS);
  const words = body === undefined ? undefined : JSON.stringify(body);
  let answer;
  try {
    answer = await fetch(path, {
      method: body === undefined ? "GET" : "POST",
      headers: body === undefined ? {} : { "Content-Type": file ? "application/octet-stream" : "application/json" },
      body: file ? new Blob([words, "\n", file]) : words,
      credentials: "same-origin", cache: "no-store", redirect: "manual", signal: stop.signal,
    });
  } catch (error) {
    throw new NoLine(String(error));
  } finally {
    clearTimeout(timer);
  }
  if (answer.status === 429 || answer.status >= 500) throw new Busy(String(answer.status));
  const isOurs = (answer.headers.get("content-type") || "").startsWith("application/json");
  // whatever is not our JSON comes from the gate: nobody is signed in, or somebody without the right
  if (!isOurs) throw new SignedOut(answer.status === 403 ? (await answer.text()).slice(0, 300) : "");
  try {
    return { status: answer.status, told: await answer.json() };
  } catch (error) {
    throw new NoLine(String(error));
  }
}

/** A number for a step that no other step has. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
}
