// The counter without a line: a scan is kept on this device with its own mark and hour, and sent when the line is back.
// The mark makes it count once, however often it is sent. <form data-kept="/post/kept-scans">, and beside it [data-kept-list].
const KEY = "kept-scans";
const kept = () => JSON.parse(localStorage[KEY] ?? "[]");
const keep = (scans) => (localStorage[KEY] = JSON.stringify(scans));

export default function counter(form) {
  const list = document.querySelector("[data-kept-list]");
  const token = form.elements.csrf_token.value;
  let sending = false;

  const show = () => {
    const scans = kept();
    const waiting = scans.filter((scan) => !scan.why).length;
    list.hidden = !scans.length;
    list.querySelector("p").hidden = !waiting;
    list.querySelector("[data-kept-count]").textContent = waiting;
    list.querySelector("ol").replaceChildren(
      ...scans.map((scan) => {
        const row = document.createElement("li");
        row.textContent = scan.why ? `${scan.tracking}: ${scan.why}` : scan.tracking;
        if (scan.why) {
          const off = Object.assign(document.createElement("button"), { type: "button", className: "button plain", textContent: list.dataset.keptDrop });
          off.addEventListener("click", () => {
            keep(kept().filter((one) => one.once !== scan.once));
            show();
          });
          row.append(" ", off);
        }
        return row;
      }),
    );
  };

  const send = async (scan) => {
    const body = new URLSearchParams({ ...scan, csrf_token: token });
    const answer = await fetch(form.dataset.kept, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.status >= 500 || answer.status === 429 || !answer.headers.get("Content-Type")?.startsWith("application/json")) throw new Error("no answer");
    return answer.json();
  };

  const sendAll = async () => {
    if (sending || !navigator.onLine) return;
    sending = true;
    let sent = 0;
    try {
      for (const scan of kept().filter((one) => !one.why)) {
        const said = await send(scan);
        keep(said.done ? kept().filter((one) => one.once !== scan.once) : kept().map((one) => (one.once === scan.once ? { ...one, why: said.sentence } : one)));
        sent += said.done;
        show();
      }
    } catch {
      // The line is still down: they stay where they are.
    }
    sending = false;
    if (sent && kept().every((one) => one.why)) location.reload();
  };

  form.addEventListener("submit", async (event) => {
    const { tracking, event: deed, weight_grams: weight } = form.elements;
    if (navigator.onLine || !tracking.value.trim()) return;
    event.preventDefault();
    keep([...kept(), { once: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, tracking: tracking.value.trim(), event: deed.value, weight_grams: weight.value, at: new Date().toISOString() }]);
    tracking.value = weight.value = "";
    tracking.focus();
    show();
  });
  addEventListener("online", sendAll);
  setInterval(sendAll, 20_000);
  show();
  sendAll();
}
