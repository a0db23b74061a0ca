// What became of the last scan, for a clerk who looks at the parcels: one high tone for done, two low ones for refused or to
// be looked at. [data-sounds]; a browser that wants silence keeps it.
const TONES = { good: [880], warn: [440, 440], bad: [220, 220] };
const LONG = 0.12;

const toldBy = (form) => {
  if (form.querySelector("[role=alert]:not([hidden]):not(dialog *)")) return "bad";
  const notice = document.querySelector(".notices .notice");
  if (!notice) return null;
  return ["bad", "warn"].find((kind) => notice.classList.contains(kind)) ?? "good";
};

export default function sounds(form) {
  const said = toldBy(form);
  // Coming back with the browser's own button is no scan.
  if (!said || performance.getEntriesByType("navigation")[0]?.type !== "navigate") return;
  if (navigator.userActivation?.hasBeenActive && said !== "good") navigator.vibrate?.([80, 60, 80]);
  const air = new AudioContext();
  if (air.state !== "running") return;
  TONES[said].forEach((height, place) => {
    const tone = air.createOscillator();
    tone.type = "sine";
    tone.frequency.value = height;
    const begins = air.currentTime + place * 1.5 * LONG;
    const loud = air.createGain();
    loud.gain.setValueAtTime(0.15, begins);
    loud.gain.linearRampToValueAtTime(0, begins + LONG);
    tone.connect(loud).connect(air.destination);
    tone.start(begins);
    tone.stop(begins + LONG);
  });
}
