// What a pack makes per kilogram, litre or piece, while amount and price are typed.
import { readDong } from "./net.js";

const UNITS = { g: [1000, 0], kg: [1, 0], ml: [1000, 1], l: [1, 1], piece: [1, 2] };

export default function per(output) {
  const [price, amount, unit] = [...output.htmlFor].map((id) => document.getElementById(id));
  const words = output.dataset.per.split("|");
  const show = () => {
    const typed = amount.value.replace(/\s/g, "");
    const many = Number(/^[1-9]\d{0,2}(\.\d{3})+$/.test(typed) ? typed.replaceAll(".", "") : typed.replace(",", "."));
    const [parts, word] = UNITS[unit.value];
    const cost = Math.round((readDong(price.value) * parts) / many);
    output.textContent = many > 0 && cost > 0 && Number.isFinite(cost) ? `= ${cost.toLocaleString("vi-VN")}\u00a0₫/${words[word]}` : "";
  };
  const ask = output.closest("form").querySelector("[name=try]");
  if (ask) ask.hidden = true;
  for (const field of [price, amount, unit]) field.addEventListener("input", show);
  show();
}
