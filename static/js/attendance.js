// Taps of the attendance list: kept on this telephone at once, sent when there is a line, each as often as it takes to arrive,
// and by nobody but who tapped them: signed out meanwhile, they wait until the same trainer is back.
// The list itself is kept too, so that it opens without a line (hall_worker.js); signing out takes it away (site.js).
const PATIENCE = 10_000;

async function keepPage({ worker, home }) {
  await navigator.serviceWorker.register(worker, { scope: home });
  const parts = performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => name.includes("/static/"));
  await caches.delete("hall");
  await (await caches.open("hall")).addAll([location.pathname, ...new Set(parts)]);
}

export default function attendance(form) {
  const { owner, waiting, out, early } = form.dataset;
  const key = `taps-${form.dataset.class}-${owner}`;
  const state = form.querySelector("[data-taps-state]");
  const read = () => JSON.parse(localStorage.getItem(key) || "{}");
  const write = (taps) => localStorage.setItem(key, JSON.stringify(taps));
  const count = () => Object.keys(read()).length;
  const boxes = new Map([...form.querySelectorAll("input[name=present]")].map((box) => [box.value, box]));

  const show = (why = waiting) => {
    state.textContent = count() ? why.replace("#", count()) : "";
  };
  const forget = (learner, tap) => {
    const taps = read();
    // Tapped again meanwhile: the newer tap still waits.
    if (taps[learner]?.at === tap.at) delete taps[learner];
    write(taps);
  };
  const carry = async () => {
    let why;
    try {
      for (const [learner, tap] of Object.entries(read())) {
        const body = new URLSearchParams({ learner, owner, here: tap.here ? "1" : "0", at: tap.at, csrf_token: form.csrf_token.value });
        const answer = await fetch(form.dataset.taps, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
        // Who has left or is not in the class any more is noted nowhere; what else is refused now may be taken later.
        if (answer.ok || answer.status === 404 || answer.status === 409) forget(learner, tap);
        // Asked to sign in, or somebody else is here now.
        else if (answer.status === 422) why = early;
        else if ([0, 400, 401, 403].includes(answer.status)) why = out;
      }
    } catch {
      // No line: they stay where they are.
    }
    show(why);
  };
  let underway = Promise.resolve();
  const send = () => (underway = underway.then(carry));

  for (const [learner, tap] of Object.entries(read())) if (boxes.has(learner)) boxes.get(learner).checked = tap.here;
  form.addEventListener("change", ({ target }) => {
    if (!boxes.has(target.value)) return;
    write({ ...read(), [target.value]: { here: target.checked, at: new Date().toISOString() } });
    show();
    send();
  });
  // Every tap goes by itself: the whole list is not sent over what others noted meanwhile.
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await send();
    if (!count()) location.assign(form.dataset.board);
  });
  addEventListener("online", send);
  setInterval(send, 15_000);
  show();
  send();
  // Without a line, or where a browser keeps nothing, the taps are kept all the same.
  if (navigator.serviceWorker) keepPage(form.dataset).catch(() => {});
}
