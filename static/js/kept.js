// The counter without a line: a scan is kept on this device with its own mark and hour, its clerk and counter, and sent when
// the line is back. The mark makes it count once, however often it is sent.
// <form data-kept="/post/kept-scans" data-home="/post" data-worker="…" data-clerk data-point data-at>, and [data-kept-list].
// On the page that is opened without a line the form is data-offline.
const KEY = "kept-scans";
const WHO = "kept-who";
const read = (key, otherwise) => {
  try {
    return JSON.parse(localStorage[key]) ?? otherwise;
  } catch {
    return otherwise;
  }
};
const kept = () => read(KEY, []);
const keep = (scans) => (localStorage[KEY] = JSON.stringify(scans));
const mark = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;

export default function counter(form) {
  const { kept: address, home, worker, offline } = form.dataset;
  const isOffline = offline !== undefined;
  const list = document.querySelector("[data-kept-list]");
  const here = isOffline ? read(WHO, {}) : { clerk: form.dataset.clerk, point: form.dataset.point, at: form.dataset.at };
  const isOurs = (scan) => !scan.clerk || scan.clerk === here.clerk;
  let sending = false;

  const row = (scan) => {
    const item = document.createElement("li");
    item.textContent = scan.why ? `${scan.tracking}: ${scan.why}` : scan.tracking;
    if (scan.why) {
      const off = Object.assign(document.createElement("button"), { type: "button", className: "btn plain", textContent: list.dataset.keptDrop });
      off.setAttribute("aria-label", `${list.dataset.keptDrop} ${scan.tracking}`);
      off.addEventListener("click", () => {
        keep(kept().filter((one) => one.once !== scan.once));
        show();
      });
      item.append(" ", off);
    }
    return item;
  };
  const show = () => {
    const scans = kept();
    const counts = {
      waiting: scans.filter((scan) => !scan.why && isOurs(scan)).length,
      told: scans.filter((scan) => scan.why && isOurs(scan)).length,
      others: scans.filter((scan) => !isOurs(scan)).length,
    };
    list.hidden = !scans.length;
    for (const [name, count] of Object.entries(counts)) {
      const line = list.querySelector(`[data-kept-${name}]`);
      line.hidden = !count;
      line.querySelector("b").textContent = count;
    }
    list.querySelector("ol").replaceChildren(...scans.filter(isOurs).map(row));
  };

  const send = async ({ why, ...scan }) => {
    const body = new URLSearchParams({ ...scan, csrf_token: form.elements.csrf_token.value });
    const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.redirected || [400, 401, 403].includes(answer.status)) askWhoIsThere();
    if (answer.status >= 500 || answer.status === 429 || !answer.headers.get("Content-Type")?.startsWith("application/json")) throw new Error("no answer");
    return answer.json();
  };
  // Nobody is signed in any more, or the page has grown old: what waits goes with the next sign-in of its clerk.
  const askWhoIsThere = () => {
    if (!form.elements.tracking.value) location.reload();
  };
  // One tab sends; the others see it go.
  const sendAll = () => (navigator.locks ? navigator.locks.request(KEY, { ifAvailable: true }, (turn) => turn && sendOurs()) : sendOurs());
  const sendOurs = async () => {
    if (sending || !navigator.onLine) return;
    sending = true;
    let sent = 0;
    try {
      for (const scan of kept().filter((one) => !one.why && isOurs(one))) {
        const said = await send(scan);
        keep(said.done ? kept().filter((one) => one.once !== scan.once) : kept().map((one) => (one.once === scan.once ? { ...one, why: said.sentence } : one)));
        sent += said.done;
        show();
      }
    } catch {
      // The line is still down, or the counter is locked: they stay where they are.
    }
    sending = false;
    if (sent && kept().every((one) => one.why || !isOurs(one))) location.reload();
  };
  // Is the line back? Then the true counter opens, and sends.
  const comeBack = async () => {
    try {
      if ((await fetch(new URL("healthz", new URL(home, location)), { cache: "no-store" })).ok) location.replace(home);
    } catch {
      // Not yet.
    }
  };

  const keepScan = (scan) => {
    try {
      keep([...kept().filter((one) => one.once !== scan.once), { clerk: here.clerk ?? "", point: here.point ?? "", at: new Date().toISOString(), ...scan }]);
    } catch {
      // This browser keeps nothing: the number goes onto paper.
      form.querySelector("[data-kept-not]").hidden = false;
      return;
    }
    show();
  };

  const once = form.elements.once;
  once.value = mark();
  form.addEventListener("submit", (event) => {
    const { tracking, event: deed, weight_grams: weight } = form.elements;
    if ((navigator.onLine && !isOffline) || !tracking.value.trim()) return;
    event.preventDefault();
    keepScan({ once: once.value, tracking: tracking.value.trim(), event: deed.value, weight_grams: weight.value });
    once.value = mark();
    tracking.value = weight.value = "";
    tracking.focus();
  });
  if (isOffline) {
    const asked = new URLSearchParams(location.search);
    if (asked.get("tracking")) keepScan({ event: "", weight_grams: "", once: mark(), ...Object.fromEntries(asked) });
    document.querySelector("[data-lost]").hidden = !asked.has("lost");
    if (here.at) document.querySelector("[data-point-name]").textContent = here.at;
    history.replaceState(null, "", location.pathname);
    addEventListener("online", comeBack);
    setInterval(comeBack, 10_000);
  } else {
    try {
      localStorage[WHO] = JSON.stringify(here);
    } catch {
      // Nothing is kept here; a scan without a line says so.
    }
    navigator.serviceWorker?.register(worker, { scope: home }).catch(() => {});
    addEventListener("online", sendAll);
    setInterval(sendAll, 20_000);
    sendAll();
  }
  addEventListener("storage", show);
  show();
}
