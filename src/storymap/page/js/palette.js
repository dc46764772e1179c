// Colours come from the style sheet (--c-<name>), so that dark mode and a step's tone have one place.

function parseColor(text) {
  const hex = text.trim().replace('#', '');
  const full = hex.length === 3 ? [...hex].map((c) => c + c).join('') : hex;
  return [0, 2, 4].map((i) => parseInt(full.slice(i, i + 2), 16));
}

/** Colours between the light and the dark tone: color(token, alpha) at `mix` (0 light … 1 dark). */
function makePalette(names, probes) {
  let tones = [];
  let mix = 0;
  let cache = new Map();

  function read() {
    tones = probes.map((element) => {
      const style = getComputedStyle(element);
      return Object.fromEntries(names.map((name) => [name, parseColor(style.getPropertyValue(`--c-${name}`) || '#888888')]));
    });
    cache = new Map();
  }

  function setMix(value) {
    if (value !== mix) cache = new Map();
    mix = value;
  }

  function color(token, alpha = 1) {
    const id = alpha === 1 ? token : `${token}/${alpha.toFixed(3)}`;
    let css = cache.get(id);
    if (!css) {
      const [a, b] = token[0] === '#' ? [parseColor(token), parseColor(token)] : [tones[0][token], tones[1][token]];
      const rgb = (a || [136, 136, 136]).map((v, i) => Math.round(v + ((b || a || [136, 136, 136])[i] - v) * mix));
      css = alpha === 1 ? `rgb(${rgb})` : `rgba(${rgb},${alpha.toFixed(3)})`;
      cache.set(id, css);
    }
    return css;
  }

  read();
  return { read, color, setMix, get mix() { return mix; } };
}
