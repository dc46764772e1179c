// The story: one state at a time. Scroll, links, keys, buttons and the step list all come in through go(i).

const CALM_SPEED = 1.6; // CSS pixels per millisecond above which the reader is not reading yet
const CALM_MS = 120;
const CUT_MS = 200;
const LEAP = 0.15; // length of a flight that the eye would take for a fault if it were left out
const LEAST_ZOOM = 0.5;
const CLOSE_ZOOM = 5.4; // from here on a reader needs the overview to know where this is

/** A malformed escape in a link is no step; it must not stop the page. */
function unescaped(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function startStory(map, layer) {
  const data = JSON.parse(document.getElementById('storymap-data').textContent);
  const stage = document.querySelector('.stage');
  const sections = [...document.querySelectorAll('.step')];
  const cards = sections.map((section) => section.querySelector('.card'));
  const inset = stage.querySelector('.inset');
  const scale = stage.querySelector('.scale');
  const container = map.getContainer();
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)');
  const number = new Intl.NumberFormat(data.lang);
  const index = new Map(data.steps.map((step, i) => [step.id, i]));
  // The camera may stand as near as the nearest view asks for; who explores may come a little nearer.
  map.options.maxZoom = Math.max(11, ...data.steps.map((step) => step.view.maxZoom + 1));
  let current = -1;
  let mapped = -1; // the step that the map shows or moves to; behind `current` while the reader rushes
  let cameras = [];
  let timer = 0;
  let turnedMeanwhile = false; // the text was laid out anew while the map was explored

  const probes = ['light', 'dark'].map((tone) => document.querySelector(`.probe[data-tone="${tone}"]`));
  const palette = makePalette(data.colors, probes);
  layer.connect({ data, atlas: makeAtlas(data), palette, lettering: makeLettering(data.lettering), tiled: data.tiled });
  const driver = makeDriver(map, layer);
  const scroll = makeScroll(stage, sections, cards, (i) => embedding.follows() && go(i, 'scroll'), scrolled);
  const explore = makeExplore(map, layer, stage, data.words, {
    onEnter() { fitStage(); letterAnew(); embedding.update(); },
    onLeave() {
      fitStage();
      if (turnedMeanwhile) scroll.to(current);
      turnedMeanwhile = false;
      show(current, 'cut');
      embedding.update();
    },
  });
  const embedding = makeEmbedding({ data, index, stage, cards, scroll, explore, go, at: () => current });

  const drawLayer_ = layer.draw.bind(layer);
  layer.draw = (cam) => {
    drawLayer_(cam);
    drawInset(inset, layer, cam, layer.without.includes('overview') ? Infinity : CLOSE_ZOOM, driver.flying);
    drawScale(scale, cam, data.words.km, number, driver.flying);
  };

  /** Labels for where the reader has moved the map while exploring. */
  function letterAnew() {
    const shown = layer.shown.filter((item) => item.target).map((item) => item.id);
    layer.plan(shown, layer.without, layer.camera(), corners(), 0);
    driver.wake();
  }

  let lettering = 0;
  map.on('moveend', () => {
    if (!explore.on) return;
    window.clearTimeout(lettering);
    lettering = window.setTimeout(() => explore.on && letterAnew(), 120);
  });

  const boxesIn = (selector) => boxesOf(stage, selector);

  function corners() {
    const boxes = boxesIn('.map-legend, .inset, .stepper, .map-credits, .scale, .explore-button');
    const card = scroll.isPinned() || explore.on ? null : boxIn(stage, cards[0]);
    // Cards pass over the map from top to bottom: a label in their way would be cut off.
    if (card) boxes.push([card[0], 0, card[2], layer.height]);
    return boxes;
  }

  /** Camera of step i for this viewport; its legend has to be measured in place, so it is shown for that. */
  function camera(i) {
    if (!cameras[i]) {
      const pinned = scroll.isPinned();
      showNotes(stage, sections[i]);
      const { without } = data.steps[i];
      inset.hidden = without.includes('overview');
      const corner = () => (pinned ? boxesIn('.inset, .explore-button') : around(boxesIn('.inset, .map-legend')));
      const boxes = corner();
      cameras[i] = solveAround(data.steps[i].view, layer.width, layer.height, freePart(stage, cards, false, pinned), boxes);
      if (cameras[i].zoom < CLOSE_ZOOM && boxes.length) {
        // Seen from so far there is no overview, and its place is free again.
        inset.hidden = true;
        const free = freePart(stage, cards, false, pinned);
        const wider = solveAround(data.steps[i].view, layer.width, layer.height, free, corner());
        if (wider.zoom < CLOSE_ZOOM) cameras[i] = wider;
      }
      if (current >= 0) showNotes(stage, sections[current]);
    }
    return cameras[i];
  }

  /** Where the camera stands for the scroll position: between two steps that belong together it follows. */
  function followed(i) {
    const between = (k) => {
      const t = clamp((scroll.progress(k) - 0.22) / 0.6, 0, 1);
      const to = nearestCopy(camera(k - 1), camera(k));
      return flightPath(camera(k - 1), to, layer.width).at(easeInOut(t));
    };
    if (calm.matches) return camera(i);
    if (data.steps[i].move === 'follow' && i > 0 && scroll.progress(i) < 1) return between(i);
    const next = data.steps[i + 1];
    if (next?.move === 'follow' && scroll.progress(i + 1) > 0) return between(i + 1);
    return camera(i);
  }

  /** How the camera goes to step i: far jumps over several steps cut, neighbours fly. */
  function manner(i, via) {
    if (calm.matches) return 'cut';
    const { move } = data.steps[i];
    const neighbour = Math.abs(i - mapped) === 1;
    const follows = data.steps[Math.max(i, mapped)]?.move === 'follow' && neighbour;
    if (follows && via === 'scroll') return 'follow';
    if (move === 'cut' && i > mapped) return 'cut';
    if (!neighbour && driver.length(camera(i)) > 3) return 'cut';
    return 'fly';
  }

  function show(i, how) {
    // In a hidden frame there is no camera to be found: the step is shown when the frame has a size.
    if (!laidOut()) {
      mapped = -1;
      return;
    }
    const to = how === 'follow' ? followed(i) : camera(i);
    mapped = i;
    showNotes(stage, sections[i]);
    stage.dataset.tone = data.steps[i].tone;
    layer.share = growth(i);
    const plan = how === 'follow' ? camera(i) : to;
    // Where the scroll leapt there is nothing to be followed: the new picture fades in over the old one.
    const leaps = how === 'follow' && driver.cam && (scroll.leapt || driver.length(to) > LEAP);
    const instant = how === 'cut' || how === 'start' || leaps;
    const delay = how === 'fly' ? driver.flightTime(to) * 0.45 : 0;
    if ((how === 'cut' || leaps) && driver.cam) layer.crossFade(calm.matches ? 250 : CUT_MS);
    inset.hidden = plan.zoom < CLOSE_ZOOM || data.steps[i].without.includes('overview');
    layer.ask(data.steps[i], plan, corners(), { instant, delay });
    if (how === 'fly') driver.fly(to);
    else driver.jump(to);
  }

  function growth(i) {
    if (calm.matches || i === 0) return 1;
    return clamp((scroll.progress(i) - 0.5) / 0.48, 0, 1);
  }

  function scrolled() {
    drawProgress();
    if (explore.on || mapped < 0) return;
    if (mapped === current) {
      const share = growth(current);
      if (share !== layer.share) {
        layer.share = share;
        driver.wake();
      }
      if (!driver.flying) {
        const to = followed(current);
        const cam = driver.cam;
        // After a leap the observer, which speaks at the end of the frame, says first whether this is still the step.
        if (scroll.leapt && driver.length(to) > LEAP) requestAnimationFrame(land);
        else if (Math.abs(to.zoom - cam.zoom) > 1e-4 || Math.hypot(to.x - cam.x, to.y - cam.y) * 2 ** cam.zoom > 0.3) driver.jump(nearestCopy(cam, to));
      }
    }
  }

  /** The camera follows a leap of the scroll within a step: the new picture fades in over the old one. */
  function land() {
    if (explore.on || mapped !== current || driver.flying || driver.length(followed(current)) <= LEAP) return;
    driver.cut(followed(current), CUT_MS);
  }

  function drawProgress() {
    if (current < 0) return;
    const last = data.steps.length - 1;
    const t = current + (current < last ? clamp(scroll.progress(current + 1), 0, 1) * 0.999 : 0);
    stage.querySelector('.progress-line').style.transform = `scaleX(${last ? clamp(t / last, 0, 1) : 1})`;
  }

  /** Whether the frame has a size: in a hidden one everything lies in one place, and no position says anything. */
  function laidOut() {
    return stage.clientWidth > 0 && stage.clientHeight > 0;
  }

  /** The one way to a step. via: 'scroll', 'link', 'key', 'button', 'list', 'api', 'start'. */
  function go(i, via = 'api', keepPlace = false) {
    // The map over the whole window is laid out anew, which the observer takes for scrolling.
    if (via === 'scroll' && (explore.on || !laidOut())) return;
    const target = clamp(i, 0, data.steps.length - 1);
    if (via !== 'scroll' && !keepPlace) scroll.to(target);
    if (explore.on) explore.set(false);
    window.clearTimeout(timer);
    if (target !== current) {
      current = target;
      announce(via);
    }
    drawProgress();
    if (target === mapped) return;
    if (via === 'start') show(target, 'start');
    else if (via === 'scroll' && scroll.speed > CALM_SPEED) waitForCalm();
    else show(target, manner(target, via));
  }

  function waitForCalm() {
    timer = window.setTimeout(() => {
      if (scroll.speed > CALM_SPEED) waitForCalm();
      else if (current !== mapped) show(current, manner(current, 'scroll'));
    }, CALM_MS);
  }

  function announce(via) {
    const step = data.steps[current];
    sections.forEach((section, i) => section.classList.toggle('current', i === current));
    // The alt text stands in the step itself (.map-alt); here it would be read twice.
    container.setAttribute('aria-label', `${data.words.map}: ${step.title}`);
    const position = data.words.position.replace('{n}', number.format(current + 1)).replace('{total}', number.format(data.steps.length));
    stage.querySelector('.position').textContent = `${number.format(current + 1)} / ${number.format(data.steps.length)}`;
    stage.querySelector('.position-text').textContent = position;
    if (via !== 'start') document.querySelector('.live-region').textContent = `${position}: ${step.title}. ${data.words.map}: ${step.alt}`;
    stage.querySelectorAll('.contents li:not(.embed-tool) a').forEach((link, i) => {
      if (i === current) link.setAttribute('aria-current', 'step');
      else link.removeAttribute('aria-current');
    });
    // Not disabled: a button that loses the focus at the end of the story loses the reader too.
    stage.querySelector('.back').setAttribute('aria-disabled', String(current === 0));
    stage.querySelector('.next').setAttribute('aria-disabled', String(current === data.steps.length - 1));
    if (via !== 'start') setAddress(step.id);
    const detail = { step: step.id, index: current, total: data.steps.length, title: step.title };
    document.dispatchEvent(new CustomEvent('storymap:step', { detail }));
    embedding.tell(detail);
    embedding.update();
  }

  /** replaceState only: a hash assigned to location would add an entry to the article's history for each step. */
  function setAddress(id) {
    try {
      const url = new URL(window.location.href);
      url.searchParams.delete('step');
      url.hash = id;
      window.history.replaceState(window.history.state, '', url);
    } catch {
      // A sandboxed or srcdoc frame has no address of its own; the step is still posted to the host page.
    }
  }

  function linkedStep() {
    const hash = unescaped(window.location.hash.slice(1));
    const query = new URLSearchParams(window.location.search).get('step');
    return index.get(hash) ?? index.get(query) ?? -1;
  }

  /** Takes the size of the stage, which toolbars do not change, and solves every camera anew. */
  function fitStage() {
    const width = stage.clientWidth;
    const height = stage.clientHeight;
    if (!width || !height) return;
    const here = explore.on && driver.cam ? layer.camera() : null; // where the reader has moved the map to
    map.invalidateSize({ pan: false });
    layer.resize(width, height);
    cameras = [];
    scroll.place();
    explore.limit(LEAST_ZOOM);
    if (here) driver.jump(here);
  }

  /** What is to be drawn has changed (the editor's preview only): every camera and label anew, at once. */
  layer.anew = () => {
    fitStage();
    if (explore.on) layer.ask(data.steps[current], layer.camera(), corners(), { instant: true });
    else show(current, 'start');
  };

  function state() {
    return snapshot({ data, map, layer, stage, current, cam: layer.camera(), moving: driver.moving || mapped !== current, explore, calm, free: freePart(stage, cards, explore.on, scroll.isPinned()) });
  }

  wireControls({ data, stage, index, explore, cards, go, stepBy: embedding.stepBy, at: () => current, pinned: () => scroll.isPinned() });
  window.addEventListener('hashchange', () => {
    const i = linkedStep();
    if (i >= 0 && i !== current) go(i, 'link');
  });
  for (const query of ['(prefers-color-scheme: dark)', '(prefers-contrast: more)', '(forced-colors: active)']) {
    window.matchMedia(query).addEventListener('change', () => {
      palette.read();
      driver.wake();
    });
  }

  openForPrint();
  askForPictures(data.words, number);
  fitStage();
  const linked = linkedStep();
  const restored = keepPlace(sections, () => current);
  if (restored >= 0) go(restored, 'start', true);
  else if (linked >= 0) go(linked, 'start');
  else go(laidOut() ? Math.max(0, scroll.reached()) : 0, 'start', true);
  embedding.begin();
  let [seenWidth, seenHeight] = layer.size();
  new ResizeObserver(() => {
    if (stage.clientWidth === seenWidth && stage.clientHeight === seenHeight) return;
    const turned = stage.clientWidth !== seenWidth;
    seenWidth = stage.clientWidth;
    seenHeight = stage.clientHeight;
    fitStage();
    embedding.fit();
    if (explore.on) {
      turnedMeanwhile ||= turned;
      return;
    }
    if (turned && current > 0) scroll.to(current);
    show(current, 'start');
  }).observe(stage);
  document.documentElement.classList.add('ready');
  return { go: (to) => go(typeof to === 'string' ? index.get(to) ?? current : to, 'api'), get step() { return data.steps[current].id; }, state };
}

const storymap = {
  layer: (options) => new StoryLayer(options),
  start(map, layer) {
    try {
      Object.defineProperties(storymap, Object.getOwnPropertyDescriptors(startStory(map, layer)));
    } catch (error) {
      // Without the live map the document is an illustrated article.
      document.documentElement.classList.remove('live', 'ready');
      throw error;
    }
  },
};
window.storymap = storymap;
