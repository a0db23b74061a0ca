// A counter left alone shows nothing: <main data-lock="/post/lock" data-presence="/post/presence" data-minutes="10">.
// While somebody types or moves, the server is told now and then, so that a long form is not lost.
const TELL_EVERY = 60_000;

export default function lock(main) {
  const { lock: address, presence, minutes } = main.dataset;
  let touched = Date.now();
  let told = touched;
  const touch = () => {
    touched = Date.now();
    if (touched - told < TELL_EVERY) return;
    told = touched;
    fetch(presence).catch(() => {});
  };
  for (const kind of ["pointerdown", "pointermove", "keydown", "scroll"]) addEventListener(kind, touch, { passive: true });
  const look = () => {
    if (Date.now() - touched >= minutes * 60_000) location.replace(`${address}?now=1&next=${encodeURIComponent(location.pathname + location.search)}`);
  };
  setInterval(look, 5_000);
  document.addEventListener("visibilitychange", look);
}
