// A map to look at data, to draw on, and to move places on. Everything comes from this server.
// Leaflet.draw is loaded as an ordinary script: in a module (strict mode) it stumbles over a variable of its own.

let libraries;

function element(tag, props) {
  return new Promise((resolve, reject) => {
    const made = Object.assign(document.createElement(tag), props);
    made.onload = resolve;
    made.onerror = () => reject(new Error(`${props.src || props.href} can not be loaded`));
    document.head.append(made);
  });
}

function load(base) {
  libraries ||= Promise.all([
    element("link", { rel: "stylesheet", href: `${base}editor/leaflet.css` }),
    element("link", { rel: "stylesheet", href: `${base}editor/leaflet.draw.css` }),
    element("script", { src: `${base}editor/leaflet.js` })
      .then(() => element("script", { src: `${base}editor/leaflet.draw.js` })),
    fetch(`${base}editor/base.json`).then((answer) => answer.json()),
  ]).then((loaded) => loaded[3]);
  libraries.catch(() => { libraries = undefined; });
  return libraries;
}

const NAMES = { point: "Point", line: "Line", area: "Area" };
const SEA = "#dfe9ec", LAND = "#f7f4ee", EDGE = "#a9a294", WATER = "#b9d3dc";

export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector(".drawing-map");
  const desk = (host.desk ||= { host });
  desk.data = data;
  // What was done on the map may be refused: then it is drawn again as it was.
  desk.send = (what, said) => { desk.drawn = undefined; setTriggerValue(what, said); };
  desk.ready ||= load(data.base).then((base) => start(desk, base));
  desk.ready.then(() => show(desk)).catch((error) => {
    host.querySelector(".drawing-map-told").textContent = `The map can not be shown: ${error.message}`;
  });
  // Called again whenever the page runs: the map only goes when its place in the page has gone.
  return () => setTimeout(() => { if (!host.isConnected && desk.map) { desk.map.remove(); delete desk.map; } }, 1000);
}

function start(desk, base) {
  const L = window.L;
  const place = desk.host.querySelector(".drawing-map-place");
  place.setAttribute("role", "application");
  place.setAttribute("aria-label", desk.data.label);
  const map = (desk.map = L.map(place, { minZoom: 1, maxZoom: 16, zoomAnimation: false, fadeAnimation: false, zoomSnap: 0.5 }));
  map.attributionControl.setPrefix(false).addAttribution(base.credit);
  map.setView([20, 0], 1);
  map.createPane("base").style.zIndex = 150;
  map.createPane("towns").style.zIndex = 160;
  map.getPane("towns").style.pointerEvents = "none";
  const paper = L.canvas({ pane: "base", padding: 0.3 });
  const drawn = (shapes, style) => L.geoJSON(shapes.map((geometry) => ({ type: "Feature", properties: {}, geometry })), {
    interactive: false, renderer: paper, pane: "base", style: { weight: 0.7, ...style },
  });
  const levels = base.levels.map((level) => [level.from, drawn(level.land, { color: EDGE, fillColor: LAND, fillOpacity: 1 })]);
  const water = [drawn(base.rivers, { color: WATER, weight: 1, fill: false }),
    drawn(base.lakes, { color: WATER, fillColor: SEA, fillOpacity: 1 })];
  const towns = L.layerGroup().addTo(map);
  const turn = () => {
    water.forEach((layer) => layer.remove());
    for (const [from, layer] of levels) {
      layer.remove();
      if (map.getZoom() >= from) layer.addTo(map);
    }
    water.forEach((layer) => layer.addTo(map));
    writeNames(map, towns, base);
  };
  desk.names = base;
  map.on("zoomend", turn).on("moveend", () => { writeNames(map, towns, base); spread(desk); });
  turn();
  desk.shapes = L.featureGroup().addTo(map);
  map.on(L.Draw.Event.CREATED, (event) => {
    desk.pending = event.layer.addTo(map);
    desk.send("made", { geometry: event.layer.toGeoJSON().geometry });
  });
  // Corners are for the pointer: Leaflet.draw makes nameless buttons of them that no key moves. By keyboard, coordinates
  // are typed below the map.
  map.on("layeradd", ({ layer }) => {
    const icon = layer instanceof L.Marker && layer.getElement();
    if (!icon || !icon.classList.contains("leaflet-editing-icon")) return;
    for (const name of ["role", "tabindex"]) icon.removeAttribute(name);
    icon.setAttribute("aria-hidden", "true");
  });
  map.on("draw:drawstop", () => { desk.drawing = undefined; tools(desk); });
  new ResizeObserver(() => map.invalidateSize()).observe(place);
}

const COUNTRIES_TO = 6.5;

function writeNames(map, group, { towns, countries }) {
  group.clearLayers();
  const bounds = map.getBounds().pad(0.05), taken = [], zoom = map.getZoom();
  if (zoom >= 3) write(map, group, towns, bounds, taken, "drawing-map-town");
  if (zoom >= 2 && zoom <= COUNTRIES_TO) write(map, group, countries, bounds, taken, "drawing-map-country");
}

function write(map, group, names, bounds, taken, className) {
  for (const [lon, lat, name] of names) {
    if (!bounds.contains([lat, lon])) continue;
    const at = map.latLngToContainerPoint([lat, lon]);
    if (taken.some((other) => Math.abs(other.x - at.x) < 90 && Math.abs(other.y - at.y) < 22)) continue;
    taken.push(at);
    const text = document.createElement("span");
    text.textContent = name;
    group.addLayer(L.marker([lat, lon], { pane: "towns", interactive: false, keyboard: false,
      icon: L.divIcon({ className, html: text, iconSize: null }) }));
    if (taken.length > 40) return;
  }
}

function show(desk) {
  const { map, data } = desk, L = window.L;
  if (!map) return;
  desk.pending?.remove();
  tools(desk);
  look(desk);
  // The page runs for many reasons; whoever is dragging a place must not lose it.
  const state = JSON.stringify([data.shapes, data.pick]);
  if (desk.drawn === state) return;
  desk.drawn = state;
  const focused = desk.shapes.getLayers().find((layer) => layer.getElement?.() === document.activeElement)?.at;
  desk.shapes.clearLayers();
  for (const shape of data.shapes) desk.shapes.addLayer(drawn(desk, shape));
  if (focused !== undefined) desk.shapes.getLayers().find((layer) => layer.at === focused)?.getElement?.()?.focus();
  spread(desk);
  desk.host.dataset.shown = String(data.shapes.length);
}

function look(desk) {
  const { map, data } = desk;
  if (desk.look === data.look || !data.bounds) return;
  const [west, south, east, north] = data.bounds;
  map.invalidateSize();
  const labels = data.shapes.some((shape) => shape.label);
  map.fitBounds([[south, west], [north, east]], { maxZoom: 8, padding: labels ? [56, 56] : [24, 24], animate: false });
  // A place says nothing on bare paper: at least one name is in view.
  while (map.getZoom() > 4 && !hasName(desk)) map.setZoom(map.getZoom() - 0.5, { animate: false });
  desk.look = data.look;
}

function hasName({ map, names }) {
  const inner = map.getBounds().pad(-0.08);
  const written = map.getZoom() <= COUNTRIES_TO ? [...names.towns, ...names.countries] : names.towns;
  return written.some(([lon, lat]) => inner.contains([lat, lon]));
}

// Labels that would lie on each other stand one below the other, the first where it belongs.
function spread({ map, shapes }) {
  const around = map.getContainer().getBoundingClientRect(), taken = [];
  for (const layer of shapes?.getLayers() || []) {
    const label = layer.getTooltip?.()?.options.permanent && layer.getTooltip().getElement();
    if (!label) continue;
    label.style.marginTop = "0px";
    const box = label.getBoundingClientRect(), step = box.height + 2;
    const free = (by) => box.top + by >= around.top && box.bottom + by <= around.bottom
      && !taken.some((other) => other.left < box.right && box.left < other.right
        && other.top < box.bottom + by && box.top + by < other.bottom);
    let by = 0;
    for (let turn = 0; turn < 20 && !free(by); turn += 1) by = step * Math.ceil((turn + 1) / 2) * (turn % 2 ? -1 : 1);
    label.style.marginTop = `${by}px`;
    taken.push({ left: box.left, right: box.right, top: box.top + by, bottom: box.bottom + by });
  }
}

function drawn(desk, shape) {
  const L = window.L, color = shape.color || "#7d2b20";
  const pick = desk.data.pick && shape.at !== null;
  if (shape.geometry.type === "Point") {
    const [lon, lat] = shape.geometry.coordinates;
    if (shape.km) desk.shapes.addLayer(L.circle([lat, lon], { radius: shape.km * 1000, color, weight: 1, fillOpacity: 0.08, interactive: false }));
    const layer = shape.move || pick ? handle(desk, shape, [lat, lon], color)
      : L.circleMarker([lat, lon], { radius: shape.small ? 3 : 5, color, weight: 1.5, fillOpacity: 0.5 });
    return named(layer, shape);
  }
  const layer = L.geoJSON(shape.geometry, { style: { color, weight: 2.5, fillOpacity: 0.15 },
    pointToLayer: (_, at) => L.circleMarker(at, { radius: 4, color, weight: 1.5, fillOpacity: 0.5 }) });
  layer.at = shape.at;
  const part = layer.getLayers()[0];
  if (shape.bend && part?.editing) {
    part.editing.enable();
    part.on("edit", () => desk.send("reshaped", { at: shape.at, geometry: part.toGeoJSON().geometry }));
  }
  if (pick) layer.on("click", () => desk.send("picked", { at: shape.at }));
  return named(layer, shape);
}

function named(layer, shape) {
  layer.at = shape.at;
  if (!shape.name) return layer;
  const text = document.createElement("span");
  text.textContent = shape.name;
  return layer.bindTooltip(text, { permanent: Boolean(shape.label), direction: "right", offset: [7, 0], className: "drawing-map-name" });
}

// A point that is picked, dragged, or moved by the arrow keys (Shift: finer; Enter or leaving it ends the move).
function handle(desk, shape, at, color) {
  const L = window.L;
  const dot = document.createElement("span");
  dot.style.background = color;
  if (shape.picked) dot.className = "picked";
  const verb = shape.move ? "move" : shape.picked ? "leave out" : "choose";
  const marker = L.marker(at, { draggable: Boolean(shape.move), title: `${shape.name || "Place"}: ${verb}`, alt: "", autoPan: true, zIndexOffset: 5000,
    icon: L.divIcon({ className: "drawing-map-handle", html: dot, iconSize: [24, 24] }) });
  let sent = "";
  const send = () => {
    const { lat, lng } = marker.getLatLng();
    // Enter, and then leaving it, is one move.
    if ((lat === at[0] && lng === at[1]) || sent === `${lat} ${lng}`) return;
    sent = `${lat} ${lng}`;
    desk.send("moved", { at: shape.at, lon: lng, lat });
  };
  marker.on("dragend", send);
  marker.on("click", () => { if (desk.data.pick) desk.send("picked", { at: shape.at }); });
  marker.on("add", () => {
    const icon = marker.getElement();
    icon.setAttribute("aria-label", `${shape.name || "Place"}: ${shape.move ? "move with the arrow keys" : verb}`);
    if (desk.data.pick) {
      // Leaflet makes a click of Enter only where there is something to pop up.
      icon.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        L.DomEvent.stop(event);
        desk.send("picked", { at: shape.at });
      });
    }
    if (!shape.move) return;
    icon.addEventListener("keydown", (event) => {
      const step = event.shiftKey ? 1 : 6;
      const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
      if (by) {
        // Not through points of the container, which are whole pixels: a step to the east would change the latitude.
        marker.setLatLng(desk.map.unproject(desk.map.project(marker.getLatLng()).add(by)));
        L.DomEvent.stop(event);
      } else if (event.key === "Enter") {
        send();
        L.DomEvent.stop(event);
      }
    });
    icon.addEventListener("blur", send);
  });
  return marker;
}

function button(text, act, on = false) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text, onclick: act });
  if (on) made.setAttribute("aria-pressed", "true");
  return made;
}

function tools(desk) {
  const bar = desk.host.querySelector(".drawing-map-tools");
  const kinds = desk.data.draw || [];
  bar.hidden = !kinds.length;
  const state = JSON.stringify([kinds, desk.drawing?.kind]);
  if (bar.dataset.state === state) return;
  bar.dataset.state = state;
  const had = bar.contains(document.activeElement);
  const made = kinds.map((kind) => button(NAMES[kind], () => begin(desk, kind), desk.drawing?.kind === kind));
  if (desk.drawing && desk.drawing.kind !== "point") {
    made.push(button("Finish", () => desk.drawing.handler.completeShape()),
      button("Take back", () => desk.drawing.handler.deleteLastVertex()));
  }
  if (desk.drawing) made.push(button("Cancel", () => desk.drawing.handler.disable()));
  bar.replaceChildren(...made);
  if (had) (bar.querySelector("[aria-pressed]") || bar.firstElementChild)?.focus();
}

function begin(desk, kind) {
  const L = window.L;
  const again = desk.drawing?.kind === kind;
  desk.drawing?.handler.disable();
  desk.pending?.remove();
  if (again) return;
  const color = "#0b6a72";
  const spot = L.divIcon({ className: "drawing-map-handle", html: Object.assign(document.createElement("span")), iconSize: [24, 24] });
  const handler = kind === "point" ? new L.Draw.Marker(desk.map, { icon: spot })
    : kind === "line" ? new L.Draw.Polyline(desk.map, { shapeOptions: { color, weight: 3 } })
      : new L.Draw.Polygon(desk.map, { allowIntersection: false, showArea: false, shapeOptions: { color, weight: 3 } });
  handler.enable();
  desk.drawing = { kind, handler };
  tools(desk);
}
