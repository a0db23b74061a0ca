// Listing from a phone with a bad line: photos are made smaller, kept on the phone, and sent in pieces that go on where
// they stopped; what is typed is kept here (draft.js) and on the server; a name fills in what such goods usually need.
import draft, { valuesOf } from "./draft.js";
import { smaller } from "./photos.js";

const PIECE = 96 * 1024;
const WAITS = [1_000, 2_000, 4_000, 8_000, 15_000];
const DAY = 864e5;

const plain = (text) => text.normalize("NFC").toLowerCase().trim();
const has = (text, word) => ` ${text.replace(/[^\p{L}\p{N}]+/gu, " ")} `.includes(` ${word} `);

/** Photos that are not sent yet, kept on this phone; where it keeps nothing, only as long as the page is open. */
const shelf = (() => {
  const open = () =>
    new Promise((done, fail) => {
      const asked = indexedDB.open("listing", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("photos", { keyPath: "key" });
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => fail(asked.error);
    });
  const ask = async (mode, deed) => {
    try {
      const base = await open();
      return await new Promise((done, fail) => {
        const asked = deed(base.transaction("photos", mode).objectStore("photos"));
        asked.onsuccess = () => done(asked.result);
        asked.onerror = () => fail(asked.error);
      });
    } catch {
      return undefined;
    }
  };
  return {
    put: (photo) => ask("readwrite", (store) => store.put(photo)),
    drop: (key) => ask("readwrite", (store) => store.delete(key)),
    all: async () => (await ask("readonly", (store) => store.getAll())) ?? [],
  };
})();

class Refused extends Error {}

export default function listing(form) {
  // The page that was left is gone on with: the same once is the same draft on the server.
  draft(form);
  const { uploads, keep, sending, waiting, again, sent, lost } = form.dataset;
  const token = form.elements.csrf_token.value;
  const chosen = form.querySelector("[data-chosen]");
  const input = form.querySelector("input[data-pieces]");
  const once = form.elements.once;
  const queue = new Set();
  input.closest(".camera").classList.add("whole");

  const post = async (url, body, type) => {
    const answer = await fetch(url, { method: "POST", body, keepalive: url === keep, headers: { "X-CSRFToken": token, ...(type && { "Content-Type": type }) } });
    const said = await answer.json().catch(() => ({}));
    if (answer.ok || (answer.status === 409 && "offset" in said)) return { status: answer.status, ...said };
    if (answer.status >= 500 || answer.status === 429) throw new TypeError("later");
    if (answer.status === 404) return { status: 404 };
    throw new Refused(said.message ?? lost);
  };

  const rest = (milliseconds, button) =>
    new Promise((done) => {
      const wake = () => {
        clearTimeout(timer);
        removeEventListener("online", wake);
        button?.removeEventListener("click", wake);
        done();
      };
      const timer = setTimeout(wake, milliseconds);
      addEventListener("online", wake);
      button?.addEventListener("click", wake);
    });

  /** What one photo looks like on the page while it is sent. */
  const frame = (blob) => {
    const figure = document.createElement("figure");
    const picture = Object.assign(document.createElement("img"), { alt: "", src: URL.createObjectURL(blob) });
    picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
    picture.addEventListener("error", () => picture.remove());
    const bar = Object.assign(document.createElement("progress"), { max: blob.size, value: 0 });
    bar.setAttribute("aria-label", sending);
    const words = Object.assign(document.createElement("figcaption"), { textContent: sending });
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: again, className: "btn plain", hidden: true });
    figure.append(picture, bar, words, button);
    chosen.append(figure);
    return { figure, bar, words, button };
  };

  const send = async ({ key, blob, name, raw }) => {
    const { figure, bar, words, button } = frame(blob);
    if (raw) {
      // Kept as it was chosen first: the page may be swept off while the phone makes it smaller.
      await shelf.put({ key, blob, name, raw, once: once.value, at: Date.now() });
      blob = await smaller(blob);
      bar.max = blob.size;
      await shelf.put({ key, blob, name, once: once.value, at: Date.now() });
    }
    let code = null;
    let offset = 0;
    let tries = 0;
    for (;;) {
      try {
        if (code === null) {
          const begun = await post(uploads, new URLSearchParams({ size: blob.size, name, key, once: once.value }));
          if (begun.status === 404) throw new Refused(lost);
          ({ code, offset } = begun);
          if (begun.photo) offset = blob.size;
          if (begun.photo) break;
        }
        bar.value = offset;
        words.textContent = `${sending} ${Math.round((100 * offset) / blob.size)}%`;
        button.hidden = true;
        const told = await post(`${uploads}/${code}/pieces?offset=${offset}`, blob.slice(offset, offset + PIECE), "application/octet-stream");
        tries = 0;
        if (told.status === 404) code = null;
        else {
          offset = told.offset;
          if (told.photo) break;
        }
      } catch (trouble) {
        if (trouble instanceof Refused) {
          words.textContent = trouble.message;
          figure.classList.add("wrong");
          bar.remove();
          await shelf.drop(key);
          return;
        }
        words.textContent = waiting;
        button.hidden = false;
        await rest(WAITS[Math.min(tries++, WAITS.length - 1)], button);
      }
    }
    bar.value = blob.size;
    bar.remove();
    button.remove();
    words.textContent = sent;
    figure.dataset.sent = "";
    await shelf.drop(key);
  };

  const take = (photo) => {
    const work = send(photo).finally(() => queue.delete(work));
    queue.add(work);
  };

  input.addEventListener("change", () => {
    for (const file of input.files) {
      take({ key: `${file.name.slice(-12)}-${file.size}-${file.lastModified}`.replace(/[^\w.-]/g, "_"), blob: file, name: file.name, raw: true });
    }
    input.value = "";
    if (!form.elements.name.value) form.elements.name.focus();
  });

  // What this phone still has of the page, and what the server has of it already.
  (async () => {
    for (const photo of await shelf.all()) {
      if (photo.once === once.value) take(photo);
      else if (Date.now() - photo.at > DAY) shelf.drop(photo.key);
    }
    if (chosen.querySelector("img[width]")) return;
    try {
      const known = await (await fetch(`${keep}?once=${encodeURIComponent(once.value)}`)).json();
      if (known.done) {
        // It was taken, only the answer was lost on the way.
        localStorage.removeItem(`draft:${form.dataset.draft}`);
        location.replace(known.done);
      }
      for (const src of known.photos ?? []) {
        const figure = document.createElement("figure");
        figure.dataset.sent = "";
        figure.append(Object.assign(document.createElement("img"), { alt: sent, src }));
        chosen.prepend(figure);
      }
    } catch {
      // No line now: the photos are on the server all the same.
    }
  })();

  // The name says what such goods usually are; what was chosen or typed by hand stays.
  const kinds = JSON.parse(form.dataset.kinds);
  const touched = new Set([...form.elements].filter((field) => field.name && field.type !== "hidden" && field.value && !["unit", "set_no"].includes(field.name)).map((field) => field.name));
  const fill = (kind) => {
    for (const [name, value] of Object.entries({ amount: kind.amount, unit: kind.unit, weight_grams: kind.weight_grams ?? "" })) {
      const field = form.elements[name];
      if (!field || touched.has(name) || field.value === String(value)) continue;
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    const own = form.elements.is_own_unprocessed;
    if (touched.has(own.name) || own.checked === kind.own) return;
    own.checked = kind.own;
    own.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const suggest = () => {
    const text = plain(form.elements.name.value);
    let best = null;
    for (const kind of kinds) {
      if (kind.unless.some((word) => has(text, word))) continue;
      for (const word of kind.words) if (has(text, word) && (!best || word.length > best.length)) best = { kind, length: word.length };
    }
    if (best) fill(best.kind);
  };
  let filling = false;
  form.addEventListener("input", (event) => {
    if (!filling && event.isTrusted) touched.add(event.target.name);
    if (event.target.name === "name") {
      filling = true;
      suggest();
      filling = false;
    }
    later();
  });
  // "Next" on the keyboard of a phone leads to what is still empty, and sends nothing by itself.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.enterKeyHint !== "next") return;
    event.preventDefault();
    const steps = [...form.querySelectorAll("[enterkeyhint]")];
    const onward = steps.slice(steps.indexOf(event.target) + 1);
    (onward.find((field) => !field.value) ?? onward[0]).focus();
  });
  for (const link of document.querySelectorAll("[data-kind]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const kind = kinds.find((one) => one.key === link.dataset.kind);
      touched.delete("amount");
      touched.delete("unit");
      form.elements.set_no.value = kind.set_no;
      fill(kind);
      form.elements.name.focus();
    });
  }

  // The draft on the server follows what is typed; without a line it waits until there is one.
  let wait;
  const save = () => {
    clearTimeout(wait);
    wait = null;
    post(keep, new URLSearchParams(valuesOf(form))).catch(() => addEventListener("online", save, { once: true }));
  };
  const later = () => {
    clearTimeout(wait);
    wait = setTimeout(save, 1_500);
  };
  document.addEventListener("visibilitychange", () => document.hidden && wait && save());

  // Sent when there is a line and the photos on their way have come.
  form.addEventListener("submit", async (event) => {
    clearTimeout(wait);
    if (!queue.size && navigator.onLine) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    const note = Object.assign(document.createElement("p"), { className: "hint", textContent: waiting });
    note.setAttribute("role", "status");
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    while (queue.size || !navigator.onLine) {
      if (!navigator.onLine) button.before(note);
      await (queue.size ? Promise.race(queue) : rest(15_000));
    }
    note.remove();
    button.disabled = false;
    button.removeAttribute("aria-busy");
    form.requestSubmit(button);
  }, { capture: true });
}
