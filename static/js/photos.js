// Chosen photos are shown, and made smaller on the phone before they go over a slow line.
const SIDE = 2000;

export async function smaller(file) {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size < 700_000) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    const paper = canvas.getContext("2d");
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.86));
    return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" }) : file;
  } catch {
    return file;
  }
}

export default function photos(input) {
  input.closest(".camera")?.classList.add("whole");
  const shown = document.createElement("div");
  shown.className = "chosen";
  shown.setAttribute("role", "status");
  input.after(shown);
  let work = null;
  input.addEventListener("change", () => {
    const chosen = [...input.files];
    shown.replaceChildren(...chosen.map((file) => {
      const figure = document.createElement("figure");
      const picture = Object.assign(document.createElement("img"), { alt: "", src: URL.createObjectURL(file) });
      picture.addEventListener("load", () => URL.revokeObjectURL(picture.src));
      picture.addEventListener("error", () => picture.remove());
      figure.append(picture, Object.assign(document.createElement("figcaption"), { textContent: file.name }));
      return figure;
    }));
    const now = (work = (async () => {
      const bag = new DataTransfer();
      for (const file of chosen) bag.items.add(await smaller(file));
      if (now === work) input.files = bag.files;
      work = null;
    })());
  });
  input.form?.addEventListener("submit", async (event) => {
    if (!work) return;
    event.preventDefault();
    const button = event.submitter;
    await work;
    input.form.requestSubmit(button);
  });
}
