// A map, when somebody opens it (Leaflet is fetched only then): the communes of a province as dots, counters of the post, a
// pin that fills the typed position, the nearest commune suggested. Tiles where the market has some; without them dots do.
// <div data-map data-leaflet="/static/…/vendor/leaflet" data-pin="id" data-province="code" data-dots='[…]' data-tiles="…">
import { ask } from "./list.js";

const VIETNAM = [16.2, 107.2];

/** What was typed, read by the market itself: a code, a link, "lat, lng". */
async function read(text, near) {
  try {
    const answer = await fetch(`${document.documentElement.dataset.root ?? ""}/api/v1/positions/parse`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ text, near }) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

async function leaflet(folder) {
  if (!globalThis.L) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${folder}/leaflet.css` }));
    await import(`${folder}/leaflet.js`);
  }
  return globalThis.L;
}

export default function map(box) {
  const { leaflet: folder, pin, tiles, open: words, use } = box.dataset;
  const field = pin && document.getElementById(pin);
  const form = field?.form;
  const province = form?.querySelector("select[data-province]");
  const commune = form?.querySelector("select[data-commune]");
  const status = box.querySelector("[role=status]");
  let view, marker, dots;

  const suggest = (found) => {
    status.replaceChildren();
    const near = found?.communes?.[0];
    if (!near) return;
    status.append(`${near.name}, ${near.province.name} `);
    if (!commune || commune.value === near.code) return;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn quiet", textContent: use });
    button.addEventListener("click", async () => {
      if (province.value !== near.province.code) {
        province.value = near.province.code;
        province.dispatchEvent(new Event("change", { bubbles: true }));
        for (let i = 0; i < 40 && ![...commune.options].some((one) => one.value === near.code); i++) await new Promise((go) => setTimeout(go, 100));
      }
      commune.value = near.code;
      commune.dispatchEvent(new Event("change", { bubbles: true }));
      const typed = document.getElementById(commune.id.replace(/-code$/, ""));
      if (typed && typed !== commune) typed.value = near.name;
      status.replaceChildren(`${near.name}, ${near.province.name}`);
    });
    status.append(button);
  };
  const show = (L, { lat, lon }, zoom) => {
    if (!view) return;
    marker = marker ?? L.circleMarker([lat, lon], { className: "map-pin", radius: 9 }).addTo(view);
    marker.setLatLng([lat, lon]);
    view.setView([lat, lon], zoom ?? Math.max(view.getZoom(), 11));
  };
  const typed = async () => {
    const found = field.value.trim() ? await read(field.value, commune?.value || null) : null;
    suggest(found);
    if (found && view) show(globalThis.L, found);
  };
  const communes = async (L) => {
    dots?.remove();
    dots = L.layerGroup().addTo(view);
    if (!province?.value) return;
    for (const one of await ask(`/provinces/${province.value}/communes`)) {
      L.circleMarker([one.lat, one.lon], { className: "map-dot", radius: 5 }).bindTooltip(one.name).on("click", (event) => {
        L.DomEvent.stop(event);
        choose(L, one);
      }).addTo(dots);
    }
    if (dots.getLayers().length && !marker) view.fitBounds(L.featureGroup(dots.getLayers()).getBounds(), { padding: [20, 20] });
  };
  const choose = async (L, { lat, lon }) => {
    field.value = `${lat.toFixed(6)}, ${lon.toFixed(6)}`;
    show(L, { lat, lon });
    suggest(await read(field.value, null));
  };
  const open = async () => {
    button.disabled = true;
    const L = await leaflet(folder).catch(() => null);
    button.disabled = false;
    if (!L) return;
    button.remove();
    const plate = Object.assign(document.createElement("div"), { className: "map-plate" });
    plate.setAttribute("role", "application");
    plate.setAttribute("aria-label", words);
    box.prepend(plate);
    view = L.map(plate, { attributionControl: Boolean(tiles), maxZoom: 18 }).setView(VIETNAM, 5);
    if (tiles) L.tileLayer(tiles, { maxZoom: 18 }).addTo(view);
    const known = JSON.parse(box.dataset.dots ?? "[]");
    const marks = known.map(({ lat, lon, name, href }) => L.circleMarker([lat, lon], { className: "map-dot", radius: 7 }).bindTooltip(name).on("click", () => href && location.assign(href)).addTo(view));
    if (marks.length) view.fitBounds(L.featureGroup(marks).getBounds(), { padding: [30, 30], maxZoom: 13 });
    if (!field) return;
    view.on("click", ({ latlng }) => choose(L, { lat: latlng.lat, lon: latlng.lng }));
    province?.addEventListener("change", () => communes(L));
    if (field.value.trim()) await typed();
    await communes(L);
  };

  const button = box.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", open);
  field?.addEventListener("change", typed);
}
