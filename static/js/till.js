// The total follows the chosen services and way of paying; the server counts again when the order is sent.
import { dong } from "./dong.js";

export default function till(form) {
  const at = (name) => form.querySelector(`[data-till-${name}]`);
  const sum = (name) => [...form.querySelectorAll("input[data-fee]:checked")].reduce((all, box) => all + Number(box.dataset[name] || 0), 0);
  const goods = Number(at("goods").dataset.tillGoods);
  form.addEventListener("change", (event) => {
    if (event.target.type !== "radio") return;
    const shipping = sum("fee");
    const cod = form.elements.payment_method?.value === "cod" ? sum("cod") : 0;
    const most = Number(at("less").dataset.freightVoucher || 0);
    const less = most ? Math.min(most, shipping) : Number(at("less").dataset.tillLess || 0);
    const total = goods + shipping + cod - less;
    at("less").textContent = `−${dong(less)}`;
    at("shipping").textContent = dong(shipping);
    at("cod").textContent = dong(cod);
    at("total").textContent = dong(total);
    at("expected").value = total;
  });
}
