// "Explore the map": gestures on, popups with the attributes that the story names, and back to the step.

function segmentDistance(px, py, a, b) {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const k = clamp(((px - a[0]) * dx + (py - a[1]) * dy) / (dx * dx + dy * dy || 1), 0, 1);
  return Math.hypot(px - a[0] - k * dx, py - a[1] - k * dy);
}

/** The topmost shape with attributes at a pixel, or null. */
function hitTest(layer, px, py, reach = 8) {
  const cam = layer.camera();
  const view = layer.view(cam);
  const { ctx, ratio, width, height, palette, atlas } = layer;
  const frame = { ctx, ratio, width, height, cam, view, palette, atlas };
  for (const { id, target } of [...layer.shown].reverse()) {
    if (!target) continue;
    const drawable = layer.data.draw[id];
    for (const shape of [...drawable.shapes].reverse()) {
      if (!shape.tip.length) continue;
      const paint = drawable.paints[shape.paint];
      if (worldShifts(view).some((shift) => touches(frame, shape, paint, shift, px, py, reach))) return { drawable, shape };
    }
  }
  return null;
}

function touches(frame, shape, paint, shift, px, py, reach) {
  if (shape.kind === 'point') {
    const [x, y] = screen(frame, shape.x, shape.y, shift);
    return Math.hypot(px - x, py - y) <= Math.max(reach, pointRadius(shape, paint, frame.cam.zoom));
  }
  const entry = frame.atlas.get(shape.path);
  if (shape.kind === 'area') {
    enterPath(frame, entry, shift);
    return frame.ctx.isPointInPath(entry.path, px * frame.ratio, py * frame.ratio, 'evenodd');
  }
  return frame.atlas.lines(entry).some((line) => {
    const points = line.map((p) => screen(frame, p.x, p.y, shift));
    return points.some((point, i) => i && segmentDistance(px, py, points[i - 1], point) <= reach);
  });
}

function popupContent({ drawable, shape }) {
  const box = document.createElement('div');
  box.className = 'facts';
  const title = document.createElement('p');
  title.className = 'facts-layer';
  title.textContent = drawable.title;
  const list = document.createElement('dl');
  for (const [name, value] of shape.tip) {
    const dt = document.createElement('dt');
    const dd = document.createElement('dd');
    dt.textContent = name;
    dd.textContent = value;
    list.append(dt, dd);
  }
  box.append(title, list);
  return box;
}

const POLES = [[-85.05, -1e5], [85.05, 1e5]]; // all of a Mercator world, however often it is gone round

function makeExplore(map, layer, stage, words, { onEnter, onLeave }) {
  const handlers = ['dragging', 'touchZoom', 'doubleClickZoom', 'scrollWheelZoom', 'keyboard'];
  const container = map.getContainer();
  const button = stage.querySelector('.explore-button');
  let on = false;

  function open(px, py, reach) {
    const hit = hitTest(layer, px, py, reach);
    if (!hit) return false;
    L.popup({ className: 'facts-popup', maxWidth: 280, closeButton: true, autoPanPadding: [16, 16] })
      .setLatLng(map.containerPointToLatLng([px, py]))
      .setContent(popupContent(hit))
      .openOn(map);
    stage.querySelector('.leaflet-popup-close-button')?.setAttribute('aria-label', words.close);
    return true;
  }

  map.on('click', (event) => {
    if (on) open(event.containerPoint.x, event.containerPoint.y);
  });
  map.on('mousemove', (event) => {
    if (on) container.style.cursor = hitTest(layer, event.containerPoint.x, event.containerPoint.y) ? 'pointer' : '';
  });
  container.addEventListener('keydown', (event) => {
    // Without a pointer, Enter asks what lies at the middle of the map, where the cross-hair is.
    if (on && event.key === 'Enter' && event.target === container) open(layer.width / 2, layer.height / 2, 24);
  });

  function set(value) {
    if (value === on) return;
    on = value;
    document.documentElement.classList.toggle('exploring', on);
    for (const name of handlers) map[name][on ? 'enable' : 'disable']();
    container.setAttribute('role', on ? 'application' : 'img');
    if (on) container.tabIndex = 0;
    else container.removeAttribute('tabindex');
    container.style.cursor = '';
    button.setAttribute('aria-pressed', String(on));
    button.querySelector('.explore-text').textContent = on ? words.back : words.explore;
    document.querySelector('.column').inert = on;
    map.closePopup();
    if (on) {
      onEnter();
      container.focus({ preventScroll: true });
    } else {
      onLeave();
      if (document.activeElement === document.body || container.contains(document.activeElement)) button.focus({ preventScroll: true });
    }
  }

  /**
   * A reader who explores stays on the map: no farther away than where one world fills it, nor beyond its upper and lower
   * edge. An editor (desk.js) may want all of the world beside the card.
   */
  function limit(leastZoom) {
    const bounded = on && !layer.unbounded;
    const filled = Math.log2(Math.max(layer.width, layer.height) / WORLD);
    map.options.minZoom = bounded ? Math.max(leastZoom, Math.min(filled, layer.camera().zoom)) : leastZoom;
    map.options.maxBoundsViscosity = 1;
    map.setMaxBounds(bounded ? POLES : null);
  }

  button.addEventListener('click', () => set(!on));
  return { get on() { return on; }, set, limit };
}
