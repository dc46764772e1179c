// Prepared geometry: SVG path data that stands once in the document, for the stills and for the canvas alike.

/** Geometry of the document: get(key) → {path, points(), ox, oy, unit, box}; level(camera, w, h) → basemap level. */
function makeAtlas(data) {
  const cache = new Map();

  function get(key) {
    let entry = cache.get(key);
    if (!entry) {
      const [ox, oy, unit, ...box] = data.paths[key];
      const d = document.getElementById(key).getAttribute('d');
      entry = { key, d, ox, oy, unit, box, path: new Path2D(d), lines: null };
      cache.set(key, entry);
    }
    return entry;
  }

  /** Lines of a path in world units with running length, for lines that grow and for hit testing. */
  function lines(entry) {
    if (!entry.lines) entry.lines = parsePath(entry.d).map((points) => measure(points, entry));
    return entry.lines;
  }

  function level(view) {
    const { x0, y0, x1, y1, zoom } = view;
    let best = null;
    for (const candidate of data.levels) {
      const [maxZoom, box] = candidate;
      const covers = !box || (x0 >= box[0] && x1 <= box[2] && y0 >= box[1] && y1 <= box[3]);
      if (!covers) continue;
      best = candidate;
      if (zoom <= maxZoom) break;
    }
    return best;
  }

  /**
   * What a stroke of `entry` needs in this view. A dash pattern is laid along all of a path, also outside the view, and
   * the nearer the camera the more dashes that is: only the stretches that touch the view are stroked.
   */
  function strokes(entry, view, shift) {
    const { box } = entry;
    const west = view.x0 - shift;
    const east = view.x1 - shift;
    if (box[0] >= west && box[2] <= east && box[1] >= view.y0 && box[3] <= view.y1) return entry.path;
    entry.parts ??= stretches(entry);
    const marginX = (east - west) / 20; // for the width of the stroke, and so that the choice lasts some frames
    const marginY = (view.y1 - view.y0) / 20;
    const seen = [];
    entry.parts.forEach((part, i) => {
      const [x0, y0, x1, y1] = part.box;
      if (x1 >= west - marginX && x0 <= east + marginX && y1 >= view.y0 - marginY && y0 <= view.y1 + marginY) seen.push(i);
    });
    if (seen.length === entry.parts.length) return entry.path;
    const id = seen.join();
    if (entry.seen?.id !== id) {
      const path = new Path2D();
      for (const i of seen) path.addPath(entry.parts[i].path);
      entry.seen = { id, path };
    }
    return entry.seen.path;
  }

  return { get, lines, level, strokes };
}

const STRETCH = 48;

/** Lines of a path in stretches of at most STRETCH segments: [{path in units of the path, box in world units}]. */
function stretches({ d, ox, oy, unit }) {
  const parts = [];
  for (const points of parsePath(d)) {
    for (let from = 0; from < Math.max(1, points.length - 1); from += STRETCH) {
      const some = points.slice(from, from + STRETCH + 1);
      const path = new Path2D();
      some.forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
      const xs = some.map(([x]) => ox + x * unit);
      const ys = some.map(([, y]) => oy + y * unit);
      parts.push({ path, box: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] });
    }
  }
  return parts;
}

function parsePath(d) {
  const parts = [];
  for (const sub of d.split('M').slice(1)) {
    const numbers = sub.match(/-?\d+/g).map(Number);
    const points = [[numbers[0], numbers[1]]];
    for (let i = 2; i + 1 < numbers.length; i += 2) {
      const last = points[points.length - 1];
      points.push([last[0] + numbers[i], last[1] + numbers[i + 1]]);
    }
    if (/z\s*$/.test(sub)) points.push(points[0].slice());
    parts.push(points);
  }
  return parts;
}

function measure(points, { ox, oy, unit }) {
  let length = 0;
  return points.map(([px, py], i) => {
    const x = ox + px * unit;
    const y = oy + py * unit;
    if (i) {
      const before = points[i - 1];
      length += Math.hypot(px - before[0], py - before[1]) * unit;
    }
    return { x, y, length };
  });
}

/** First part of a measured line, up to `share` of its length. */
function cutLine(line, share) {
  const end = line[line.length - 1].length * share;
  const out = [];
  for (let i = 0; i < line.length; i += 1) {
    if (line[i].length <= end) {
      out.push(line[i]);
      continue;
    }
    const a = line[i - 1];
    const b = line[i];
    const k = (end - a.length) / (b.length - a.length || 1);
    out.push({ x: a.x + (b.x - a.x) * k, y: a.y + (b.y - a.y) * k, length: end });
    break;
  }
  return out;
}
