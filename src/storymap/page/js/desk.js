// The editor's preview only; no reader's document holds this part. Tells the page around it what is where on the map, and
// does what that page asks for. The document stands in a sandbox: its own origin is opaque, its address's is the editor's.

const DESK = 'storymap:desk';
const LOOK_MS = 120;
const MAP_KINDS = ['point', 'line', 'area'];

/** Name of what lies at a pixel of the map, as a view calls it (`layer/feature`), or ''. Points before lines and areas. */
function refAt(layer, px, py, reach) {
  const cam = layer.camera();
  const view = layer.view(cam);
  const { ctx, ratio, width, height, palette, atlas } = layer;
  const frame = { ctx, ratio, width, height, cam, view, palette, atlas };
  for (const kind of MAP_KINDS) {
    for (const { id, target } of [...layer.shown].reverse()) {
      const drawable = layer.data.draw[id];
      for (const shape of target ? [...drawable.shapes].reverse() : []) {
        if (shape.kind !== kind) continue;
        const paint = drawable.paints[shape.paint];
        if (worldShifts(view).some((shift) => touches(frame, shape, paint, shift, px, py, reach))) return `${drawable.layer}/${shape.key}`;
      }
    }
  }
  return '';
}

/** The largest part of `whole` that none of the boxes touches, each cut off on the side that costs less. */
function clearOf(whole, boxes, width, height) {
  return boxes.filter((box) => overlap(box, whole)).reduce((rest, [x0, y0, x1, y1]) => {
    const across = x0 + x1 > width ? [rest[0], rest[1], Math.min(rest[2], x0 - 8), rest[3]] : [Math.max(rest[0], x1 + 8), rest[1], rest[2], rest[3]];
    const down = y0 + y1 > height ? [rest[0], rest[1], rest[2], Math.min(rest[3], y0 - 8)] : [rest[0], Math.max(rest[1], y1 + 8), rest[2], rest[3]];
    const area = ([a, b, c, d]) => Math.max(0, c - a) * Math.max(0, d - b);
    return area(across) > area(down) ? across : down;
  }, whole);
}

/** West, south, east, north in degrees of a box of pixels of the map; west > east across the 180th meridian. */
function boundsOf(layer, [x0, y0, x1, y1]) {
  const cam = layer.camera();
  const scale = 2 ** cam.zoom;
  const [west, north] = toLonLat(cam.x + (x0 - layer.width / 2) / scale, cam.y + (y0 - layer.height / 2) / scale);
  const [east, south] = toLonLat(cam.x + (x1 - layer.width / 2) / scale, cam.y + (y1 - layer.height / 2) / scale);
  if (east - west >= 360) return [-180, clamp(south, -85, 85), 180, clamp(north, -85, 85)];
  const round = (lon) => ((((lon + 180) % 360) + 360) % 360) - 180;
  return [round(west), clamp(south, -85, 85), round(east) === -180 ? 180 : round(east), clamp(north, -85, 85)];
}

function startDesk(map, layer) {
  layer.unbounded = true;
  const stage = document.querySelector('.stage');
  const sections = [...document.querySelectorAll('.step')];
  const cards = sections.map((section) => section.querySelector('.card'));
  const button = stage.querySelector('.explore-button');
  const home = window.location.origin;
  const flying = () => document.documentElement.classList.contains('exploring');
  const pinned = () => getComputedStyle(stage).getPropertyValue('--pinned').trim() === '1';
  const at = () => layer.data.steps.findIndex((step) => step.id === storymap.step);
  const post = (said, more) => window.parent.postMessage({ type: DESK, said, ...more }, home);
  let read = null; // the map as it is read: {width, height, free, card, pinned}; flying lays it out anew
  let last = '';
  let touched = 0; // how often the editor has moved the map by hand
  let away = false; // while a new version is got ready, nothing takes the focus

  function layOut() {
    if (flying()) return;
    const box = stage.getBoundingClientRect();
    const card = cards[Math.max(0, at())].getBoundingClientRect();
    read = {
      width: layer.width, height: layer.height, pinned: pinned(), free: freePart(stage, cards, false, pinned()),
      card: [card.left - box.left, card.top - box.top, card.right - box.left, card.bottom - box.top],
    };
  }

  /** Where a view that is taken now has to lie so that it looks the same when it is read, in pixels of the map. */
  function frame() {
    const { free } = read;
    const [wide, high] = [read.width - free.left - free.right, read.height - free.top - free.bottom];
    if (!read.pinned || !flying()) {
      const whole = [free.left, free.top, free.left + wide, free.top + high];
      return clearOf(whole, around(boxesOf(stage, '.inset, .map-legend')), layer.width, layer.height);
    }
    // A phone's map fills the screen while it is explored: a part of it as large as the map that is read.
    const now = freePart(stage, cards, true, true);
    const x = (now.left + layer.width - now.right) / 2;
    const y = (now.top + layer.height - now.bottom) / 2;
    return [x - wide / 2, y - high / 2, x + wide / 2, y + high / 2];
  }

  /** What must be seen, in pixels of the map, and what hides it: 'card', 'legend', 'edge' or nothing. */
  function mustSee(step, inside) {
    const [, ...boxes] = seenBoxes(step.view, layer.camera(), layer.width, layer.height);
    const corners = boxesOf(stage, '.inset, .map-legend');
    return step.view.must.map(({ ref, pad }, i) => {
      const [x0, y0, x1, y1] = boxes[i];
      const box = [x0 + pad, y0 + pad, x1 - pad, y1 - pad];
      const core = [box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1];
      const under = read.pinned ? false : overlap(core, read.card);
      const out = core[0] < inside[0] || core[1] < inside[1] || core[2] > inside[2] || core[3] > inside[3];
      const covered = corners.some((corner) => overlap(core, corner));
      return { ref, box, hidden: under ? 'card' : out ? 'edge' : covered ? 'legend' : '' };
    });
  }

  /** Where the text stands: the card, on a phone all below the map; null while the map fills the screen. */
  function textPart(place) {
    if (!read.pinned) return read.card.map((n, i) => Math.round(n + (i % 2 ? place.top : place.left)));
    return flying() ? null : [0, Math.round(place.bottom), window.innerWidth, window.innerHeight];
  }

  function report() {
    const i = at();
    if (i < 0) return null;
    layOut();
    const place = stage.getBoundingClientRect();
    const within = frame();
    const whole = read.pinned && flying() ? within : [0, 0, layer.width, layer.height];
    const cam = layer.camera();
    const moved = ([x0, y0, x1, y1]) => [x0 + place.left, y0 + place.top, x1 + place.left, y1 + place.top].map(Math.round);
    return {
      step: storymap.step, flying: flying(), touched,
      // While the map is moved the text lies elsewhere, and how far it was read says nothing.
      offset: flying() ? null : Math.round(-sections[i].getBoundingClientRect().top),
      camera: [cam.x, cam.y, cam.zoom], zoom: cam.zoom, bounds: boundsOf(layer, within), frame: moved(within),
      card: textPart(place),
      must: mustSee(layer.data.steps[i], whole).map((item) => ({ ...item, box: moved(item.box) })),
    };
  }

  function tell() {
    const now = report();
    const text = JSON.stringify(now);
    if (now && text !== last) post('report', { now });
    last = text;
  }

  /** Nothing that the editor did not ask for takes the focus out of the field that is typed in. */
  function quietly(what) {
    const { focus } = HTMLElement.prototype;
    HTMLElement.prototype.focus = function stay() {};
    try {
      what();
    } finally {
      HTMLElement.prototype.focus = focus;
    }
  }

  function fly(on) {
    if (on === flying()) return;
    layOut();
    if (away || !on) quietly(() => button.click());
    else button.click();
  }

  function setCamera([x, y, zoom]) {
    const [lng, lat] = toLonLat(x, y);
    map.setView([lat, lng], zoom, { animate: false, reset: true });
  }

  /** The map so that these bounds fill the frame, as on the other screen. */
  function showBounds([west, south, east, north]) {
    const [x0, y1] = toWorld(west, south);
    const [x1, y0] = toWorld(east, north);
    const [left, top, right, bottom] = frame();
    const free = { left, top, right: layer.width - right, bottom: layer.height - bottom };
    const view = { box: [x0, y0, west > east ? x1 + WORLD : x1, y1], pad: 0, must: [], maxZoom: map.options.maxZoom };
    const cam = solveCamera(view, layer.width, layer.height, free);
    setCamera([cam.x, cam.y, cam.zoom]);
  }

  /** Where the version before was read, or the map flown to; tells when the map stands there. */
  function prepare({ step, offset, camera }) {
    away = true;
    const i = layer.data.steps.findIndex((one) => one.id === step);
    if (i >= 0 && step !== storymap.step) storymap.go(step);
    if (i >= 0 && Number.isFinite(offset)) {
      const box = sections[i].getBoundingClientRect();
      window.scrollTo({ top: window.scrollY + box.top + Math.min(offset, box.height), behavior: 'instant' });
    }
    if (camera) {
      fly(true);
      setCamera(camera);
    }
    whenStill(() => {
      away = false;
      post('stands', { now: report() });
    });
  }

  function whenStill(then) {
    const wait = () => {
      layer.settle(); // what fades in here fades unseen
      if (storymap.state().moving) requestAnimationFrame(wait);
      else then();
    };
    requestAnimationFrame(wait);
  }

  /** Changes the text, and keeps the step that is read where it is on the screen. */
  function inPlace(change) {
    const section = sections[Math.max(0, at())];
    const { top } = section.getBoundingClientRect();
    change();
    const by = section.getBoundingClientRect().top - top;
    if (Math.abs(by) > 0.5) window.scrollBy({ top: by, behavior: 'instant' });
  }

  function putTexts(texts) {
    for (const { id, title, listed, words } of texts) {
      const step = layer.data.steps.find((one) => one.id === id);
      const section = document.getElementById(id);
      if (!step || !section) continue;
      step.title = title;
      if (id === storymap.step) map.getContainer().setAttribute('aria-label', `${layer.data.words.map}: ${title}`);
      section.querySelector('.words').innerHTML = words;
      stage.querySelector(`.contents a[href="#${CSS.escape(id)}"]`).textContent = listed;
    }
  }

  /** The texts of a version whose map is that of this document. */
  function retext({ version, texts }) {
    inPlace(() => putTexts(texts));
    post('retexted', { version });
  }

  /** The maps and texts of another version of this document: what stands in it for them, and what is drawn. */
  function takeOver(html) {
    const fresh = new DOMParser().parseFromString(html, 'text/html');
    const told = JSON.parse(fresh.getElementById('storymap-data').textContent);
    // Only what differs: each element that is put in has to be laid out.
    const put = (here, there) => here.isEqualNode(there) || here.replaceWith(there);
    for (const part of ['.hero', '.about', '.defs']) put(document.querySelector(part), fresh.querySelector(part));
    const texts = [];
    for (const { id, title } of told.steps) {
      const [here, there] = [document, fresh].map((page) => page.getElementById(id));
      const [before, words] = [here, there].map((section) => section.querySelector('.words').innerHTML);
      const listed = fresh.querySelector(`.contents a[href="#${CSS.escape(id)}"]`).textContent;
      for (const name of ['data-tone', 'data-credits']) here.setAttribute(name, there.getAttribute(name));
      put(here.querySelector('.key'), there.querySelector('.key'));
      if (words !== before || title !== layer.data.steps.find((step) => step.id === id).title) texts.push({ id, title, listed, words });
    }
    const { data } = layer;
    for (const name of ['paths', 'levels', 'labels', 'draw']) data[name] = told[name];
    data.steps.splice(0, data.steps.length, ...told.steps);
    map.options.maxZoom = Math.max(11, ...data.steps.map((step) => step.view.maxZoom + 1));
    layer.connect({ atlas: makeAtlas(data) });
    layer.shown = [];
    putTexts(texts);
    layer.anew();
  }

  function redraw({ version, html, flying: stillFlying }) {
    try {
      if (!stillFlying) quietly(() => fly(false)); // the view was taken
      inPlace(() => takeOver(html));
    } catch {
      post('redrawn', { version, done: false }); // it gets a document of its own
      return;
    }
    whenStill(() => post('redrawn', { version, done: true }));
  }

  const does = {
    prepare,
    retext,
    redraw,
    go: ({ step }) => storymap.step !== step && storymap.go(step),
    fly: ({ on, quiet }) => (quiet ? quietly(() => fly(on)) : fly(on)),
    show: ({ bounds }) => flying() && showBounds(bounds),
    pick({ x, y, reach, turn }) {
      const box = stage.getBoundingClientRect();
      const [px, py] = [x - box.left, y - box.top];
      const inside = px >= 0 && py >= 0 && px <= box.width && py <= box.height;
      post('picked', { turn, ref: inside ? refAt(layer, px, py, reach) : '' });
    },
  };
  window.addEventListener('message', (event) => {
    if (event.source !== window.parent || event.origin !== home || event.data?.type !== DESK) return;
    if (Object.hasOwn(does, event.data.do)) does[event.data.do](event.data);
  });
  for (const name of ['pointerdown', 'wheel', 'keydown']) {
    document.addEventListener(name, (event) => { if (flying() && event.isTrusted) touched += 1; }, { capture: true, passive: true });
  }
  document.addEventListener('storymap:step', tell);
  window.setInterval(tell, LOOK_MS);
  post('ready', {});
}

const startStoryAlone = storymap.start;
storymap.start = (map, layer) => {
  startStoryAlone(map, layer);
  startDesk(map, layer);
};
