// A telephone's camera as the counter's scanner: [data-lens] beside the scan box (a <label> with a file input, or a button
// where nothing can be sent) and <dialog class="lens">.
// Where the browser reads codes itself it looks until one is whole; anywhere else, or without leave to use the camera, the
// telephone takes a photo of the label and the server reads it.
import { smaller } from "./photos.js";

const FORMATS = ["code_128", "qr_code"];
const STILL_OPEN = "lens-open";
const LOOK_EVERY = 120;
// As marketplace/shipping/s10.py says it.
const PART = /^([A-Z]{2}\d{1,9}|\d{1,9}[A-Z]{1,2}|[A-Z]{2}\d{9}[A-Z])$/i;
const LEAST = 8;

const detector = async () => {
  try {
    const known = await BarcodeDetector.getSupportedFormats();
    const formats = FORMATS.filter((one) => known.includes(one));
    return formats.length ? new BarcodeDetector({ formats }) : null;
  } catch {
    return null;
  }
};
const remembered = {
  set: (is) => {
    try {
      if (is) sessionStorage[STILL_OPEN] = "1";
      else delete sessionStorage[STILL_OPEN];
    } catch {
      // Then it is opened by hand each time.
    }
  },
  get: () => {
    try {
      return Boolean(sessionStorage[STILL_OPEN]);
    } catch {
      return false;
    }
  },
};

export default async function camera(opener) {
  const form = opener.closest("form");
  const photo = opener.querySelector("input");
  photo?.addEventListener("change", async () => {
    if (!photo.files.length) return;
    const bag = new DataTransfer();
    bag.items.add(await smaller(photo.files[0]));
    photo.files = bag.files;
    form.elements.tracking.value = "";
    form.requestSubmit();
  });

  const eye = navigator.mediaDevices?.getUserMedia ? await detector() : null;
  if (!eye) return;
  opener.hidden = false;
  const lens = form.querySelector("dialog.lens");
  const video = lens.querySelector("video");
  let light = null;
  let last = "";

  const say = (what) => {
    for (const line of lens.querySelectorAll("[data-lens-says]")) line.hidden = line.dataset.lensSays !== what;
    video.hidden = what === "refused";
  };
  const stop = () => {
    light?.getTracks().forEach((track) => track.stop());
    light = null;
  };
  // Twice the same and whole: a code that was read by half is not sent.
  const take = (text) => {
    if (text.length < LEAST || PART.test(text)) return say("part");
    if (text !== last) return (last = text);
    stop();
    lens.close();
    remembered.set(true);
    navigator.vibrate?.(60);
    form.elements.tracking.value = text;
    return form.requestSubmit();
  };
  const look = async () => {
    if (!light) return;
    try {
      const [code] = await eye.detect(video);
      if (code && light) take(code.rawValue.trim());
    } catch {
      // No picture yet.
    }
    setTimeout(look, LOOK_EVERY);
  };
  const open = async () => {
    last = "";
    lens.showModal();
    say("looking");
    try {
      light = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      if (!lens.open) return stop();
      video.srcObject = light;
      await video.play();
    } catch {
      stop();
      remembered.set(false);
      return say("refused");
    }
    return look();
  };

  opener.addEventListener("click", (event) => {
    event.preventDefault();
    open();
  });
  lens.addEventListener("cancel", () => remembered.set(false));
  lens.addEventListener("close", stop);
  lens.querySelector("[data-lens-close]").addEventListener("click", () => {
    remembered.set(false);
    lens.close();
    form.elements.tracking.focus();
  });
  lens.querySelector("[data-lens-photo]")?.addEventListener("click", () => {
    remembered.set(false);
    lens.close();
    photo.showPicker();
  });
  // A pile that goes well: the next page of the counter looks on at once, and says what became of the last one.
  const told = form.querySelector("[role=alert]:not([hidden]):not(dialog *)");
  if (!remembered.get() || told || !form.elements.event?.value) return;
  const done = document.querySelector(".notices .notice");
  lens.querySelector("[data-lens-last]").textContent = done?.innerText.trim() ?? "";
  open();
}
