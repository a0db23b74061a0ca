// Keys of the counter: <button data-key="F2"> is pressed by F2, <input data-key="F6"> gets the focus,
// <summary data-key="F9"> opens what it folds and has the focus.
export default function keys(element) {
  addEventListener("keydown", (event) => {
    if (event.key !== element.dataset.key || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    if (element.matches("input, select, textarea")) element.focus();
    else element.click();
    if (element.matches("summary")) element.focus();
  });
}
