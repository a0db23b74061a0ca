// The counter's own service worker (/post/worker.js): without a line it opens the page that keeps scans on the device,
// also after a reload, and no scan that was just sent is lost: it is handed to that page with its mark.
const here = new URL(location);
const HOME = here.pathname.replace(/\/worker\.js$/, "");
const PAGE = `${HOME}/offline`;
const STATIC = here.searchParams.get("static");
const CACHE = `counter ${here.search}`;
const FILES = ["css/site.css", "js/site.js", "js/kept.js", "js/keys.js", "js/camera.js", "js/photos.js", "fonts/bvp-400-vi.woff2", "fonts/bvp-700-vi.woff2", "images/icons.svg", "images/favicon.svg"];
const PATIENCE = 12_000;
const LINE_DOWN = [502, 503, 504];

addEventListener("install", (event) => {
  const files = [PAGE, ...FILES.map((file) => `${STATIC}/${file}`)];
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(files)).then(() => skipWaiting()));
});
addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith("counter ") && name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => clients.claim()));
});
addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.mode === "navigate") event.respondWith(go(event.request, pathname));
  else if (pathname.startsWith(`${STATIC}/`)) event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)));
});

async function go(request, pathname) {
  const sent = request.method === "POST" ? request.clone() : null;
  try {
    const answer = await Promise.race([fetch(request), late()]);
    if (LINE_DOWN.includes(answer.status)) throw new Error("no answer");
    return answer;
  } catch {
    return sent ? Response.redirect(await keepPage(sent, pathname), 303) : caches.match(PAGE);
  }
}

const late = () => new Promise((_, no) => setTimeout(() => no(new Error("too late")), PATIENCE));

// What was sent may have arrived, only its answer did not: the mark it went with makes it count once.
async function keepPage(sent, pathname) {
  const page = new URL(PAGE, location);
  const typed = pathname === `${HOME}/scans` ? await sent.formData() : new FormData();
  const scan = { tracking: typed.get("tracking") || typed.get("shown"), event: typed.get("deed") || typed.get("event"), weight_grams: typed.get("weight_grams"), once: typed.get("once") };
  if (!scan.tracking) page.searchParams.set("lost", "1");
  else for (const [name, value] of Object.entries(scan)) if (value) page.searchParams.set(name, value);
  return page;
}
