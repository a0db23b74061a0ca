/** `125.000 ₫`, as the server writes it in the language of the page. */
export const dong = (amount) => `${amount.toLocaleString("vi-VN")}\u00a0₫`;
