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

export default function net(output) {
  const input = document.getElementById(output.htmlFor);
  const rates = output.dataset.net.split(" ").map(Number);
  const show = () => {
    const price = readDong(input.value);
    const taken = rates.reduce((sum, rate) => sum + Math.floor((price * rate + 5000) / 10000), 0);
    output.textContent = price ? dong(price - taken) : "…";
  };
  input.addEventListener("input", show);
  if (input.value) show();
}
