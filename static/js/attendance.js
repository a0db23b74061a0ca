// Taps of the attendance list: kept on this telephone at once, sent when there is a line, each as often as it takes to arrive.
export default function attendance(form) {
  const key = `taps-${form.dataset.class}`;
  const state = form.querySelector("[data-taps-state]");
  const read = () => JSON.parse(localStorage.getItem(key) || "{}");
  const write = (taps) => localStorage.setItem(key, JSON.stringify(taps));
  const boxes = new Map([...form.querySelectorAll("input[name=present]")].map((box) => [box.value, box]));

  const show = () => {
    const count = Object.keys(read()).length;
    state.textContent = count ? form.dataset.waiting.replace("#", count) : "";
  };
  let sending = false;
  const send = async () => {
    if (sending) return;
    sending = true;
    try {
      for (const [learner, tap] of Object.entries(read())) {
        const body = new URLSearchParams({ learner, here: tap.here ? "1" : "0", at: tap.at, csrf_token: form.csrf_token.value });
        const answer = await fetch(form.dataset.taps, { method: "POST", body, headers: { Accept: "application/json" } });
        if (!answer.ok && answer.status !== 404) break;
        const taps = read();
        // Tapped again meanwhile: the newer tap still waits.
        if (taps[learner]?.at === tap.at) delete taps[learner];
        write(taps);
      }
    } catch {
      // No line: they stay where they are.
    }
    sending = false;
    show();
  };

  for (const [learner, tap] of Object.entries(read())) if (boxes.has(learner)) boxes.get(learner).checked = tap.here;
  form.addEventListener("change", ({ target }) => {
    if (!boxes.has(target.value)) return;
    write({ ...read(), [target.value]: { here: target.checked, at: new Date().toISOString() } });
    show();
    send();
  });
  form.addEventListener("submit", () => write({}));
  addEventListener("online", send);
  setInterval(send, 15_000);
  show();
  send();
}
