// Nothing typed is lost: a form keeps itself on this phone, from the first letter until it was sent and taken.
// <form data-draft="name" data-draft-note="what to say when a draft was put back">; hidden fields with data-kept are kept too.
const isKept = (field) => field.name && field.name !== "csrf_token" && ("kept" in field.dataset || !["password", "file", "hidden", "submit", "button"].includes(field.type));
const isTick = (field) => field.type === "checkbox" || field.type === "radio";

/** What stands in a form, by the names of its fields. */
export const valuesOf = (form) => {
  const values = {};
  for (const field of [...form.elements].filter(isKept)) {
    if (!isTick(field)) values[field.name] = field.value;
    else {
      values[field.name] ??= [];
      if (field.checked) values[field.name].push(field.value);
    }
  }
  return values;
};

export default function draft(form) {
  const key = `draft:${form.dataset.draft}`;
  const keep = (sent) => {
    try {
      localStorage[key] = JSON.stringify({ at: Date.now(), sent, values: valuesOf(form) });
    } catch {
      // This browser keeps nothing.
    }
  };
  let came = null;
  try {
    came = JSON.parse(localStorage[key] ?? "null");
  } catch {
    // Nothing that can be read.
  }
  if (came && !document.querySelector(".errors")) {
    let put = false;
    for (const field of [...form.elements].filter(isKept)) {
      const value = came.values[field.name];
      if (value === undefined) continue;
      if (isTick(field)) field.checked = [].concat(value).includes(field.value);
      else if (value && value !== field.value && (!field.value || field.type === "hidden" || field.type === "select-one")) {
        field.value = value;
        put ||= field.type !== "hidden";
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
    if (put && form.dataset.draftNote) {
      const note = Object.assign(document.createElement("p"), { className: "hint", textContent: form.dataset.draftNote });
      note.setAttribute("role", "status");
      form.prepend(note);
    }
  }
  // At once, not in a moment: the phone may be put away, or the page swept off, with the next letter.
  form.addEventListener("input", () => keep(false));
  form.addEventListener("submit", () => keep(true));
  // Typed before this script came over a slow line.
  if ([...form.elements].some((field) => isKept(field) && field.value && field.value !== (field.defaultValue ?? field.value))) keep(false);
}
