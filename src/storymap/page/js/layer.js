// The Leaflet layer that draws the story: one canvas, drawn afresh each frame, so that nothing is ever blank.
// It holds what is on the map now (layers with their opacity, labels, tone) and moves it toward what a step asks for.

const FADE_MS = 420;
const LETTERS_A_FRAME = 4;
const UNSEEN = 0.01; // opacity below which a label is not drawn
const GHOST_MS = 33; // between the steps of a fade over a map that stands still: as smooth as each frame, at half the cost

function approach(value, target, step) {
  return value < target ? Math.min(target, value + step) : Math.max(target, value - step);
}

/** Points every few pixels along the lines of a drawable where they are in view: labels keep off them. */
function strokePoints(layer, drawable, cam) {
  const view = layer.view(cam);
  const frame = { cam, width: layer.width, height: layer.height };
  const step = 10 / 2 ** cam.zoom;
  const points = [];
  for (const shape of drawable.shapes) {
    if (shape.kind !== 'line' || drawable.paints[shape.paint].weight <= 0) continue;
    const entry = layer.atlas.get(shape.path);
    for (const shift of worldShifts(view)) {
      if (!visible(view, entry.box, shift)) continue;
      for (const line of layer.atlas.lines(entry)) {
        let next = 0;
        for (let i = 1; i < line.length; i += 1) {
          const [a, b] = [line[i - 1], line[i]];
          for (; next <= b.length; next += step) {
            const k = (next - a.length) / (b.length - a.length || 1);
            const [x, y] = screen(frame, a.x + (b.x - a.x) * k, a.y + (b.y - a.y) * k, shift);
            if (x >= 0 && y >= 0 && x <= layer.width && y <= layer.height) points.push([x, y]);
          }
        }
      }
    }
  }
  return points;
}

const StoryLayer = L.Layer.extend({
  initialize(options) {
    L.setOptions(this, options);
    this.shown = []; // [{id, alpha, target, grow, share}] from bottom to top
    this.letters = new Map(); // label id → {label, alpha, target, dx, dy, lines, role, delay}
    this.baseAlpha = {};
    this.without = [];
    this.tone = 0;
    this.toneTarget = 0;
    this.share = 1;
    this.instant = false;
  },

  /** Called once by the page with all that it draws from: {data, atlas, palette, lettering, motion}. */
  connect(parts) {
    Object.assign(this, parts);
    for (const drawable of Object.values(this.data.draw)) {
      drawable.labels.forEach((label, i) => { label.id = `${drawable.layer}|${label.key}|${label.text}|${i}`; });
    }
    this.data.labels.forEach((item) => { item.label.id = `base|${item.part}|${item.label.text}`; });
    return this;
  },

  onAdd(map) {
    this.canvas = L.DomUtil.create('canvas', 'map-canvas', map.getContainer());
    this.ghost = L.DomUtil.create('canvas', 'map-canvas map-ghost', map.getContainer());
    this.ctx = this.canvas.getContext('2d');
    map.on('move zoom viewreset', this._moved, this);
    return this;
  },

  onRemove(map) {
    map.off('move zoom viewreset', this._moved, this);
    this.canvas.remove();
    this.ghost.remove();
  },

  _moved() {
    if (!this.driven) this.wake();
  },

  camera() {
    const center = this._map.getCenter();
    const [x, y] = toWorld(center.lng, center.lat);
    return { x, y, zoom: this._map.getZoom() };
  },

  size() {
    return [this.width, this.height];
  },

  resize(width, height) {
    this.width = width;
    this.height = height;
    this.ratio = Math.min(window.devicePixelRatio || 1, 2);
    for (const canvas of [this.canvas, this.ghost]) {
      canvas.width = Math.round(width * this.ratio);
      canvas.height = Math.round(height * this.ratio);
    }
  },

  /** World box that a camera sees. */
  view(cam) {
    const half = 0.5 / 2 ** cam.zoom;
    return {
      x0: cam.x - this.width * half, x1: cam.x + this.width * half,
      y0: cam.y - this.height * half, y1: cam.y + this.height * half, zoom: cam.zoom,
    };
  },

  /** Asks for a step's layers, tone and labels, the latter placed for `cam`, the camera at the end of the move. */
  ask(step, cam, blocked, { instant = false, delay = 0 } = {}) {
    const wanted = new Map(step.show.map(([id, grow]) => [id, grow]));
    const leaving = this.shown.filter((item) => !wanted.has(item.id));
    const before = new Map(this.shown.map((item) => [item.id, item]));
    this.shown = [
      ...leaving.map((item) => ({ ...item, target: 0 })),
      ...step.show.map(([id, grow]) => ({ id, grow, alpha: 0, share: grow ? 0 : 1, ...before.get(id), grow, target: 1 })),
    ];
    this.without = step.without;
    this.toneTarget = step.tone === 'dark' ? 1 : 0;
    this.plan(step.show.map(([id]) => id), step.without, cam, blocked, delay, step.view.must.map(({ ref }) => ref));
    if (instant) this.settle();
    this.wake();
  },

  /** Places the labels of layers and basemap for a camera; those in both plans stay, the others fade. */
  plan(ids, without, cam, blocked, delay, must = []) {
    const labels = [];
    const boxes = [];
    const scale = 2 ** cam.zoom;
    for (const id of ids) {
      const drawable = this.data.draw[id];
      // What must be seen is named before all else (MUST_SEE of stillmap.py).
      labels.push(...drawable.labels.map((label) =>
        must.includes(drawable.layer) || must.includes(`${drawable.layer}/${label.key}`) ? { ...label, priority: label.priority + 1000 } : label));
      for (const shape of drawable.shapes) {
        if (shape.kind !== 'point') continue;
        const paint = drawable.paints[shape.paint];
        const r = pointRadius(shape, paint, cam.zoom);
        const shift = Math.round((cam.x - shape.x) / WORLD) * WORLD;
        const x = (shape.x + shift - cam.x) * scale + this.width / 2;
        const y = (shape.y - cam.y) * scale + this.height / 2;
        // The faint rim of a soft disc may lie under another label, its core may not.
        const core = paint.soft ? r * 0.6 : r;
        boxes.push([x - core, y - core, x + core, y + core]);
      }
    }
    // A name that the story writes itself ("Ukraine, 2,925 km") is not written again.
    const own = labels.map((label) => label.text);
    const repeats = ({ text }) => own.some((other) => other === text || (other.startsWith(text) && !/\p{L}/u.test(other[text.length])));
    for (const { label, min, max, part } of this.data.labels) {
      if (cam.zoom >= min && cam.zoom <= max && !without.includes(part) && !repeats(label)) labels.push(label);
    }
    const strokes = ids.flatMap((id) => strokePoints(this, this.data.draw[id], cam));
    const placed = placeLabels(labels, this.lettering, cam, this.width, this.height, boxes, blocked, strokes);
    for (const [id, item] of this.letters) {
      if (!placed.has(id)) item.target = 0;
    }
    for (const [id, item] of placed) {
      let old = this.letters.get(id);
      if (old && Math.hypot(item.dx - old.dx, item.dy - old.dy) > 1) {
        // At another side of its place: it fades out there and in here.
        if (old.alpha > 0) this.letters.set(`${id}~left`, { ...old, target: 0 });
        old = null;
      }
      this.letters.set(id, { ...item, alpha: old ? old.alpha : 0, target: 1, delay: old ? 0 : delay });
    }
  },

  /** Ends all fades at once. */
  settle() {
    this.shown = this.shown.filter((item) => item.target);
    for (const item of this.shown) {
      item.alpha = item.target;
      item.share = item.grow ? this.share : 1;
    }
    for (const [id, item] of this.letters) {
      item.alpha = item.target;
      item.delay = 0;
      if (!item.target) this.letters.delete(id);
    }
    for (const part of Object.keys(this.baseAlpha)) this.baseAlpha[part] = this.without.includes(part) ? 0 : 1;
    this.tone = this.toneTarget;
  },

  /** One frame of all fades; true while something still changes. */
  advance(ms, flying) {
    const step = ms / FADE_MS;
    let busy = false;
    const go = (value, target, by) => {
      const next = approach(value, target, by);
      if (next !== target) busy = true;
      return next;
    };
    for (const item of this.shown) {
      item.alpha = go(item.alpha, item.target, step);
      // Growth follows the scroll, but never faster than an eye can follow, and after the map has come near.
      const goal = item.grow ? this.share : 1;
      if (!flying || item.share > 0 || !item.grow) item.share = go(item.share, goal, ms / 1300);
      else if (item.share !== goal) busy = true;
    }
    this.shown = this.shown.filter((item) => item.target || item.alpha > 0);
    let fresh = 0;
    for (const [id, item] of this.letters) {
      // The first drawing of a name takes much longer than the next ones: only a few begin in a frame.
      const begins = item.target && item.alpha <= UNSEEN && item.delay <= 0;
      if (begins) fresh += 1;
      if (item.delay > 0 || (begins && fresh > LETTERS_A_FRAME)) {
        item.delay -= ms;
        busy = true;
      } else item.alpha = go(item.alpha, item.target, item.target ? step * 1.3 : step * 2);
      if (!item.target && item.alpha <= 0) this.letters.delete(id);
    }
    for (const part of this.data.parts) {
      this.baseAlpha[part] = go(this.baseAlpha[part] ?? 1, this.without.includes(part) ? 0 : 1, step);
    }
    this.tone = go(this.tone, this.toneTarget, ms / 700);
    return busy;
  },

  draw(cam) {
    const view = this.view(cam);
    const { ctx, ratio, width, height, palette, atlas } = this;
    this.palette.setMix(easeInOut(this.tone));
    const frame = { ctx, ratio, width, height, cam, view, palette, atlas };
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.globalAlpha = 1;
    if (this.tiled) ctx.clearRect(0, 0, this.canvas.width, this.canvas.height);
    else {
      ctx.fillStyle = palette.color('sea');
      ctx.fillRect(0, 0, this.canvas.width, this.canvas.height);
      this.level = atlas.level(view);
      if (this.level) drawBase(frame, this.level, this.baseAlpha);
    }
    for (const item of this.shown) {
      if (item.alpha > 0) drawLayer(frame, this.data.draw[item.id], item.alpha, easeInOut(clamp(item.share, 0, 1)));
    }
    for (const item of [...this.letters.values()].sort((a, b) => a.label.priority - b.label.priority)) {
      if (item.alpha > UNSEEN) drawLabel(frame, item, item.alpha, this.lettering.tables);
    }
    this.canvas.dataset.drawn = String(Number(this.canvas.dataset.drawn || 0) + 1);
  },

  /** Keeps the picture as it is now in the second canvas, which then fades out over the new one. */
  crossFade(ms) {
    const ghost = this.ghost.getContext('2d');
    ghost.clearRect(0, 0, this.ghost.width, this.ghost.height);
    ghost.drawImage(this.canvas, 0, 0);
    this.ghost.getAnimations?.().forEach((animation) => animation.cancel());
    const steps = Math.max(2, Math.round(ms / GHOST_MS));
    const fading = Array.from({ length: steps + 1 }, (_, i) => ({ opacity: 1 - easeInOut(i / steps), easing: 'steps(1, end)' }));
    this.ghost.animate(fading, ms);
  },
});
