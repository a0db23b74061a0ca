// Keys of the counter: <button data-key="F2"> is pressed by F2, <input data-key="F6"> gets the focus,
// <summary data-key="F9"> opens what it folds and has the focus. <a data-key="Escape"> of the desk's tabs leads to the scan box
// from a page that has none, unless something was typed that would be lost.
export default function keys(element) {
  addEventListener("keydown", (event) => {
    if (event.key !== element.dataset.key || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
    const isTyping = document.activeElement?.value || document.querySelector(`input[data-key="${event.key}"]`);
    if (event.key === "Escape" && element.matches("a") && isTyping) return;
    event.preventDefault();
    if (element.matches("input, select, textarea")) element.focus();
    else element.click();
    if (element.matches("summary")) element.focus();
  });
}
