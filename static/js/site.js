// The one script a page asks for. Everything works without it; it fetches only the parts the page has a use for.
const parts = {
  "[data-quantity]": "quantity",
  "[data-suggest]": "suggest",
  "select[data-province]": "places",
  "[data-gallery]": "gallery",
  "[data-net]": "net",
  "[data-per]": "per",
  "input[type=file][accept^=image]:not([data-pieces]):not([capture])": "photos",
  "form[data-listing]": "listing",
  "form[data-draft]:not([data-listing])": "draft",
  "[data-position]": "position",
  "[data-key]": "keys",
  "form[data-till]": "till",
  "form[data-buy]": "buy",
  "[data-follow]": "follow",
  "form[data-taps]": "attendance",
  "form[data-kept]": "kept",
  "[data-lens]": "camera",
  "[data-sounds]": "sounds",
  "[data-lock]": "lock",
  "[data-map]": "map",
};
for (const [what, part] of Object.entries(parts)) {
  const found = document.querySelectorAll(what);
  if (found.length) import(`./${part}.js`).then((module) => found.forEach((element) => module.default(element)));
}

// A form that came back: the summary of what to mend is read first.
document.querySelector("[data-focus]")?.focus();

// Sent once: the button that was pressed rests until the next page is there.
const resting = new Set();
const wake = () => {
  for (const button of resting) {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
  resting.clear();
};
addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || event.target.method !== "post" || !button) return;
  setTimeout(() => {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    resting.add(button);
  });
  setTimeout(wake, 15_000);
});
addEventListener("pageshow", wake);

// Whoever signs out leaves no list of names behind (attendance.js).
addEventListener("submit", ({ target }) => {
  if (target.action.endsWith("/logout")) globalThis.caches?.delete("hall");
});

// Small things on a press or a change.
for (const button of document.querySelectorAll("[data-dismiss], [data-print]")) button.hidden = false;
if (navigator.clipboard) for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
addEventListener("click", async (event) => {
  const button = event.target.closest("[data-dismiss], [data-copy], [data-print], [data-fill]");
  if (!button) return;
  if ("fill" in button.dataset) {
    // A ready sentence goes into the box, to be changed there.
    const box = document.getElementById(button.dataset.fill);
    box.value = [box.value.trim(), button.textContent.trim()].filter(Boolean).join("\n");
    box.focus();
    return;
  }
  if ("dismiss" in button.dataset) button.parentElement.remove();
  else if ("print" in button.dataset) print();
  else {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.lastElementChild.textContent = button.dataset.done;
    button.setAttribute("aria-live", "polite");
  }
});
for (const form of document.querySelectorAll("form[data-sends-itself]")) {
  form.querySelector("button:not([data-stays])").hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
}

// A draft whose form was sent and did not come back has done its work.
try {
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith("draft:"))) {
    const form = document.querySelector(`form[data-draft="${CSS.escape(key.slice(6))}"]`);
    const draft = JSON.parse(localStorage[key]);
    if ((draft.sent && !form) || Date.now() - draft.at > 6e8) localStorage.removeItem(key);
  }
} catch {
  // This browser keeps nothing: then there are no drafts.
}
