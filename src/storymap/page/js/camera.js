// The camera: which centre and zoom show what a step must show, and the way from one camera to another.
// World units are Web Mercator pixels at zoom 0 (0…256, y down), as in storymap/drawing.py. camera.py is the same in
// Python; tests/browser/test_camera.py holds both against each other.

const WORLD = 256;
const RHO = 1.42; // van Wijk & Nuij 2003 found 1.42 the average of what their readers preferred

const LEAST_FREE = 0.25; // share of the viewport that insets leave free, along each axis
const MOST_PAD = 0.25; // share of the free length that the pad on one side may take

function giveWay(first, second, length) {
  const covered = first + second;
  const shrink = covered > 0 ? Math.min(1, ((1 - LEAST_FREE) * length) / covered) : 1;
  return [first * shrink, second * shrink];
}

/** Largest scale at which all spans [low, high, pad] fit into `length` pixels: pads are pixels and do not scale. */
function fitScale(spans, length) {
  let scale = Infinity;
  for (const [low, , pad] of spans) {
    for (const [, high, otherPad] of spans) {
      if (high > low) scale = Math.min(scale, (length - pad - otherPad) / (high - low));
    }
  }
  return scale;
}

/** Camera {x, y, zoom} for a step's view in a viewport of width × height px whose insets `free` are covered. */
function solveCamera(view, width, height, free) {
  const [left, right] = giveWay(free.left, free.right, width);
  const [top, bottom] = giveWay(free.top, free.bottom, height);
  const wide = width - left - right;
  const high = height - top - bottom;
  const mostPad = MOST_PAD * Math.min(wide, high);
  const [x0, y0, x1, y1] = view.box;
  const across = [[x0, x1, Math.min(view.pad, mostPad)]];
  const down = [[y0, y1, Math.min(view.pad, mostPad)]];
  for (const { box, pad } of view.must) {
    const shift = WORLD * Math.floor((x0 + x1 - box[0] - box[2]) / (2 * WORLD) + 0.5);
    across.push([box[0] + shift, box[2] + shift, Math.min(pad, mostPad)]);
    down.push([box[1], box[3], Math.min(pad, mostPad)]);
  }
  const scale = Math.min(fitScale(across, wide), fitScale(down, high), 2 ** view.maxZoom);
  const zoom = Math.log2(scale);
  const centre = (spans, freeCentre, middle) =>
    ((Math.min(...spans.map(([low, , pad]) => low * scale - pad)) +
      Math.max(...spans.map(([, upper, pad]) => upper * scale + pad))) / 2 + middle - freeCentre) / scale;
  const x = centre(across, (left + width - right) / 2, width / 2);
  const y = centre(down, (top + height - bottom) / 2, height / 2);
  const half = height / 2 / scale;
  const inside = half * 2 <= WORLD ? clamp(y, half, WORLD - half) : WORLD / 2;
  const most = Math.min(...down.map(([low, , pad]) => low + (height / 2 - top - pad) / scale));
  const least = Math.max(...down.map(([, upper, pad]) => upper - (height / 2 - bottom - pad) / scale));
  return { x: x - WORLD * Math.floor(x / WORLD), y: least > most ? y : clamp(inside, least, most), zoom };
}

/** Path between two cameras (van Wijk & Nuij, "Smooth and efficient zooming and panning", 2003): {length, at(t)}. */
function flightPath(from, to, width) {
  const w0 = width / 2 ** from.zoom;
  const w1 = width / 2 ** to.zoom;
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const u1 = Math.hypot(dx, dy);
  const rho2 = RHO * RHO;
  if (u1 < w0 * 1e-6) {
    const length = Math.abs(Math.log(w1 / w0)) / RHO;
    return {
      length,
      at: (t) => (t >= 1 ? to : { x: from.x + dx * t, y: from.y + dy * t, zoom: from.zoom + (to.zoom - from.zoom) * t }),
    };
  }
  const b = (w, sign) => (w1 * w1 - w0 * w0 + sign * rho2 * rho2 * u1 * u1) / (2 * w * rho2 * u1);
  const r = (value) => -Math.asinh(value);
  const r0 = r(b(w0, 1));
  const r1 = r(b(w1, -1));
  const length = (r1 - r0) / RHO;
  return {
    length,
    at(t) {
      if (t <= 0) return from;
      if (t >= 1) return to;
      const s = t * length;
      // The paper's difference of hyperbolic functions as a product, which does not cancel on far flights.
      const k = ((w0 / rho2) * Math.sinh(RHO * s)) / Math.cosh(RHO * s + r0) / u1;
      return { x: from.x + dx * k, y: from.y + dy * k, zoom: from.zoom - Math.log2(Math.cosh(r0) / Math.cosh(RHO * s + r0)) };
    },
  };
}

/** The target moved by whole worlds so that the way to it is the short one. */
function nearestCopy(from, to) {
  return { ...to, x: to.x + Math.round((from.x - to.x) / WORLD) * WORLD };
}

const easeInOut = (t) => (t < 0.5 ? 4 * t * t * t : 1 - (2 - 2 * t) ** 3 / 2);
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

function toWorld(lon, lat) {
  return [(lon / 360 + 0.5) * WORLD, (0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)) * WORLD];
}

function toLonLat(x, y) {
  return [(x / WORLD - 0.5) * 360, (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / WORLD))) * 180) / Math.PI];
}
