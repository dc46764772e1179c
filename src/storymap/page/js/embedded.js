// In an article's frame the document never scrolls by itself: the article's scroll leads it, or the reader steps through
// it with buttons. Protocol 1, told from the article's side in docs/embedding.md; the script there is page/embed.js.

const ANSWER_MS = 400; // no answer by then: the article has no script of ours
const NARROW = 480; // CSS pixels: smaller frames are read step by step
const LOW = 420;
const FOOT = 60; // CSS pixels at the foot of the frame that its button takes from the text
const KEPT = 'storymap layout'; // in this tab's own storage, where the browser grants a frame one

/** What the reader chose in this tab: 'scroll', 'step' or null. */
function chosenLayout(choice) {
  try {
    if (choice) window.sessionStorage.setItem(KEPT, choice);
    const kept = window.sessionStorage.getItem(KEPT);
    return kept === 'scroll' || kept === 'step' ? kept : null;
  } catch {
    return choice || null;
  }
}

/** Left and right with a finger on the map; up and down stay the article's. */
function wireSwipes(stage, allowed, stepBy) {
  let from = null;
  stage.addEventListener('pointerdown', (event) => {
    from = event.pointerType !== 'mouse' && event.isPrimary && allowed() && !event.target.closest('button, details, a') ? event : null;
  });
  stage.addEventListener('pointercancel', () => { from = null; });
  stage.addEventListener('pointerup', (event) => {
    if (!from || event.pointerId !== from.pointerId) return;
    const across = event.clientX - from.clientX;
    const wide = Math.abs(across) > 36 && Math.abs(across) > 1.5 * Math.abs(event.clientY - from.clientY);
    from = null;
    if (wide) stepBy((across < 0 ? 1 : -1) * (document.documentElement.dir === 'rtl' ? -1 : 1), 'swipe');
  });
}

/** Tells the page around each step; `led` is about frames in articles only. */
function makeEmbedding({ data, index, stage, cards, scroll, explore, go, at }) {
  const root = document.documentElement;
  const framed = window.parent !== window;
  const query = new URLSearchParams(window.location.search);
  let host = null; // origin of the article, once it has answered
  const post = (type, more) => framed && window.parent.postMessage({ type: `storymap:${type}`, version: 1, ...more }, host === null || host === 'null' ? '*' : host);
  const tell = ({ step, index: i, total }) => post('step', { step, index: i, total });
  const within = (i) => i >= 0 && i < cards.length;
  const plain = { tell, stepBy: (by, via) => within(at() + by) && go(at() + by, via), begin() {}, fit() {}, update() {}, follows: () => true };
  if (root.classList.contains('embedded')) return { ...plain, ...makeLed() };
  if (query.get('shell') === 'app') showShare();
  return plain;

  /** The app has a page that makes what an editor pastes into an article. */
  function showShare() {
    const [, app, slug] = window.location.pathname.match(/^(.*\/)story\/([a-z0-9-]+)\/$/) ?? [];
    const share = document.querySelector('.share');
    share.hidden = !slug;
    if (slug) share.querySelector('a').href = `${app}?share=${slug}`;
  }

  function makeLed() {
    const contents = stage.querySelector('.contents');
    const toggle = contents.querySelector('.embed-tool button');
    const full = contents.querySelector('.embed-tool a');
    const more = document.querySelector('.more');
    const masthead = document.querySelector('.masthead');
    const last = cards.length - 1;
    const asked = ['scroll', 'step'].find((name) => name === query.get('layout'));
    let chosen = chosenLayout();
    let choosing = false;
    let wanted = null;
    let width = 0;
    let mode = '';
    let can = false;
    let touched = false; // the reader steps: a frame that comes late must not take the story out of the reader's hand
    let start = index.get(query.get('step')) ?? 0;
    let length = 0;
    let place = 0; // where the article wants the document to be scrolled to
    let explored = 0; // the same when the reader began to explore the map
    let count = 0; // of the moves that the frame asked for: an answer to an earlier state is not heard

    const first = () => (start > 0 ? scroll.rest(start) : 0);
    /** Where the text ends that is read now. */
    const textEnd = () => (covered() ? masthead : cards[Math.max(0, at())]).getBoundingClientRect().bottom;
    const covered = () => mode === 'step' && at() === 0 && window.scrollY < scroll.rest(0) - 8;

    /** Scroll length: to where the last text has been read to its end. */
    function measure() {
      const end = cards[last].getBoundingClientRect().bottom + window.scrollY + 24 - window.innerHeight;
      return Math.ceil(Math.max(scroll.rest(last), end) - first());
    }

    function hello() {
      length = measure();
      post('hello', { wants: wanted, length });
    }

    /** Layout by the reader's choice, the article's, or the size of the frame. */
    function wish() {
      // Height changes with the layout itself and must not decide twice.
      if (window.innerWidth === width) return;
      width = window.innerWidth;
      wanted = chosen || asked || (width < NARROW || window.innerHeight < LOW ? 'step' : 'scroll');
    }

    function fit() {
      if (!window.innerWidth) return; // in a panel that is hidden now
      const [before, was] = [wanted, width];
      wish();
      // Only then: a source that the reader opens makes the text longer too, and must not jump away.
      if (mode === 'step' && width !== was && !covered()) scroll.to(at());
      if (wanted !== before || Math.abs(measure() - length) > 1) hello();
      update();
    }

    /** Whether the text goes on below the frame, or below the button that stands at its foot. */
    function unread() {
      return textEnd() > window.innerHeight - (scroll.isPinned() ? FOOT : -4);
    }

    function update() {
      if (!explore.on) explored = place;
      root.classList.toggle('cover', covered());
      const rest = unread();
      const held = more.contains(document.activeElement);
      more.hidden = mode !== 'step' || explore.on || !(rest || (scroll.isPinned() && at() < last));
      more.firstElementChild.textContent = rest || covered() ? data.words.read_on : data.words.next;
      if (held && more.hidden) cards[at()].querySelector('h2').focus({ preventScroll: true });
      if (mode === 'step') stage.querySelector('.back').setAttribute('aria-disabled', String(at() === 0 && covered()));
    }

    function set(next) {
      if (next === mode) return;
      const before = mode;
      mode = next;
      root.classList.toggle('stepping', mode === 'step');
      toggle.textContent = mode === 'step' ? data.words.by_scroll : data.words.by_step;
      if (mode === 'step' && (at() > 0 || window.scrollY > scroll.rest(0) / 2)) scroll.to(at());
      if (mode === 'scroll') {
        place = window.scrollY;
        // From here the article's place counts; where the reader chose so, or opened a later step, the story takes it there.
        if (before === '' ? at() > start : choosing) lead(window.scrollY);
        choosing = false;
      }
      update();
    }

    /** Asks the article to scroll so that this document stands at `y`. */
    function lead(y) {
      if (y < first()) {
        start = 0;
        hello();
      }
      place = y;
      count += 1;
      post('scroll', { to: y - first(), n: count });
    }

    function choose() {
      wanted = chosen = chosenLayout(mode === 'step' ? 'scroll' : 'step');
      choosing = true;
      contents.open = false;
      hello();
    }

    /** The story in a window of its own, where the reader is now. */
    function aimFull() {
      const url = new URL(window.location.href);
      for (const name of ['step', 'layout', 'theme']) url.searchParams.delete(name);
      url.hash = data.steps[at()].id;
      full.href = url.href;
    }

    function stepBy(by, via) {
      touched = true;
      if (mode === 'step' && by > 0 && covered()) go(0, via);
      else if (mode === 'step' && by < 0 && at() === 0) window.scrollTo({ top: 0, behavior: 'instant' });
      else plain.stepBy(by, via);
      update();
    }

    function readOn() {
      if (!unread()) return stepBy(1, 'button');
      const top = scroll.isPinned() ? stage.getBoundingClientRect().bottom : 0;
      const rest = textEnd() - window.innerHeight + FOOT + 8;
      window.scrollBy({ top: Math.min(window.innerHeight - top - FOOT - 32, rest), behavior: 'instant' });
      return update();
    }

    function hear({ source, origin, data: said }) {
      if (source !== window.parent || said?.version !== 1 || (host !== null && origin !== host)) return;
      const { type, mode: told, y, n, step } = said;
      if (type === 'storymap:host' && told === undefined) hello();
      else if (type === 'storymap:host' && (told === 'scroll' || told === 'step')) {
        host = origin;
        can = said.can === true;
        toggle.parentElement.hidden = !can;
        if (told === 'scroll' && touched && mode === 'step' && !chosen) {
          wanted = 'step';
          hello();
        } else set(told);
      } else if (type === 'storymap:at' && mode === 'scroll' && Number.isFinite(y) && n === count) {
        place = first() + clamp(y, 0, length);
        // The reader has gone on in the article, and the story goes on with it.
        if (explore.on && Math.abs(place - explored) > window.innerHeight / 2) explore.set(false);
        if (Math.abs(window.scrollY - place) > 0.1) window.scrollTo({ top: place, behavior: 'instant' });
      } else if (type === 'storymap:go' && host !== null) {
        const i = typeof step === 'string' ? index.get(step) : step;
        if (Number.isInteger(i) && within(i)) go(i, 'api');
        else console.warn(`storymap: there is no step ${JSON.stringify(step)}: go() takes the name of a step, or its number from 0`);
      }
    }

    window.addEventListener('message', hear);
    // The focus and a search in the page scroll the document too; the article has to come along.
    window.addEventListener('scroll', () => {
      if (mode === 'scroll' && Math.abs(window.scrollY - place) > 2) lead(window.scrollY);
      update();
    }, { passive: true });
    // A link followed in a frame would be an entry in the article's history.
    document.addEventListener('click', (event) => {
      const link = event.target.closest?.('.languages a');
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      window.location.replace(link.href);
    });
    scroll.onJump = () => mode === 'scroll' && lead(window.scrollY);
    new ResizeObserver(fit).observe(document.querySelector('.column'));
    window.addEventListener('resize', fit);
    toggle.addEventListener('click', choose);
    more.querySelector('button').addEventListener('click', readOn);
    contents.addEventListener('toggle', aimFull);
    wireSwipes(stage, () => mode === 'step' && !explore.on, stepBy);
    window.setTimeout(() => mode || set('step'), ANSWER_MS);
    // Step by step the scroll is only where a text is read; it never chooses the step.
    return { stepBy, fit, update, follows: () => mode !== 'step', begin() { wish(); hello(); } };
  }
}
