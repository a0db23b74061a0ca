/** `125.000 ₫`, as the server writes it in the language of the page. */
export const dong = (amount) => `${amount.toLocaleString(document.documentElement.lang === "en" ? "en" : "vi-VN")}\u00a0₫`;
