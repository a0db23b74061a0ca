// Another pack, another price: <input type=radio data-price="870.000 ₫" data-unit="4.350.000 ₫/kg">.
export default function buy(form) {
  const costs = form.parentElement.querySelectorAll(".cost");
  form.addEventListener("change", ({ target }) => {
    if (!target.dataset.price) return;
    for (const cost of costs) {
      cost.querySelector(".price").textContent = target.dataset.price;
      const unit = cost.querySelector(".unit");
      if (unit) unit.textContent = target.dataset.unit || "";
    }
  });
}
