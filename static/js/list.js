// A list under a typing box, as the ARIA combobox pattern has it: arrows move, Enter takes, Escape closes.
let count = 0;

/** Text without marks and in small letters, so that "ca mau" finds "Cà Mau". */
export const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase();

/** `find(query)` gives [{text, note}] (or a promise of it); `take(item)` is called with the one chosen. */
export function listUnder(input, find, take, nothing) {
  const list = document.createElement("div");
  list.id = `list-${++count}`;
  list.className = "listbox";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels?.[0]?.textContent.trim() || input.placeholder);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id], ["autocomplete", "off"]]) input.setAttribute(name, value);
  input.closest(".find, .combo, .search").append(list);
  let items = [];
  let at = -1;
  let asked = 0;

  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (to) => {
    at = (to + items.length) % items.length;
    [...list.children].forEach((option, i) => option.setAttribute("aria-selected", i === at));
    list.children[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", list.children[at].id);
  };
  const open = async () => {
    const now = ++asked;
    const found = await find(input.value);
    if (now !== asked) return;
    items = found;
    at = -1;
    list.replaceChildren(...items.map((item, i) => {
      const option = document.createElement("div");
      option.id = `${list.id}-${i}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.textContent = item.text;
      if (item.note) option.append(Object.assign(document.createElement("small"), { textContent: item.note }));
      option.addEventListener("pointerdown", (event) => event.preventDefault());
      option.addEventListener("click", () => choose(i));
      return option;
    }));
    if (!items.length && nothing && input.value) list.replaceChildren(Object.assign(document.createElement("p"), { className: "none", textContent: nothing }));
    list.hidden = !list.children.length || document.activeElement !== input;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (i) => {
    close();
    asked++;
    take(items[i]);
  };
  input.addEventListener("input", open);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && at >= 0 && !list.hidden) {
      event.preventDefault();
      choose(at);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) open();
      else if (items.length) mark(event.key === "ArrowDown" ? at + 1 : at < 0 ? -1 : at - 1);
    }
  });
  return { open, close };
}

/** JSON of our own API; an empty answer when the line is bad. */
export async function ask(path, signal) {
  try {
    const answer = await fetch(`${document.documentElement.dataset.root ?? ""}/api/v1${path}`, { signal });
    const body = answer.ok ? await answer.json() : [];
    return body.items ?? body;
  } catch {
    return [];
  }
}
