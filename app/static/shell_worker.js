/** Keeps the shell of a phone's page, so that it opens without a connection. No data of anybody. */
const PAGE = "{{page}}";
const VERSION = "{{version}}";
const FILES = {{files}};
const OURS = `grid-cells-${PAGE.slice(1)}-shell-`;
const SHELL = `${OURS}${VERSION}`;
const STREETS = "grid-cells-crew-streets";
const WAIT_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const shell = await caches.open(SHELL);
    await shell.addAll(FILES.map((file) => new Request(file, { cache: "reload", credentials: "same-origin" })));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== SHELL);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname === PAGE) event.respondWith(page(request));
  } else if (url.pathname === "/assets/basemap.pmtiles") {
    event.respondWith(streets(request));
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(file(request, url.pathname));
  }
});

/** The server's own answer where there is a line, also a refusal; the kept shell where there is none. */
async function page(request) {
  const shell = await caches.open(SHELL);
  const kept = await shell.match(PAGE);
  try {
    const stop = new AbortController();
    const timer = kept ? setTimeout(() => stop.abort(), WAIT_MS) : null;
    const answer = await fetch(request, { signal: stop.signal });
    clearTimeout(timer);
    return answer;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

async function file(request, path) {
  const kept = await (await caches.open(SHELL)).match(path);
  return kept || fetch(request);
}

/** Tiles are asked for as ranges of one file: cut from the kept one where there is one. */
async function streets(request) {
  const kept = await (await caches.open(STREETS)).match(request.url);
  if (!kept) return fetch(request);
  const wanted = /bytes=(\d+)-(\d*)/.exec(request.headers.get("range") || "");
  if (!wanted) return kept;
  const whole = await kept.blob();
  const first = Number(wanted[1]);
  const last = Math.min(wanted[2] ? Number(wanted[2]) : whole.size - 1, whole.size - 1);
  return new Response(whole.slice(first, last + 1), {
    status: 206,
    headers: {
      "Content-Type": "application/octet-stream", "Content-Length": String(last - first + 1),
      "Content-Range": `bytes ${first}-${last}/${whole.size}`,
    },
  });
}
