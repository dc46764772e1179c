// One size of the preview: the document in a frame as large as that screen, scaled down to the column. A new version loads
// in a second frame underneath and takes the place of the first when its map stands, so that nothing flashes.

const DESK = 'storymap:desk';
const SIZES = {
  desktop: { width: 1280, height: 800, title: 'Desktop' },
  phone: { width: 390, height: 844, title: 'Phone' },
};
const STANDS_MS = 8000; // a document whose map does not come up is shown all the same
const HEADING_MS = 4000; // by then a step that was asked for is reached, or never

function make(tag, className = '', more = {}) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  const { dataset = {}, ...properties } = more;
  Object.assign(element, properties);
  Object.assign(element.dataset, dataset);
  return element;
}

/** What `work` gives the first time. */
function once(work) {
  let made;
  return () => { made ??= work(); return made; };
}

function place(element, [x0, y0, x1, y1]) {
  Object.assign(element.style, { left: `${x0}px`, top: `${y0}px`, width: `${Math.max(0, x1 - x0)}px`, height: `${Math.max(0, y1 - y0)}px` });
}

/** hear(size, said, more): what the document in front tells; scene() → {step, camera}: where a new version has to stand. */
function makeSize(name, hear, scene) {
  const { width, height, title } = SIZES[name];
  const box = make('div', 'stage-size', { dataset: { size: name } });
  const device = make('div', 'stage-device');
  const frames = make('div', 'stage-frames');
  const overlay = make('div', 'stage-overlay');
  const tip = make('div', 'stage-tip', { hidden: true });
  overlay.setAttribute('aria-hidden', 'true');
  device.append(frames, overlay);
  box.append(device, tip);
  Object.assign(device.style, { width: `${width}px`, height: `${height}px` });

  let front = null; // {frame, wanted}
  let back = null;
  let next = null;
  let drawing = null; // version that the document in front is drawing in place
  let timer = 0;
  let key = '';
  let heading = null; // step that it was told to go to
  let headed = 0;
  let scale = 1;
  let report = null;

  const post = (one, what, more) => one?.frame.contentWindow?.postMessage({ type: DESK, do: what, ...more }, '*');

  /**
   * wanted: {key, url, version, like, frame, texts, read}. What loads already is finished first, or fast typing would
   * never show anything. Documents that are `like` each other differ in their texts only, those of one `frame` in their
   * maps too. `read()`: promise of the document's HTML.
   */
  function load(wanted) {
    if (wanted.key === key) return;
    key = wanted.key;
    if (back || drawing) next = wanted;
    else follow(wanted);
  }

  function goOn() {
    if (!next) return;
    const wanted = next;
    next = null;
    follow(wanted);
  }

  function follow(wanted) {
    if (front?.wanted.like !== wanted.like || !wanted.texts.length) {
      if (front?.wanted.frame === wanted.frame) redraw(wanted);
      else begin(wanted);
      return;
    }
    const known = front.wanted.texts.map((text) => JSON.stringify(text));
    const texts = wanted.texts.filter((text, i) => JSON.stringify(text) !== known[i]);
    post(front, 'retext', { version: wanted.version, texts });
    front.wanted = wanted;
  }

  /** The document in front takes the maps and texts of another one; a document that does not answer is replaced. */
  function redraw(wanted) {
    drawing = wanted;
    timer = window.setTimeout(drawn, STANDS_MS, wanted, false);
    wanted.read().then((html) => drawing === wanted && post(front, 'redraw', { version: wanted.version, html, flying: Boolean(scene().camera) }), () => drawn(wanted, false));
  }

  function drawn(wanted, done) {
    if (!drawing || drawing !== wanted) return;
    window.clearTimeout(timer);
    drawing = null;
    if (!done) {
      begin(wanted);
      return;
    }
    front.wanted = wanted;
    box.dataset.version = wanted.version;
    goOn();
  }

  function begin(wanted) {
    // A fresh element: another address in an old one would be an entry in the history of the editor's page.
    const frame = make('iframe', 'stage-frame', { title: `Preview, ${title.toLowerCase()}`, inert: true, tabIndex: -1, width, height });
    frame.setAttribute('sandbox', 'allow-scripts allow-popups allow-popups-to-escape-sandbox');
    frame.referrerPolicy = 'no-referrer';
    frame.src = wanted.url;
    back = { frame, wanted };
    frames.prepend(frame);
    timer = window.setTimeout(swap, STANDS_MS);
  }

  function swap() {
    window.clearTimeout(timer);
    const held = front && box.getRootNode().activeElement === front.frame;
    front?.frame.remove();
    [front, back] = [back, null];
    front.frame.inert = false;
    front.frame.removeAttribute('tabindex');
    if (held) front.frame.focus();
    box.dataset.version = front.wanted.version;
    box.dataset.lang = front.wanted.lang;
    goOn();
  }

  /** Called with every message of the window. */
  function listen({ source, origin, data }) {
    if (origin !== 'null' || data?.type !== DESK || !source) return;
    if (source === back?.frame.contentWindow) {
      const { step, camera } = scene();
      const offset = report?.step === step ? report.offset : undefined;
      if (data.said === 'ready') post(back, 'prepare', { step, offset, camera });
      if (data.said === 'stands') {
        [heading, report] = [null, data.now ?? report];
        swap();
        // Meanwhile the editor may have gone on.
        size.go(scene().step);
        hear(size, 'report', report);
      }
    } else if (source === front?.frame.contentWindow) {
      if (data.said === 'report') keep(data.now);
      else if (data.said === 'retexted') box.dataset.version = data.version;
      else if (data.said === 'redrawn') drawn(drawing?.version === data.version ? drawing : null, data.done);
      else hear(size, data.said, data);
    }
  }

  function keep(now) {
    if (!now) return;
    report = now;
    if (heading === now.step || performance.now() - headed > HEADING_MS) heading = null;
    hear(size, 'report', now);
  }

  const size = {
    name, title, box, overlay, tip, load, listen,
    get report() { return report; },
    /** Whether the step that it shows is one that the editor went to in it. */
    get steady() { return heading === null; },
    get loaded() { return front !== null; },
    get scale() { return scale; },
    do: (what, more) => post(front, what, more),
    focus: () => front?.frame.focus(),
    go(step) {
      if (!front || report?.step === step) return;
      [heading, headed] = [step, performance.now()];
      post(front, 'go', { step });
    },
    fit(to) {
      scale = to;
      box.style.width = `${Math.round(width * scale)}px`;
      box.style.height = `${Math.round(height * scale)}px`;
      device.style.transform = `scale(${scale})`;
      device.style.setProperty('--thin', `${1 / scale}px`);
    },
    /** Nothing loads for a size that is not looked at. */
    clear() {
      window.clearTimeout(timer);
      front?.frame.remove();
      back?.frame.remove();
      [front, back, next, drawing, key, report, heading] = [null, null, null, null, '', null, null];
      overlay.replaceChildren();
      delete box.dataset.version;
    },
  };
  return size;
}
