// Nothing typed is lost: a form keeps itself on this phone until it was sent and taken.
// <form data-draft="name" data-draft-note="what to say when a draft was put back">
const kept = (field) => field.name && field.name !== "csrf_token" && !["password", "file", "hidden", "submit", "button"].includes(field.type);

export default function draft(form) {
  const key = `draft:${form.dataset.draft}`;
  const fields = () => [...form.elements].filter(kept);
  const came = localStorage[key] ? JSON.parse(localStorage[key]) : null;
  let wait;
  if (came && !document.querySelector(".errors")) {
    let put = false;
    for (const field of fields()) {
      const value = came.values[field.name];
      if (value === undefined) continue;
      if (field.type === "checkbox" || field.type === "radio") field.checked = [].concat(value).includes(field.value);
      else if (!field.value && value) {
        field.value = value;
        put = true;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
    if (put && form.dataset.draftNote) {
      const note = Object.assign(document.createElement("p"), { className: "hint", textContent: form.dataset.draftNote });
      note.setAttribute("role", "status");
      form.prepend(note);
    }
  }
  const keep = (sent) => {
    const values = {};
    for (const field of fields()) {
      if (field.type === "checkbox" || field.type === "radio") {
        values[field.name] ??= [];
        if (field.checked) values[field.name].push(field.value);
      } else values[field.name] = field.value;
    }
    localStorage[key] = JSON.stringify({ at: Date.now(), sent, values });
  };
  form.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(() => keep(false), 400);
  });
  form.addEventListener("submit", () => {
    clearTimeout(wait);
    keep(true);
  });
}
