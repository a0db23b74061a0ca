// The pin of an address from the phone's own position: fills the field that can also be typed.
export default function position(box) {
  const button = box.querySelector("[data-ask]");
  const field = box.querySelector("input");
  const status = box.querySelector("[role=status]");
  if (!button || !navigator.geolocation) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    status.textContent = box.dataset.working;
    button.disabled = true;
    const done = (words) => {
      status.textContent = words;
      button.disabled = false;
    };
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        field.value = `${coords.latitude.toFixed(6)}, ${coords.longitude.toFixed(6)}`;
        for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
        done(box.dataset.found);
      },
      () => done(box.dataset.failed),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 },
    );
  });
}
