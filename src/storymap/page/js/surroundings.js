// What lies over and around the map: the free part of the viewport, legend, attribution, scale bar, overview.

function boxIn(stage, element) {
  const a = element.getBoundingClientRect();
  if (!a.width || !a.height) return null;
  const b = stage.getBoundingClientRect();
  return [a.left - b.left, a.top - b.top, a.right - b.left, a.bottom - b.top];
}

function boxesOf(stage, selector) {
  return [...stage.querySelectorAll(selector)].map((element) => boxIn(stage, element)).filter(Boolean);
}

/** Insets in pixels that the card, the bars and the buttons take from the map. */
function freePart(stage, cards, exploring, pinned) {
  const width = stage.clientWidth;
  const height = stage.clientHeight;
  const [bar] = around(boxesOf(stage, '.stepper, .map-credits, .scale'));
  const bottom = bar ? height - bar[1] + 8 : 16;
  if (pinned || exploring) return { left: 14, top: exploring ? 60 : 14, right: 14, bottom };
  const card = boxIn(stage, cards[0]);
  const rtl = document.documentElement.dir === 'rtl';
  const left = card && !rtl ? card[2] + 28 : 28;
  const right = card && rtl ? width - card[0] + 28 : 28;
  return { left, top: 56, right, bottom };
}

/** Extent in pixels of all that a view has to show, or the boxes of which one touches `corner`. */
function seenBoxes(view, cam, width, height) {
  const scale = 2 ** cam.zoom;
  const x = (n) => (n - cam.x - WORLD * Math.round((n - cam.x) / WORLD)) * scale + width / 2;
  return [{ box: view.box, pad: 0 }, ...view.must].map(({ box, pad }) => {
    const left = x(box[0]);
    return [left - pad, (box[1] - cam.y) * scale + height / 2 - pad, left + (box[2] - box[0]) * scale + pad, (box[3] - cam.y) * scale + height / 2 + pad];
  });
}

/**
 * Camera for a view in the free part, giving way to boxes over the map (legend, overview, button) on the side that
 * costs less zoom, and by no more than has to be: what is shown stays as near to the middle as it can.
 */
function solveAround(view, width, height, free, boxes) {
  const hits = (cam) => seenBoxes(view, cam, width, height).some((seen) => boxes.some((box) => overlap(seen, box)));
  const plain = solveCamera(view, width, height, free);
  if (!hits(plain)) return plain;
  let ways = [free];
  for (const [x0, y0, x1, y1] of boxes) {
    const across = x0 + x1 > width ? { right: width - x0 + 8 } : { left: x1 + 8 };
    const down = y0 + y1 > height ? { bottom: height - y0 + 8 } : { top: y1 + 8 };
    ways = ways.flatMap((way) => [across, down].map((side) => {
      const [[name, inset]] = Object.entries(side);
      return { ...way, [name]: Math.max(way[name], inset) };
    }));
  }
  const far = ways.map((way) => solveCamera(view, width, height, way)).reduce((a, b) => (b.zoom > a.zoom ? b : a));
  const near = solveCamera({ ...view, maxZoom: Math.min(view.maxZoom, far.zoom) }, width, height, free);
  const between = (k) => ({ ...near, x: near.x + (far.x - near.x) * k, y: near.y + (far.y - near.y) * k });
  let [low, high] = [hits(near) ? 0 : -1, 1];
  for (let n = 0; low >= 0 && n < 12; n += 1) {
    const k = (low + high) / 2;
    if (hits(between(k))) low = k;
    else high = k;
  }
  return low < 0 ? near : between(high);
}

/**
 * Legend and attribution on the map are copies of what the step's own text holds. Their elements are made anew: one that
 * is larger than before and stands on its lower edge would count as a shift of the page.
 */
function showNotes(stage, section) {
  const own = section.querySelector('.key .legend');
  const legend = renewed(stage.querySelector('.map-legend'));
  legend.replaceChildren(...(own ? [own.cloneNode(true)] : []));
  legend.hidden = !own;
  renewed(stage.querySelector('.map-credits')).textContent = section.dataset.credits || '';
}

function renewed(element) {
  const copy = element.cloneNode(false);
  element.replaceWith(copy);
  return copy;
}

/** The box around all of them, in a list as it may be empty. */
function around(boxes) {
  if (!boxes.length) return [];
  const side = (n, of) => of(...boxes.map((box) => box[n]));
  return [[side(0, Math.min), side(1, Math.min), side(2, Math.max), side(3, Math.max)]];
}

const ROUND = [1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 3000];

const SCALE_FROM_ZOOM = 4; // below, one length is wrong by a factor of two and more from edge to edge of the map

/** Length of a round distance at the map's centre; `hurried`: in a flight every third frame shows it. */
function drawScale(element, cam, unit, format, hurried) {
  element.turn = hurried ? ((element.turn ?? 2) + 1) % 3 : undefined;
  if (element.turn) return; // each change is a layout
  element.classList.toggle('off', cam.zoom < SCALE_FROM_ZOOM);
  const [, lat] = toLonLat(cam.x, cam.y);
  const kmPerPixel = (40075.017 * Math.cos((lat * Math.PI) / 180)) / (WORLD * 2 ** cam.zoom);
  const km = ROUND.filter((n) => n / kmPerPixel <= 96).pop() || ROUND[0];
  const width = Math.round(km / kmPerPixel);
  const text = `${format.format(km)} ${unit}`;
  if (element.dataset.is === `${width}${text}`) return;
  element.dataset.is = `${width}${text}`;
  element.querySelector('.scale-line').style.width = `${width}px`;
  element.querySelector('.scale-text').textContent = text;
}

/** Size of an element in CSS pixels, measured once for each size of the map: asking in every frame costs a layout. */
function sizeOn(element, layer) {
  const map = `${layer.width} ${layer.height}`;
  if (element.measured?.map !== map || !element.measured.width) {
    element.measured = { map, width: element.clientWidth, height: element.clientHeight };
  }
  return element.measured;
}

/** Small overview with a frame where the view is close; `hurried`: in a flight every third picture of it does. */
function drawInset(canvas, layer, cam, closeZoom, hurried) {
  const wanted = cam.zoom >= closeZoom;
  const appears = canvas.hidden === wanted;
  if (appears) canvas.hidden = !wanted;
  if (!wanted) canvas.turn = undefined;
  if (!wanted) return;
  canvas.turn = hurried && canvas.turn !== undefined && !appears ? (canvas.turn + 1) % 3 : 0;
  if (canvas.turn) return;
  const { width, height } = sizeOn(canvas, layer);
  if (!width) return;
  const ratio = layer.ratio;
  if (canvas.width !== Math.round(width * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const ctx = canvas.getContext('2d');
  const overview = { x: cam.x, y: cam.y, zoom: clamp(cam.zoom - 5.6, 1, 2.5) };
  const half = 0.5 / 2 ** overview.zoom;
  const view = { x0: overview.x - width * half, x1: overview.x + width * half, y0: overview.y - height * half, y1: overview.y + height * half, zoom: overview.zoom };
  const frame = { ctx, ratio, width, height, cam: overview, view, palette: layer.palette, atlas: layer.atlas };
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.fillStyle = layer.palette.color('sea');
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  const level = layer.atlas.level(view);
  if (level) drawBase(frame, level, { rivers: 0, railways: 0, regions: 0 });
  const seen = layer.view(cam);
  const [x0, y0] = screen(frame, seen.x0, seen.y0, 0);
  const [x1, y1] = screen(frame, seen.x1, seen.y1, 0);
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  const size = Math.max(7, x1 - x0, y1 - y0);
  ctx.lineWidth = 2;
  ctx.strokeStyle = layer.palette.color('accent');
  ctx.strokeRect((x0 + x1 - size) / 2, (y0 + y1 - size) / 2, size, size);
}
