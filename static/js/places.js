// Province, then commune by typing: the native select stays the field that is sent, a typing box stands before it.
import { ask, fold, listUnder } from "./list.js";

export default function places(province) {
  const form = province.form;
  if (!form) return;
  const commune = form.querySelector("select[data-commune]");
  if (!commune) return;
  // Removed, not hidden: the first button of a form is the one Enter presses.
  for (const button of form.querySelectorAll('[name="pick_province"][value="1"]')) button.remove();
  if (form.querySelector('[name="pick_province"]')) {
    // The button that reads a whole address stays; Enter is the form's own all the same.
    const own = document.createElement("button");
    own.type = "submit";
    own.hidden = true;
    form.prepend(own);
  }

  const box = document.createElement("div");
  box.className = "combo";
  const input = document.createElement("input");
  input.type = "text";
  input.id = commune.id;
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (commune.hasAttribute(name)) input.setAttribute(name, commune.getAttribute(name));
  }
  commune.id += "-code";
  commune.before(box);
  box.append(input, commune);
  commune.hidden = true;
  commune.required = false;

  const options = () => [...commune.options].filter((option) => option.value);
  const show = () => {
    input.value = commune.value ? commune.selectedOptions[0].text : "";
    input.placeholder = commune.options[0]?.text ?? "";
    input.disabled = !province.value;
  };
  const find = (typed) => {
    const wanted = fold(typed).trim();
    const same = options().map((option) => ({ text: option.text, value: option.value, folded: fold(option.text) }));
    const starts = ({ folded }) => folded.startsWith(wanted) || folded.includes(` ${wanted}`);
    return same.filter(({ folded }) => folded.includes(wanted)).sort((a, b) => starts(b) - starts(a)).slice(0, 60);
  };
  const take = (item) => {
    commune.value = item.value;
    show();
    commune.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const list = listUnder(input, find, take, commune.dataset.nothing);
  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", list.open);
  input.addEventListener("change", (event) => event.stopPropagation());
  input.addEventListener("blur", () => {
    const exact = options().filter((option) => fold(option.text) === fold(input.value).trim());
    if (exact.length === 1 && exact[0].value !== commune.value) take(exact[0]);
    else show();
  });
  province.addEventListener("change", async () => {
    const first = commune.options[0];
    commune.replaceChildren(first);
    commune.value = "";
    show();
    if (!province.value) return;
    const chosen = province.value;
    const found = await ask(`/provinces/${chosen}/communes`);
    if (chosen !== province.value) return;
    commune.append(...found.map(({ code, name }) => new Option(name, code)));
    commune.value = "";
    show();
  });
  show();
}
