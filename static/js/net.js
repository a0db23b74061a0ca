// What the grower receives, while the price is typed. The server says the same when the form is sent.
import { dong } from "./dong.js";

const UNITS = { k: 1e3, ngàn: 1e3, nghìn: 1e3, tr: 1e6, triệu: 1e6, tỷ: 1e9, tỉ: 1e9 };

/** Whole đồng of `145k`, `1tr2`, `1,5 triệu`, `125.000 ₫`; null when it is no amount. */
export function readDong(typed) {
  const text = typed.normalize("NFC").toLowerCase().trim().replace(/\s*(₫|đồng|đ|vnd|vnđ)$/, "");
  const short = text.match(/^(\d{1,6})(?:,(\d{1,3}))?\s*(k|ngàn|nghìn|tr|triệu|tỷ|tỉ)\s*(\d{1,3})?$/);
  if (short) {
    if (short[2] && short[4]) return null;
    return Math.round(Number(`${short[1]}.${short[2] ?? short[4] ?? 0}`) * UNITS[short[3]]);
  }
  const whole = text.replace(/[.\s](?=\d{3}(\D|$))/g, "");
  return /^\d{1,12}$/.test(whole) ? Number(whole) : null;
}

const ratesOf = (text) => text.split(" ").map(Number);

export default function net(output) {
  const input = document.getElementById(output.htmlFor);
  const { form } = input;
  const { net: other, own, service } = output.dataset;
  const sort = () => {
    if (!own) return "other";
    if (form.elements.set_no.value === "26") return "service";
    return form.elements.is_own_unprocessed.checked ? "own" : "other";
  };
  const show = () => {
    const price = readDong(input.value);
    const now = sort();
    const taken = ratesOf({ other, own, service }[now]).reduce((sum, rate) => sum + Math.floor((price * rate + 5000) / 10000), 0);
    output.textContent = price ? dong(price - taken) : "…";
    for (const words of form.querySelectorAll("[data-when]")) words.hidden = words.dataset.when !== now;
  };
  (own ? form : input).addEventListener("input", show);
  if (input.value || own) show();
}
