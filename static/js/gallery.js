// Photos: small ones move the strip, a tap opens the whole screen.
export default function gallery(box) {
  const strip = box.querySelector(".strip");
  const large = [...strip.querySelectorAll("a")];
  const small = [...box.querySelectorAll(".thumbs a")];
  let at = 0;
  const mark = (i) => {
    at = i;
    small.forEach((link, n) => (n === i ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")));
  };
  small.forEach((link, i) =>
    link.addEventListener("click", (event) => {
      event.preventDefault();
      strip.scrollTo({ left: strip.clientWidth * i });
      mark(i);
    }),
  );
  strip.addEventListener("scroll", () => mark(Math.round(strip.scrollLeft / strip.clientWidth)), { passive: true });

  const viewer = document.createElement("dialog");
  viewer.className = "viewer";
  const picture = document.createElement("img");
  const where = document.createElement("span");
  const button = (text, label, deed) => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "icon", textContent: text });
    made.setAttribute("aria-label", label);
    made.addEventListener("click", deed);
    return made;
  };
  const row = (name, ...children) => {
    const made = Object.assign(document.createElement("div"), { className: name });
    made.append(...children);
    return made;
  };
  const show = (i) => {
    mark((i + large.length) % large.length);
    picture.src = large[at].href;
    picture.alt = large[at].querySelector("img").alt;
    where.textContent = `${at + 1}/${large.length}`;
  };
  viewer.append(
    row("head", where, button("✕", box.dataset.close, () => viewer.close())),
    picture,
    large.length > 1
      ? row("feet", button("‹", box.dataset.before, () => show(at - 1)), button("›", box.dataset.after, () => show(at + 1)))
      : row("feet"),
  );
  viewer.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") show(at - 1);
    if (event.key === "ArrowRight") show(at + 1);
  });
  viewer.addEventListener("close", () => strip.scrollTo({ left: strip.clientWidth * at, behavior: "instant" }));
  box.append(viewer);
  large.forEach((link, i) =>
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      viewer.setAttribute("aria-label", picture.alt || link.getAttribute("aria-label"));
      show(i);
      viewer.showModal();
    }),
  );
}
