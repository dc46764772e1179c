// Draws one frame: sea, basemap, layers. Nothing is projected here: every path is filled and stroked under a
// transform that is the camera, so a frame costs the same however the camera moves.

const BASE_WIDTHS = { coast: 0.9, borders: 0.9, regions: 0.7, rivers: 0.8, railways: 1.1, lakes: 0.7 };

/** frame: {ctx, ratio, width, height, cam, view, palette, atlas}. `shift` is a whole number of worlds in x. */
function enterPath(frame, entry, shift) {
  const { ctx, ratio, width, height, cam } = frame;
  const scale = 2 ** cam.zoom;
  const k = scale * entry.unit * ratio;
  const e = ((entry.ox + shift - cam.x) * scale + width / 2) * ratio;
  const f = ((entry.oy - cam.y) * scale + height / 2) * ratio;
  ctx.setTransform(k, 0, 0, k, e, f);
  return ratio / k; // one CSS pixel in units of the path
}

function visible(view, box, shift, margin = 0) {
  return box[2] + shift + margin >= view.x0 && box[0] + shift - margin <= view.x1
    && box[3] + margin >= view.y0 && box[1] - margin <= view.y1;
}

function worldShifts(view) {
  const shifts = [];
  // One more to the west: outlines that were cut at 180° are joined and reach a little past the world's edge.
  for (let n = Math.floor(view.x0 / WORLD) - 1; n <= Math.floor(view.x1 / WORLD); n += 1) shifts.push(n * WORLD);
  return shifts;
}

function screen(frame, x, y, shift) {
  const scale = 2 ** frame.cam.zoom;
  return [(x + shift - frame.cam.x) * scale + frame.width / 2, (y - frame.cam.y) * scale + frame.height / 2];
}

const GRATICULE = [30, 10, 5, 1, 0.5];

/** Meridians and parallels: they give an empty steppe a scale and make a move readable. Finer ones fade in. */
function drawGraticule(frame, most) {
  const { ctx, ratio, width, height, palette, view } = frame;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.setLineDash([]);
  ctx.lineWidth = 0.6;
  const [west, north] = toLonLat(view.x0, view.y0);
  const [east, south] = toLonLat(view.x1, view.y1);
  for (const degrees of GRATICULE) {
    const alpha = clamp(((degrees / 360) * WORLD * 2 ** view.zoom - 70) / 90, 0, 1) * 0.5 * most;
    if (alpha <= 0.005) break;
    ctx.strokeStyle = palette.color('coast', alpha);
    ctx.beginPath();
    for (let lon = Math.ceil(west / degrees) * degrees; lon <= east; lon += degrees) {
      const x = screen(frame, (lon / 360 + 0.5) * WORLD, 0, 0)[0];
      ctx.moveTo(x, 0);
      ctx.lineTo(x, height);
    }
    for (let lat = Math.ceil(Math.max(south, -80) / degrees) * degrees; lat <= Math.min(north, 84); lat += degrees) {
      const y = screen(frame, 0, toWorld(0, lat)[1], 0)[1];
      ctx.moveTo(0, y);
      ctx.lineTo(width, y);
    }
    ctx.stroke();
  }
}

function drawBase(frame, level, alphas) {
  const { ctx, palette, atlas, view } = frame;
  let drawnLand = false;
  const zoomed = clamp(0.75 + (view.zoom - 3) * 0.12, 0.7, 1.7);
  const shifts = worldShifts(view);
  for (const [role, key, weight] of level[2]) {
    if (!drawnLand && role !== 'land') {
      drawGraticule(frame, alphas.graticule ?? 1);
      drawnLand = true;
    }
    for (const shift of shifts) {
      const entry = atlas.get(key);
      const alpha = alphas[role] ?? 1;
      if (alpha <= 0.01 || !visible(view, entry.box, shift)) continue;
      const px = enterPath(frame, entry, shift);
      ctx.globalAlpha = alpha;
      ctx.setLineDash([]);
      ctx.lineJoin = 'round';
      ctx.lineCap = 'round';
      if (role === 'land' || role === 'lakes') {
        ctx.fillStyle = palette.color(role);
        ctx.fill(entry.path, 'evenodd');
        if (role === 'land') continue;
      }
      const line = atlas.strokes(entry, view, shift);
      if (role === 'railways') {
        // The classic sleeper pattern: a line with short cross ticks reads as a railway without its colour.
        ctx.lineCap = 'butt';
        ctx.strokeStyle = palette.color('railways');
        ctx.lineWidth = 0.9 * zoomed * px;
        ctx.stroke(line);
        ctx.lineWidth = 3.6 * zoomed * px;
        ctx.setLineDash([1.1 * px, 6.5 * px]);
        ctx.stroke(line);
        continue;
      }
      ctx.strokeStyle = palette.color(role === 'lakes' ? 'coast' : role);
      ctx.lineWidth = (BASE_WIDTHS[role] ?? 1) * weight * zoomed * px;
      if (role === 'regions') ctx.setLineDash([2.5 * px, 3 * px]);
      ctx.stroke(line);
    }
  }
  ctx.globalAlpha = 1;
}

const tiles = new Map();
const MOST_TILES = 64; // a fade makes some for each of its shades

/** Repeating pattern in a colour, which may be sheer; kept for each colour, as making one costs more than using it. */
function patternFill(frame, kind, color) {
  const id = `${kind}${color}${frame.ratio}`;
  if (!tiles.has(id)) {
    if (tiles.size >= MOST_TILES) tiles.clear();
    const size = 8;
    const tile = document.createElement('canvas');
    tile.width = tile.height = size * frame.ratio;
    const c = tile.getContext('2d');
    c.scale(frame.ratio, frame.ratio);
    c.strokeStyle = c.fillStyle = color;
    c.lineWidth = 1.2;
    c.beginPath();
    if (kind === 'dots') c.arc(size / 2, size / 2, 1.4, 0, 7);
    for (const n of kind === 'dots' ? [] : [-size, 0, size]) {
      c.moveTo(n, size);
      c.lineTo(n + size, 0);
      if (kind === 'cross') {
        c.moveTo(n, 0);
        c.lineTo(n + size, size);
      }
    }
    if (kind === 'dots') c.fill();
    else c.stroke();
    tiles.set(id, frame.ctx.createPattern(tile, 'repeat'));
  }
  return tiles.get(id);
}

/**
 * Fills a path, under whose transform the canvas stands, with a pattern that keeps its size and moves with the map.
 * By whole pixels, without a scale and in an opaque pass a canvas on the CPU only copies the tile: measured at
 * 1280×800, 0.6 ms for the whole view, where a pattern under the camera's transform took 3.8 ms.
 */
function fillPattern(frame, path, kind, stroke, opacity) {
  const { ctx, palette } = frame;
  const camera = ctx.getTransform();
  const fill = patternFill(frame, kind, palette.color(stroke, Math.round(opacity * 32) / 32));
  fill.setTransform(new DOMMatrix().translate(Math.round(camera.e), Math.round(camera.f)));
  const seen = new Path2D();
  seen.addPath(path, camera);
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.fillStyle = fill;
  ctx.fill(seen, 'evenodd');
  ctx.setTransform(camera);
}

function drawArea(frame, shape, paint, alpha, shift) {
  const { ctx, palette, atlas, view } = frame;
  const entry = atlas.get(shape.path);
  if (!visible(view, entry.box, shift)) return;
  const px = enterPath(frame, entry, shift);
  if (paint.fill && paint.fillOpacity > 0) {
    ctx.fillStyle = palette.color(paint.fill, paint.fillOpacity * alpha);
    ctx.fill(entry.path, 'evenodd');
  }
  if (paint.pattern !== 'none') {
    fillPattern(frame, entry.path, paint.pattern, paint.stroke || paint.fill, 0.5 * alpha);
  }
  if (paint.stroke && paint.weight) strokePath(frame, atlas.strokes(entry, view, shift), paint, alpha, px);
}

function strokePath(frame, path, paint, alpha, px) {
  const { ctx, palette } = frame;
  ctx.lineJoin = 'round';
  ctx.lineCap = paint.dash.length ? 'butt' : 'round';
  ctx.setLineDash(paint.dash.map((n) => n * px));
  ctx.strokeStyle = palette.color(paint.stroke, paint.opacity * alpha);
  ctx.lineWidth = paint.weight * px;
  ctx.stroke(path);
  ctx.setLineDash([]);
}

function drawLine(frame, shape, paint, alpha, shift, share) {
  const { ctx, ratio, atlas, view, palette } = frame;
  const entry = atlas.get(shape.path);
  if (!visible(view, entry.box, shift) || share <= 0) return;
  const whole = share >= 1 && !paint.arrow;
  const path = whole ? atlas.strokes(entry, view, shift) : new Path2D();
  let px = 1;
  let tips = [];
  if (whole) {
    px = enterPath(frame, entry, shift);
  } else {
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const line of atlas.lines(entry)) {
      const part = cutLine(line, share).map((p) => screen(frame, p.x, p.y, shift));
      if (part.length < 2) continue;
      part.forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
      tips.push(part);
    }
  }
  const casing = { ...paint, stroke: 'halo', weight: paint.weight + 2.4, opacity: 0.7, dash: [] };
  strokePath(frame, path, casing, alpha, px);
  strokePath(frame, path, paint, alpha, px);
  if (!paint.arrow) return;
  ctx.fillStyle = palette.color(paint.stroke, paint.opacity * alpha);
  for (const part of tips) drawArrow(ctx, part, 5 + paint.weight * 2);
}

function drawArrow(ctx, points, size) {
  const [x, y] = points[points.length - 1];
  // The direction is taken over some pixels, not the last segment, which may be shorter than a pixel.
  let back = points[0];
  for (let i = points.length - 2; i >= 0; i -= 1) {
    back = points[i];
    if (Math.hypot(x - back[0], y - back[1]) > size) break;
  }
  const angle = Math.atan2(y - back[1], x - back[0]);
  const corner = (turn, length) => [x - length * Math.cos(angle + turn), y - length * Math.sin(angle + turn)];
  ctx.beginPath();
  ctx.moveTo(x + 1.5 * Math.cos(angle), y + 1.5 * Math.sin(angle));
  ctx.lineTo(...corner(0.42, size));
  ctx.lineTo(...corner(0, size * 0.72));
  ctx.lineTo(...corner(-0.42, size));
  ctx.closePath();
  ctx.fill();
}

function symbolPath(ctx, symbol, x, y, r) {
  ctx.beginPath();
  if (symbol === 'square') ctx.rect(x - r * 0.89, y - r * 0.89, r * 1.78, r * 1.78);
  else if (symbol === 'diamond') polygon(ctx, [[x, y - r * 1.25], [x + r * 1.25, y], [x, y + r * 1.25], [x - r * 1.25, y]]);
  else if (symbol === 'triangle') polygon(ctx, [[x, y - r * 1.2], [x + r * 1.1, y + r * 0.75], [x - r * 1.1, y + r * 0.75]]);
  else ctx.arc(x, y, r, 0, 7);
}

function polygon(ctx, points) {
  points.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
  ctx.closePath();
}

/** Radius in pixels at which a point is drawn. Soft points are as large as what is not known of their place. */
function pointRadius(shape, paint, zoom) {
  const own = shape.radius ?? paint.radius;
  return paint.soft && shape.blur ? Math.max(own, shape.blur * 2 ** zoom) : own;
}

function drawPoint(frame, shape, paint, alpha, shift) {
  const { ctx, ratio, palette, cam } = frame;
  const [x, y] = screen(frame, shape.x, shape.y, shift);
  const r = pointRadius(shape, paint, cam.zoom);
  if (x < -r || y < -r || x > frame.width + r || y > frame.height + r) return;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  const fill = paint.fill || paint.stroke;
  if (paint.soft) {
    drawSoftPoint(frame, shape, paint, alpha, [x, y, r]);
    return;
  }
  symbolPath(ctx, paint.symbol, x, y, r);
  if (paint.symbol !== 'ring' && paint.fill) {
    ctx.fillStyle = palette.color(fill, paint.fillOpacity * alpha);
    ctx.fill();
  }
  if (paint.stroke && paint.weight) {
    ctx.lineWidth = paint.weight;
    ctx.strokeStyle = palette.color(paint.stroke, paint.opacity * alpha);
    ctx.setLineDash(paint.dash);
    ctx.stroke();
    ctx.setLineDash([]);
  }
}

const SOFT_STOPS = [[0, 0.85], [0.4, 0.6], [0.75, 0.25], [1, 0]];
const SHAPED_STOPS = [[0, 0.9], [0.6, 0.75], [1, 0.35]]; // small ones keep their shape, or only the colour would tell them apart
const RING_FROM = 10;

/** A place known roughly: a disc that fades out, as wide as the doubt, with a dashed ring at its edge when that is large. */
function drawSoftPoint({ ctx, cam, palette }, shape, paint, alpha, [x, y, r]) {
  const fill = paint.fill || paint.stroke;
  const unknown = (shape.blur || 0) * 2 ** cam.zoom;
  const shaped = unknown <= RING_FROM && paint.symbol !== 'circle' && paint.symbol !== 'ring';
  const fade = ctx.createRadialGradient(x, y, 0, x, y, r);
  for (const [stop, share] of shaped ? SHAPED_STOPS : SOFT_STOPS) fade.addColorStop(stop, palette.color(fill, share * paint.fillOpacity * alpha));
  ctx.fillStyle = fade;
  symbolPath(ctx, shaped ? paint.symbol : 'circle', x, y, r);
  ctx.fill();
  if (unknown <= RING_FROM) return;
  ctx.setLineDash(paint.dash.length ? paint.dash : [2, 3]);
  ctx.lineWidth = 1;
  ctx.strokeStyle = palette.color(paint.stroke || fill, 0.65 * alpha);
  ctx.beginPath();
  ctx.arc(x, y, unknown - 0.5, 0, 7);
  ctx.stroke();
  ctx.setLineDash([]);
}

/** Draws one drawable with an opacity; `share` is how much of its lines has grown. */
function drawLayer(frame, drawable, alpha, share) {
  for (const shift of worldShifts(frame.view)) {
    for (const shape of drawable.shapes) {
      const paint = drawable.paints[shape.paint];
      if (shape.kind === 'area') drawArea(frame, shape, paint, alpha, shift);
      else if (shape.kind === 'line') drawLine(frame, shape, paint, alpha, shift, share);
      else drawPoint(frame, shape, paint, alpha, shift);
    }
  }
}
