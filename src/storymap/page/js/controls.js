// Keys, buttons and the list of steps; and the plain description of what the map shows now.

function wireControls({ data, stage, index, explore, cards, go, stepBy, at, pinned }) {
  const contents = stage.querySelector('.contents');
  for (const [name, by] of [['.back', -1], ['.next', 1]]) {
    const button = stage.querySelector(name);
    button.addEventListener('click', () => button.getAttribute('aria-disabled') !== 'true' && stepBy(by, 'button'));
  }
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    const i = link ? index.get(unescaped(link.hash.slice(1))) : undefined;
    if (i === undefined) {
      if (!contents.contains(event.target)) contents.open = false;
      return;
    }
    // The link would add an entry to the history; Back has to leave the story at once.
    event.preventDefault();
    contents.open = false;
    go(i, 'link');
    // From the list and the skip link the reader goes on reading there; from a link in the text the eye is enough.
    if (contents.contains(link) || link.classList.contains('skip')) cards[i].querySelector('h2').focus({ preventScroll: true });
  });

  /** Part of the card below the fold: then Page Down reads on instead of stepping. */
  function unread(direction) {
    const box = cards[at()].getBoundingClientRect();
    const top = pinned() ? stage.getBoundingClientRect().bottom : 0;
    return direction > 0 ? box.bottom > window.innerHeight + 4 && box.top < window.innerHeight : box.top < top - 4 && box.bottom > top;
  }

  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === 'Escape') {
      if (contents.open) {
        contents.open = false;
        contents.querySelector('summary').focus();
      } else if (explore.on) explore.set(false);
      return;
    }
    if (explore.on || event.target.closest?.('input, textarea, select, audio, video, [contenteditable]')) return;
    const forward = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
    const backward = forward === 'ArrowRight' ? 'ArrowLeft' : 'ArrowRight';
    let to = null;
    if ((event.key === 'PageDown' && unread(1)) || (event.key === 'PageUp' && unread(-1))) {
      // By what is seen of the text: the browser's own page would count the part below the pinned map too.
      event.preventDefault();
      const box = cards[at()].getBoundingClientRect();
      const top = pinned() ? stage.getBoundingClientRect().bottom : 0;
      const room = Math.max(80, window.innerHeight - top - 56);
      const way = event.key === 'PageDown' ? Math.min(room, box.bottom - window.innerHeight + 24) : -Math.min(room, top - box.top + 24);
      window.scrollBy({ top: way, behavior: 'instant' });
      return;
    }
    let by = 0;
    if (event.key === forward || (event.key === 'PageDown' && !unread(1))) by = 1;
    else if (event.key === backward || (event.key === 'PageUp' && !unread(-1))) by = -1;
    else if (event.key === 'Home') to = 0;
    else if (event.key === 'End') to = data.steps.length - 1;
    if (to === null && !by) return;
    event.preventDefault();
    if (by) {
      stepBy(by, 'key');
      return;
    }
    if (to >= 0 && to < data.steps.length) go(to, 'key');
    if (event.key === 'Home') window.scrollTo({ top: 0, behavior: 'instant' });
  });
}

/** On paper every source is open; afterwards each is as it was. */
function openForPrint() {
  let opened = [];
  window.addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('.words details:not([open])')];
    for (const details of opened) details.open = true;
  });
  window.addEventListener('afterprint', () => {
    for (const details of opened) details.open = false;
  });
}

const rounded = (value, digits) => Number(value.toFixed(digits));

/** Full snapshot of what is on the map now, as plain JSON. */
function snapshot({ data, layer, stage, current, cam, moving, explore, calm, free }) {
  const step = data.steps[current];
  const scale = 2 ** cam.zoom;
  const place = (x, y) => [rounded((x - cam.x) * scale + layer.width / 2, 1), rounded((y - cam.y) * scale + layer.height / 2, 1)];
  const view = layer.view(cam);
  const west = toLonLat(view.x0, view.y1);
  const east = toLonLat(view.x1, view.y0);
  return {
    step: step.id,
    index: current,
    total: data.steps.length,
    moving,
    exploring: explore.on,
    reducedMotion: calm.matches,
    tone: layer.toneTarget ? 'dark' : 'light',
    camera: { center: toLonLat(cam.x, cam.y).map((n) => rounded(n, 4)), zoom: rounded(cam.zoom, 3), bounds: [...west, ...east].map((n) => rounded(n, 3)) },
    size: [layer.width, layer.height],
    free: { left: rounded(free.left, 0), top: rounded(free.top, 0), right: rounded(layer.width - free.right, 0), bottom: rounded(layer.height - free.bottom, 0) },
    layers: layer.shown.map((item) => ({ id: data.draw[item.id].layer, drawn: item.id, opacity: rounded(item.alpha, 2), grown: rounded(item.share, 2), features: data.draw[item.id].shapes.map((shape) => shape.key) })),
    basemap: { level: data.levels.indexOf(layer.level), hidden: layer.without.slice() },
    labels: [...layer.letters.values()].filter((item) => item.target).map((item) => item.label.text).sort(),
    mustSee: step.view.must.map(({ ref, box }) => ({ ref, box: [...place(box[0], box[1]), ...place(box[2], box[3])] })),
    legend: [...stage.querySelectorAll('.map-legend li')].map((item) => item.textContent.trim()),
    credits: stage.querySelector('.map-credits').textContent,
    alt: step.alt,
  };
}
