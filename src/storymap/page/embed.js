/* storymap embed, protocol 1 (docs/embedding.md): the article's own scroll leads the map stories in its frames. */
(() => {
  'use strict';
  const script = document.currentScript;
  const base = new URL(script?.dataset.base || '.', script?.src || document.baseURI).href;
  const mark = Symbol.for(`storymap ${base}`);
  if (window[mark]) return;
  window[mark] = true;

  const LONGEST = 2e5; // px; no message makes the article longer
  const root = document.documentElement;
  const stories = new Map();
  let allowed = 0;
  let queued = false;

  const clamp = (n, most) => (Number.isFinite(n) ? Math.min(most, Math.max(0, n)) : 0);
  const named = (el) => `<${el.localName}${el.id && ` id="${el.id}"`}${el.className && ` class="${el.className}"`}>`;
  const option = (story, name) => story.frame.dataset[name] ?? story.box.dataset[name] ?? script?.dataset[name];
  /** The article moves on its reader's wish only: a press or key in it or in the frame, a call of go, a turned phone. */
  const mayMove = () => performance.now() < allowed || (navigator.userActivation?.isActive ?? true);
  const allow = () => { allowed = performance.now() + 1000; };
  const move = (by) => Math.abs(by) > 0.5 && window.scrollBy({ top: by, behavior: 'instant' });

  /** Height of the site's fixed header: pixels, or a selector of the header itself. */
  function offset(story) {
    const value = option(story, 'topOffset') || 0;
    return Number.isNaN(+value) ? document.querySelector(value)?.offsetHeight || 0 : clamp(+value, 1e3);
  }

  function post(story, type, more) {
    story.frame.contentWindow?.postMessage({ type: `storymap:${type}`, version: 1, ...more }, story.origin === 'null' ? '*' : story.origin);
  }

  /** Why the frame can not stick to the window while the article scrolls. */
  function hindrance({ frame, wrap, own }) {
    if (!frame.getClientRects().length) return 'it is hidden';
    if (window.parent !== window && root.scrollHeight - wrap.offsetHeight < 2 * window.innerHeight) return 'its page is in a frame and does not scroll';
    if ([...wrap.childNodes].some((node) => node !== frame && !own.includes(node) && node.localName !== 'img' && node.textContent.trim())) return `${named(wrap)} holds more than the frame`;
    for (let el = wrap; el && el !== root; el = el.parentElement) {
      const style = getComputedStyle(el);
      // The overflow of the body is the window's, unless the root has one of its own.
      if (/auto|scroll|hidden/.test(style.overflow) && (el !== document.body || getComputedStyle(root).overflow !== 'visible')) return `${named(el)} has overflow: ${style.overflow}`;
      const name = ['transform', 'filter', 'perspective', 'contain'].find((key) => (style[key] || 'none') !== 'none');
      if (name) return `${named(el)} has ${name}: ${style[name]}`;
    }
    return '';
  }

  function tooShort({ wrap }) {
    const { bottom } = wrap.getBoundingClientRect();
    for (let el = wrap; el && el !== document.body; el = el.parentElement) {
      if (el.getBoundingClientRect().bottom < bottom - 2) return `${named(el)} is too short`;
    }
    return '';
  }

  function stick(story) {
    const { frame, wrap } = story;
    const top = `${offset(story)}px`;
    const set = (el, values) => Object.entries(values).forEach(([name, value]) => el.style.setProperty(name, value, 'important'));
    set(frame, { position: 'sticky', top, display: 'block', margin: 0, 'min-height': 0, 'max-height': 'none', height: `calc(100vh - ${top})` });
    set(frame, { height: `calc(100svh - ${top})` });
    const height = frame.offsetHeight + story.length;
    set(wrap, { display: 'block', position: 'relative', 'max-height': 'none', height: `${height}px` });
    return wrap.offsetHeight < height - 2 ? `${named(wrap)} is too short` : tooShort(story);
  }

  function release({ frame, wrap, looks }) {
    [frame.style.cssText, wrap.style.cssText] = looks;
  }

  /** Brings the article in line with what the frame asks for and the page allows, and answers the frame. */
  function settle(story) {
    const { wrap, wants, mode } = story;
    const { top, bottom } = wrap.getBoundingClientRect();
    let why = hindrance(story) || story.failed;
    story.waits = false;
    if (wants === 'scroll' && !why) {
      // What the reader sees below the frame must not move: else the frame waits until its end is out of sight.
      if (mode === 'scroll' || story.forced || bottom >= window.innerHeight || mayMove()) why = story.failed = stick(story);
      else story.waits = true;
    }
    story.mode = wants === 'scroll' && !why && !story.waits ? 'scroll' : 'step';
    if (story.mode === 'step' && (mode === 'scroll' || why)) release(story);
    const now = wrap.getBoundingClientRect();
    if (mode === 'scroll' && story.mode === 'step') {
      if (bottom > 0 && top < 0) move(now.top - offset(story));
      else if (bottom <= 0) move(now.bottom - bottom);
    } else if (mode === story.mode && bottom < window.innerHeight) move(now.bottom - bottom);
    if (why && wants === 'scroll' && why !== 'it is hidden' && !story.told) {
      story.told = true;
      console.warn(`storymap: "${story.frame.title}" is read step by step, because ${why}.`);
    }
    post(story, 'host', { mode: story.mode, can: !why });
    story.y = -1;
    follow();
  }

  /** Once a frame: the reading position, in px from where the story's first line stands under the header. */
  function follow() {
    queued = false;
    for (const story of stories.values()) {
      if (story.waits && story.wrap.getBoundingClientRect().bottom >= window.innerHeight) settle(story);
      if (story.mode !== 'scroll') continue;
      const past = offset(story) - story.wrap.getBoundingClientRect().top;
      const y = clamp(past, story.length);
      if (past > 1 && past < story.length - 1 && Math.abs(story.frame.getBoundingClientRect().top - offset(story)) > 2) {
        story.failed = 'something on the page keeps it from sticking';
        settle(story);
      } else if (y !== story.y) {
        story.y = y;
        post(story, 'at', { y, n: story.n });
      }
    }
  }

  function soon() {
    if (!queued) requestAnimationFrame(follow);
    queued = true;
  }

  function hear({ source, origin, data }) {
    const story = [...stories.values()].find(({ frame }) => frame.contentWindow === source);
    if (!story || origin !== story.origin || data?.version !== 1) return;
    const { type, wants, length, index, total, step, to, n } = data;
    if (type === 'storymap:hello' && Number.isFinite(length)) {
      if (!story.wants || mayMove()) story.wants = wants === 'scroll' ? 'scroll' : 'step';
      story.length = clamp(Math.ceil(length), LONGEST);
      for (const picture of story.wrap.querySelectorAll('img')) picture.style.setProperty('display', 'none', 'important');
      settle(story);
    } else if (type === 'storymap:scroll' && story.mode === 'scroll') {
      story.n = clamp(n, 1e9);
      if (mayMove()) move(story.wrap.getBoundingClientRect().top - offset(story) + clamp(to, story.length));
      story.y = -1;
      follow();
    } else if (type === 'storymap:step' && typeof step === 'string' && /^[a-z0-9-]{1,64}$/.test(step)) {
      const detail = { step, index: clamp(index, 1e3), total: clamp(total, 1e3) };
      story.frame.dispatchEvent(new CustomEvent('storymap:step', { bubbles: true, detail }));
    }
  }

  /** A link that leads keyboards past the story, shown while it has the focus. */
  function skipLink(story) {
    const link = document.createElement('a');
    const end = document.createElement('span');
    const show = (shown) => Object.assign(link.style, { position: 'absolute', zIndex: 9, padding: '.5em 1em', background: '#fff', color: '#000', font: '1rem sans-serif', clipPath: shown ? 'none' : 'inset(50%)' });
    link.textContent = option(story, 'skip') || 'Skip the map story';
    link.href = '#';
    end.tabIndex = -1;
    show(false);
    link.onfocus = () => show(true);
    link.onblur = () => show(false);
    link.onclick = (event) => {
      event.preventDefault();
      end.focus();
    };
    Object.assign(end.style, { position: 'absolute', bottom: 0 });
    story.wrap.prepend(link);
    story.wrap.append(end);
    return [link, end];
  }

  function adopt(frame) {
    const wrap = frame.parentElement;
    const story = { frame, wrap, box: frame.closest('[data-storymap]') || wrap, own: [], length: 0, n: 0, mode: 'step' };
    const url = new URL(frame.src);
    for (const name of ['lang', 'step', 'theme', 'layout']) if (option(story, name)) url.searchParams.set(name, option(story, name));
    if (url.href !== frame.src) {
      // A frame that has loaded is led on without an entry in the article's history.
      const fresh = frame.contentDocument?.URL === 'about:blank';
      if (fresh) frame.src = url.href;
      else frame.contentWindow.location.replace(url.href);
    }
    story.forced = url.searchParams.get('layout') === 'scroll';
    const strict = frame.sandbox.length && !frame.sandbox.contains('allow-same-origin');
    story.origin = strict ? 'null' : url.origin;
    if (getComputedStyle(wrap).position === 'static') wrap.style.position = 'relative';
    story.looks = [frame.style.cssText, wrap.style.cssText];
    story.own = skipLink(story);
    const face = { go(step) { allow(); post(story, 'go', { step }); }, get mode() { return story.mode; } };
    frame.storymap = story.box.storymap = face;
    if (!stories.size) listen('addEventListener');
    stories.set(frame, story);
    sizes.observe(wrap.parentElement);
    // The frame may have been there first, and be reading step by step by now. Nothing is told here, so anyone may hear.
    frame.contentWindow?.postMessage({ type: 'storymap:host', version: 1 }, '*');
  }

  function drop(story) {
    stories.delete(story.frame);
    story.own.forEach((el) => el.remove());
    sizes.unobserve(story.wrap.parentElement || story.wrap);
    if (!stories.size) listen('removeEventListener');
  }

  function listen(way) {
    window[way]('message', hear);
    window[way]('scroll', soon, { passive: true });
    window[way]('resize', turned);
  }

  function turned() {
    allow();
    stories.forEach((story) => {
      story.failed = '';
      if (story.wants) settle(story);
    });
  }

  const sizes = new ResizeObserver(() => stories.forEach((story) => story.wants && settle(story)));

  function scan() {
    stories.forEach((story) => story.frame.parentElement === story.wrap && story.wrap.isConnected || drop(story));
    for (const frame of document.querySelectorAll('iframe[src]')) if (!stories.has(frame) && frame.src.startsWith(base)) adopt(frame);
  }

  new MutationObserver(scan).observe(root, { childList: true, subtree: true });
  scan();
})();
