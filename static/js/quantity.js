// − and + around a number box; in the cart the form is sent by itself a moment after the last press.
export default function quantity(box) {
  const input = box.querySelector("input");
  const least = Number(input.min || 1);
  const most = Number(input.max || 999);
  let wait;
  const button = (sign, label, by) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = sign;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", () => set(Number(input.value) + by));
    return made;
  };
  const less = button("−", box.dataset.less, -1);
  const more = button("+", box.dataset.more, 1);
  const show = () => {
    less.disabled = Number(input.value) <= least;
    more.disabled = Number(input.value) >= most;
  };
  const set = (value) => {
    input.value = Math.min(most, Math.max(least, value || least));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  input.before(less);
  input.after(more);
  input.addEventListener("input", show);
  input.addEventListener("change", () => {
    show();
    if (!("send" in box.dataset)) return;
    clearTimeout(wait);
    wait = setTimeout(() => input.form.requestSubmit(), 700);
  });
  if ("send" in box.dataset) input.form.querySelector("[data-quantity-save]")?.setAttribute("hidden", "");
  box.classList.add("ready");
  show();
}
