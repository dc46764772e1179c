// Labels: which ones, where, and how they come and go. Placement (as storymap/lettering.py does it for stills) is
// planned for the camera at the end of a move, so that labels fade between two plans and never jump while it flies.

function fontOf(role, tables) {
  return `${role.italic ? 'italic ' : ''}${role.weight} ${role.size}px ${tables.font}`;
}

/** tables: lettering.tables() of the compiler. layout(label, narrow) → {role, lines, width, height} in pixels. */
function makeLettering(tables) {
  const ctx = document.createElement('canvas').getContext('2d');
  const widths = new Map();

  function measure(text, role) {
    const id = `${role.weight}${role.italic}${role.size}${text}`;
    if (!widths.has(id)) {
      ctx.font = fontOf(role, tables);
      widths.set(id, ctx.measureText(text).width + role.spacing * role.size * text.length);
    }
    return widths.get(id);
  }

  function wrap(text, role, narrow) {
    // A space between digits groups a number, and is as fixed as one that the writer fixed.
    const words = text.replace(/(\d)\s+(?=\d)/g, '$1\u00a0').split(/[^\S\u00a0]+/);
    if (!role.wrap || (text.length <= tables.wrap && !narrow) || words.length < 2) return [text];
    let best = null;
    for (let n = 1; n < words.length; n += 1) {
      const halves = [words.slice(0, n).join(' '), words.slice(n).join(' ')];
      const longest = Math.max(halves[0].length, halves[1].length);
      if (!best || longest < best.longest) best = { longest, halves };
    }
    return best.halves;
  }

  function layout(label, narrow) {
    const role = tables.roles[label.role];
    const lines = wrap(role.upper ? label.text.toLocaleUpperCase() : label.text, role, narrow);
    return { role, lines, width: Math.max(...lines.map((line) => measure(line, role))), height: role.size * tables.line * lines.length };
  }

  return { tables, layout };
}

function overlap(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

function spots(label, x, y, gap, { width, height }, beside) {
  if (label.anchor === 'centre') {
    // On its place; or, where a line or a symbol lies there, beside it.
    return [
      ...[0, -1, 1].map((up) => [x - width / 2, y - height / 2 + up * (height / 2 + beside), 'center']),
      ...[-1, 1].flatMap((up) => {
        const top = y - height / 2 + up * (height / 2 + beside / 2);
        return [[x + beside, top, 'left'], [x - beside - width, top, 'right']];
      }),
    ];
  }
  const near = 0.7 * gap;
  return [
    [x + gap, y - height / 2, 'left'], [x - gap - width, y - height / 2, 'right'],
    [x - width / 2, y - gap - height, 'center'], [x - width / 2, y + gap, 'center'],
    [x + near, y - near - height, 'left'], [x - near - width, y - near - height, 'right'],
    [x + near, y + near, 'left'], [x - near - width, y + near, 'right'],
  ];
}

/** Whether the symbol in `box` is the label's own. */
function ownSymbol(box, x, y, anchor) {
  if (anchor === 'centre') return box[0] <= x && x <= box[2] && box[1] <= y && y <= box[3];
  return Math.abs(box[0] + box[2] - 2 * x) < 1 && Math.abs(box[1] + box[3] - 2 * y) < 1;
}

/** The part of a symbol that foreign labels keep off: all of it, of large circles the middle. */
function symbolCore(box, most) {
  const x = (box[0] + box[2]) / 2;
  const y = (box[1] + box[3]) / 2;
  const half = Math.min((box[2] - box[0]) / 2, most);
  return [x - half, y - half, x + half, y + half];
}

/** How much a label in `box` would cover of lines, and of which other symbols it could be taken for the name. */
function labelCost(box, strokes, symbols, tables) {
  const by = tables.margin;
  let cost = 0;
  for (const [x, y] of strokes) if (x > box[0] - by && x < box[2] + by && y > box[1] - by && y < box[3] + by) cost += 1;
  const near = [box[0] - tables.near, box[1] - tables.near, box[2] + tables.near, box[3] + tables.near];
  for (const symbol of symbols) if (overlap(near, symbol)) cost += tables.nearCost;
  return cost;
}

/**
 * Places labels greedily: priority, then the role's rank, then order; of the free places the one that covers least of
 * the lines. `symbols` are boxes of symbols, `blocked` boxes of what lies over the map, `strokes` points along lines,
 * all in pixels. Map id → {label, role, lines, align, dx, dy}: offset of the text's edge or middle.
 */
function placeLabels(labels, lettering, cam, width, height, symbols, blocked, strokes) {
  const { tables } = lettering;
  const scale = 2 ** cam.zoom;
  const rank = (label) => tables.roles[label.role].rank;
  const order = labels.map((label, i) => [label, i]).sort(([a, i], [b, j]) => b.priority - a.priority || rank(a) - rank(b) || i - j);
  const taken = blocked.slice();
  const placed = new Map();
  const written = [];
  for (const [label] of order) {
    const shift = Math.round((cam.x - label.x) / WORLD) * WORLD;
    const x = (label.x + shift - cam.x) * scale + width / 2;
    const y = (label.y - cam.y) * scale + height / 2;
    if (x < 0 || y < 0 || x > width || y > height) continue;
    const text = label.text.toLocaleLowerCase();
    if (written.some((other) => other.text === text && Math.max(Math.abs(other.x - x), Math.abs(other.y - y)) < tables.samePlace)) continue;
    const size = lettering.layout(label);
    const own = symbols.filter((box) => ownSymbol(box, x, y, label.anchor));
    const rings = label.anchor === 'point' ? own.map((box) => (box[2] - box[0]) / 2 + tables.ringAir) : [];
    const gap = Math.max(label.gap, label.blur ? label.blur * scale + 3 : 0, ...rings);
    const foreign = symbols.filter((box) => !own.includes(box)).map((box) => symbolCore(box, tables.core));
    const others = taken.concat(foreign);
    const { dot } = size.role;
    const mark = dot && label.anchor === 'point' ? [x - dot, y - dot, x + dot, y + dot] : null;
    if (mark && taken.some((box) => overlap(mark, box))) continue;
    let best = null;
    // In two lines only where no place of its own shape is clear.
    for (const narrow of [false, true]) {
      const set = narrow ? lettering.layout(label, true) : size;
      if (narrow && (best?.cost === 0 || set.lines.length === size.lines.length)) break;
      for (const [left, top, align] of spots(label, x, y, gap, set, tables.beside)) {
        const box = [left, top, left + set.width, top + set.height];
        const grown = [box[0] - tables.margin, box[1] - tables.margin, box[2] + tables.margin, box[3] + tables.margin];
        if (grown[0] < 0 || grown[1] < 0 || grown[2] > width || grown[3] > height || others.some((other) => overlap(grown, other))) continue;
        const atEdge = Math.min(box[0], box[1], width - box[2], height - box[3]) < tables.edge;
        const cost = labelCost(box, strokes, foreign, tables) + (atEdge ? tables.edgeCost : 0);
        if (!best || cost < best.cost) best = { box, align, cost, lines: set.lines };
        if (cost === 0) break;
      }
    }
    if (!best) continue;
    const { box, align, lines } = best;
    taken.push(box);
    if (mark) taken.push(mark);
    written.push({ text, x, y });
    const dx = { left: box[0], right: box[2], center: (box[0] + box[2]) / 2 }[align] - x;
    placed.set(label.id, { label, role: size.role, lines, align, dx, dy: (box[1] + box[3]) / 2 - y });
  }
  return placed;
}

function drawLabel(frame, item, alpha, tables) {
  const { ctx, ratio, palette, cam } = frame;
  const { label, role } = item;
  const shift = Math.round((cam.x - label.x) / WORLD) * WORLD;
  const [x, y] = screen(frame, label.x, label.y, shift);
  if (x < -250 || y < -60 || x > frame.width + 250 || y > frame.height + 60) return;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.globalAlpha = alpha;
  ctx.font = fontOf(role, tables);
  if ('letterSpacing' in ctx) ctx.letterSpacing = `${role.spacing * role.size}px`;
  ctx.textAlign = item.align;
  ctx.textBaseline = 'middle';
  ctx.lineJoin = 'round';
  ctx.lineWidth = tables.halo;
  ctx.strokeStyle = palette.color('halo', 0.92);
  ctx.fillStyle = palette.color(label.color || role.ink);
  // By whole pixels of the screen: at each new fraction of one the letters' shapes are made anew, which takes longer
  // than the rest of the map. (In y the browser does so itself.)
  const snap = (value) => Math.round(value * ratio) / ratio;
  const across = snap(x + item.dx);
  item.lines.forEach((line, i) => {
    const top = snap(y + item.dy + (i - (item.lines.length - 1) / 2) * role.size * tables.line);
    ctx.strokeText(line, across, top);
    ctx.fillText(line, across, top);
  });
  if (role.dot && label.anchor === 'point') {
    ctx.beginPath();
    ctx.arc(x, y, role.dot, 0, 7);
    ctx.lineWidth = 1.5;
    ctx.strokeStyle = palette.color('halo', 0.92);
    ctx.stroke();
    ctx.fill();
  }
  ctx.globalAlpha = 1;
}
