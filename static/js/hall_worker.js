// The hall's own service worker (/train/worker.js): the attendance list a trainer opened last opens again without a line, also
// in a browser that was closed. The page itself keeps it (attendance.js); here it is only found again.
const CACHE = "hall";
const PATIENCE = 8_000;

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(go(request));
  else if (new URL(request.url).pathname.includes("/static/")) event.respondWith(find(request).then((kept) => kept ?? fetch(request)));
});

const find = async (request) => (await caches.open(CACHE)).match(request);

async function go(request) {
  const late = new Promise((_, no) => setTimeout(() => no(new Error("too late")), PATIENCE));
  try {
    return await Promise.race([fetch(request), late]);
  } catch (error) {
    const kept = await find(request);
    if (kept) return kept;
    throw error;
  }
}
