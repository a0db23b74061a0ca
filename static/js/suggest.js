// Suggestions under the search box, and what was looked for on this device (kept nowhere else, forgotten on a press).
import { ask, listUnder } from "./list.js";

const KEY = "searches";
const MOST = 6;
const kept = () => {
  try {
    return JSON.parse(localStorage[KEY] ?? "[]").filter((text) => typeof text === "string");
  } catch {
    return [];
  }
};
const keep = (texts) => {
  try {
    if (texts.length) localStorage[KEY] = JSON.stringify(texts);
    else delete localStorage[KEY];
  } catch {
    // This browser keeps nothing: then there is nothing to offer.
  }
};

export default function suggest(form) {
  const input = form.querySelector("input[type=search]");
  const words = JSON.parse(form.dataset.suggest);
  const said = Object.assign(document.createElement("span"), { className: "sr" });
  said.setAttribute("role", "status");
  form.append(said);
  let last = new AbortController();
  const find = async (typed) => {
    last.abort();
    last = new AbortController();
    const { signal } = last;
    said.textContent = "";
    if (!typed.trim()) {
      const recent = kept().map((text) => ({ text, note: words.recent }));
      return recent.length ? [...recent, { text: words.forget, forget: true }] : [];
    }
    if (typed.trim().length < 2) return [];
    await new Promise((done) => setTimeout(done, 140));
    if (signal.aborted) return [];
    const found = await ask(`/suggestions?q=${encodeURIComponent(typed)}`, signal);
    if (!signal.aborted) said.textContent = words.count.replace("%n", found.length);
    return found.map((item) => ({ ...item, note: words[item.kind] }));
  };
  const { open } = listUnder(input, find, (item) => {
    if (item.forget) keep([]);
    else if (item.url) location.assign(item.url);
    else {
      input.value = item.text;
      form.requestSubmit();
    }
  });
  input.addEventListener("focus", () => input.value || open());
  form.addEventListener("submit", () => {
    const text = input.value.trim().slice(0, 100);
    if (text) keep([text, ...kept().filter((one) => one !== text)].slice(0, MOST));
  });
}
