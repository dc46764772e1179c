// The preview beside the panels. Python says which version of the draft there is, and the step at work (`data`); steps, views
// and places that the editor chooses here go back as triggers. Only what is under way is kept here.

const GAP = 12;
const NARROW = window.matchMedia('(max-width: 900px)'); // there, what is said stands above the screens
const WIDE = 820; // pixels of the column from which both screens stand beside each other
const TOLD_MS = 450; // a step that is scrolled past is not yet gone to
const LANDS_MS = 3000;
const AGAIN_MS = 3000;
const HOW_TO_FLY = 'Move the map with the mouse or a finger, or with the arrow keys, + and −. What lies in the dashed frame will be seen on every screen.';
const HOW_TO_PICK = 'Click or tap on places in the map. Another click on one that must be seen already takes it away.';

function makeStage(root) {
  const body = make('section', 'stage');
  body.setAttribute('aria-label', 'Preview');
  const bar = makeBar(root, choose, speak);
  const tools = makeTools(root, { fly, take, land, pick: togglePicking });
  const faults = make('div', 'stage-faults', { hidden: true });
  const said = make('div', 'stage-said');
  faults.setAttribute('role', 'alert');
  said.setAttribute('role', 'status');
  const views = make('div', 'stage-views');
  body.append(bar.element, tools.element, faults, views);
  root.append(body);

  const choice = keptChoice();
  let data = null;
  let trigger = () => {};
  let lang = '';
  let step = '';
  let sent = ''; // step that Python was told of
  let turns = 0;
  let made = 0; // newest version that there is a document of
  let texts = { rest: '', frame: '', steps: [] }; // of that document
  let telling = 0;
  let flying = false;
  let leader = null; // size in which the map is flown
  let reached = {}; // how often each size was touched when it was last looked at
  let picking = false;
  let pointed = 0;
  let news = ''; // one sentence on what was done last
  let written = '';

  const scene = () => ({ step, camera: flying ? leader?.report?.camera : null });
  const sizes = Object.keys(SIZES).map((name) => makeSize(name, hear, scene));
  for (const size of sizes) {
    views.append(size.box);
    size.overlay.addEventListener('click', (event) => point(size, event, 'click'));
    size.overlay.addEventListener('pointermove', (event) => point(size, event, 'hover'));
    size.overlay.addEventListener('pointerleave', () => { size.tip.hidden = true; });
  }
  views.append(said);
  const shown = () => sizes.filter((size) => choice.shown === 'both' || choice.shown === size.name);
  const nameOf = (ref) => data.names[ref] ?? ref.split('/').pop();

  function choose(what) {
    Object.assign(choice, what);
    keepChoice(choice);
    land();
    for (const size of sizes) if (!shown().includes(size)) size.clear();
    draw();
    load();
  }

  function speak(code) {
    lang = code === data.languages[0][0] ? '' : code;
    made = 0;
    draw();
    ask();
  }

  // The newest document

  async function ask() {
    turns += 1;
    const turn = turns;
    body.dataset.state = 'busy';
    const query = new URLSearchParams({ v: data.version, ...(lang && { lang }) });
    try {
      const answer = await fetch(`${data.address}state?${query}`, { cache: 'no-store' });
      if (turn !== turns) return;
      if (answer.status === 404) {
        trigger('lost', data.address); // the page is made anew, with an address that holds
        return;
      }
      const found = await answer.json();
      if (turn !== turns) return;
      made = found.made;
      texts = { rest: found.rest, frame: found.frame, steps: found.texts };
      body.dataset.state = found.faults.length ? 'faults' : 'fresh';
      drawFaults(found.faults);
      load();
    } catch {
      window.setTimeout(() => turn === turns && ask(), AGAIN_MS);
    }
  }

  function load() {
    if (!made) return;
    const query = new URLSearchParams({ v: made, shell: 'app', ...(lang && { lang }), ...(choice.tone && { theme: choice.tone }) });
    const url = `${data.address}?${query}`;
    const hash = step && step !== data.first ? `#${step}` : '';
    const same = `${data.address} ${lang} ${choice.tone}`;
    const likes = { like: `${same} ${texts.rest}`, frame: `${same} ${texts.frame}`, texts: texts.steps };
    const read = once(() => fetch(url, { cache: 'no-store' }).then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status))));
    for (const size of shown()) size.load({ key: url, url: url + hash, version: made, lang: lang || data.languages[0][0], read, ...likes });
  }

  function drawFaults(list) {
    faults.hidden = !list.length;
    const items = make('ul');
    for (const { text, ...where } of list) {
      const item = make('li', '', { textContent: text });
      if (where.panel) {
        const button = make('button', 'stage-link', { type: 'button', textContent: 'Go there' });
        button.addEventListener('click', () => trigger('place', where));
        item.append(' ', button);
      }
      items.append(item);
    }
    const lead = made ? 'The preview still shows what worked last.' : 'There is no preview yet.';
    faults.replaceChildren(...(list.length ? [make('p', '', { textContent: lead }), items] : []));
  }

  // Steps

  function goTo(id) {
    step = id;
    land();
    for (const size of shown()) size.go(id);
  }

  function follow(size, now) {
    if (now.step === step || !size.steady) return;
    step = now.step;
    for (const other of shown()) if (other !== size) other.go(step);
    window.clearTimeout(telling);
    telling = window.setTimeout(() => {
      if (step === data.step) return;
      sent = step;
      trigger('step', step);
    }, TOLD_MS);
  }

  function hear(size, what, more) {
    if (what === 'report') {
      if (flying) lead(size, more);
      else follow(size, more);
    } else if (what === 'picked') picked(size, more);
    draw();
  }

  // The view

  function fly() {
    [flying, picking, news] = [true, false, HOW_TO_FLY];
    leader = shown()[0];
    reached = Object.fromEntries(sizes.map((size) => [size.name, size.report?.touched ?? 0]));
    draw();
    leader.focus();
    for (const size of shown()) size.do('fly', { on: true, quiet: size !== leader });
  }

  /** The map that is moved by hand leads; the other shows how the same view looks there. */
  function lead(size, now) {
    if (now.touched > (reached[size.name] ?? 0)) leader = size;
    reached[size.name] = now.touched;
    if (size !== leader || !now.flying) return;
    for (const other of shown()) if (other !== size) other.do('show', { bounds: now.bounds });
  }

  function take() {
    const now = leader?.report;
    if (!now?.flying) return;
    trigger('view', { step: now.step, bounds: now.bounds, zoom: now.zoom });
    const beside = now.must.filter((item) => item.hidden === 'edge').map((item) => nameOf(item.ref));
    const wider = beside.length ? ` It is made wider for what must be seen: ${beside.join(', ')}.` : '';
    [flying, news] = [false, `The view is taken.${wider}`];
    // The new version takes the place of the map that was flown; where nothing has changed there is none.
    window.setTimeout(() => flying || shown().forEach((size) => size.do('fly', { on: false })), LANDS_MS);
    draw();
  }

  function land() {
    if (!flying) return;
    [flying, news] = [false, ''];
    for (const size of shown()) size.do('fly', { on: false });
    draw();
  }

  // What must be seen

  function togglePicking() {
    picking = !picking;
    news = picking ? HOW_TO_PICK : '';
    draw();
  }

  function point(size, event, why) {
    if (!picking || event.target !== size.overlay) return;
    pointed += 1;
    size.tip.style.left = `${event.offsetX * size.scale}px`;
    size.tip.style.top = `${event.offsetY * size.scale}px`;
    size.do('pick', { x: event.offsetX, y: event.offsetY, reach: Math.max(10, 9 / size.scale), turn: [why, pointed] });
  }

  function picked(size, { turn: [why, number], ref }) {
    if (!picking || typeof ref !== 'string') return;
    if (why === 'click') {
      news = ref ? HOW_TO_PICK : 'No layer shows anything at that place.';
      if (ref) trigger('must', { step, ref });
    } else if (number === pointed) {
      size.tip.hidden = !ref;
      size.tip.textContent = ref ? nameOf(ref) : '';
    }
  }

  // All of it

  function draw() {
    if (!data) return;
    if (!data.view) picking = false;
    bar.draw({ languages: data.languages, lang, choice });
    tools.draw({ shown: data.view || flying, flying, picking });
    body.dataset.picking = String(picking);
    for (const size of sizes) {
      size.box.hidden = !shown().includes(size);
      if (!picking) size.tip.hidden = true;
      drawOver(size, { shown: data.view || flying, flying });
    }
    tell(verdicts(shown(), nameOf));
    fit();
  }

  function tell(bad) {
    const must = data.view && shown().some((size) => size.report?.must.length);
    const good = [!bad.length && must ? 'Everything that must be seen is in sight.' : '', data.view ? news : ''].filter(Boolean);
    const now = JSON.stringify([bad, good]);
    if (now === written) return;
    written = now;
    said.replaceChildren(
      ...bad.map((line) => make('p', '', { textContent: line, dataset: { bad: 'yes' } })),
      ...good.map((line) => make('p', '', { textContent: line })),
    );
  }

  function fit() {
    const width = views.clientWidth;
    if (!width) return;
    const rest = [bar.element, tools.element, faults, ...(NARROW.matches ? [said] : [])].reduce((sum, part) => sum + part.offsetHeight, 0);
    const high = Math.max(320, window.innerHeight - rest - 120);
    const [desktop, phone] = sizes;
    const one = shown().length === 1 ? shown()[0] : null;
    if (one) {
      one.fit(Math.min(1, width / SIZES[one.name].width, high / SIZES[one.name].height));
    } else if (width >= WIDE) {
      const scale = Math.min(1, (width - GAP) / (SIZES.desktop.width + SIZES.phone.width), high / SIZES.phone.height);
      desktop.fit(scale);
      phone.fit(scale);
    } else {
      const scale = Math.min(1, width / SIZES.desktop.width);
      const left = high - SIZES.desktop.height * scale - GAP;
      desktop.fit(scale);
      phone.fit(Math.min(0.6, Math.max(0.36, left / SIZES.phone.height)));
    }
  }

  const onMessage = (event) => { for (const size of sizes) size.listen(event); };
  const onKey = (event) => {
    if (event.key !== 'Escape' || !(flying || picking)) return;
    if (picking) togglePicking();
    land();
  };
  const watch = new ResizeObserver(fit);
  watch.observe(views);
  window.addEventListener('message', onMessage);
  window.addEventListener('resize', fit);
  body.addEventListener('keydown', onKey);

  return {
    update(next, tellPython) {
      const before = data;
      [data, trigger] = [next, tellPython];
      if (!before) step = data.step;
      else if (data.step !== before.step) {
        if (data.step !== step && data.step !== sent) goTo(data.step);
        sent = '';
      }
      if (!data.languages.some(([code]) => code === lang)) lang = '';
      if (before?.address !== data.address) made = 0;
      if (before?.address !== data.address || before?.version !== data.version) ask();
      draw();
    },
    leave() {
      turns += 1;
      window.clearTimeout(telling);
      watch.disconnect();
      window.removeEventListener('message', onMessage);
      window.removeEventListener('resize', fit);
      for (const size of sizes) size.clear();
      body.remove();
    },
  };
}

const stages = new WeakMap();

/** Called by Streamlit with each new `data`, always with the same parent. */
export default function stage({ parentElement, data, setTriggerValue }) {
  if (!stages.has(parentElement)) stages.set(parentElement, makeStage(parentElement));
  stages.get(parentElement).update(data, setTriggerValue);
  return () => {
    stages.get(parentElement)?.leave();
    stages.delete(parentElement);
  };
}
