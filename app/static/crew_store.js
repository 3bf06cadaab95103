/** What the phone keeps: the last day and the queue in IndexedDB, drafts in localStorage. */
const NAME = "grid-cells-crew";
let opened;

function open() {
  opened ||= new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("kept");
      asked.result.createObjectStore("queue", { keyPath: "seq", autoIncrement: true });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  return opened;
}

/** The result of one request once its transaction is on the disk. */
async function within(store, mode, ask) {
  const db = await open();
  return new Promise((done, failed) => {
    const work = db.transaction(store, mode, { durability: mode === "readwrite" ? "strict" : "default" });
    const asked = ask(work.objectStore(store));
    work.oncomplete = () => done(asked.result);
    work.onabort = work.onerror = () => failed(work.error);
  });
}

export const get = (key) => within("kept", "readonly", (store) => store.get(key));
export const put = (key, value) => within("kept", "readwrite", (store) => store.put(value, key));
export const remove = (key) => within("kept", "readwrite", (store) => store.delete(key));

export const entries = () => within("queue", "readonly", (store) => store.getAll());
export const addEntry = (entry) => within("queue", "readwrite", (store) => store.add(entry));
export const putEntry = (entry) => within("queue", "readwrite", (store) => store.put(entry));
export const dropEntry = (seq) => within("queue", "readwrite", (store) => store.delete(seq));

/** Drafts are written at every stroke of a key, before anything else can happen. */
const draftKey = (who, order) => `crew.draft.${who}.${order}`;

export function draft(who, order) {
  try {
    return JSON.parse(localStorage.getItem(draftKey(who, order)) || "null");
  } catch {
    return null;
  }
}
export const keepDraft = (who, order, value) => localStorage.setItem(draftKey(who, order), JSON.stringify(value));
export const dropDraft = (who, order) => localStorage.removeItem(draftKey(who, order));

export function draftsOf(who) {
  const start = draftKey(who, "");
  return Object.keys(localStorage).filter((key) => key.startsWith(start))
    .map((key) => ({ order: key.slice(start.length), value: draft(who, key.slice(start.length)) }))
    .filter((one) => one.value);
}

export const lastWho = () => localStorage.getItem("crew.who");
export const setWho = (who) => (who ? localStorage.setItem("crew.who", who) : localStorage.removeItem("crew.who"));
