// Which step is being read. One observer with a line fixed in pixels; the page's own scroll is never taken over.

/** steps: section elements. onStep(index) when the line enters another step; onScroll() once a frame while scrolling. */
function makeScroll(stage, steps, cards, onStep, onScroll) {
  const framed = window.parent !== window;
  let line = 0;
  let rests = [];
  let observer = null;
  let held = null;
  let queued = false;
  let stale = true;
  let speed = 0;
  let leapt = false;
  let lastY = window.scrollY;
  let lastTime = 0;
  const touching = new Set();

  /** Height of the smallest viewport (svh): toolbars that come and go do not change it. */
  function stableHeight() {
    return document.getElementById('svh-probe').offsetHeight || window.innerHeight;
  }

  function measure() {
    stale = false;
    const top = window.scrollY;
    const pinned = isPinned();
    const mapHeight = stage.offsetHeight;
    const height = stableHeight();
    rests = cards.map((card, i) => {
      const box = card.getBoundingClientRect();
      const section = steps[i].getBoundingClientRect();
      const place = pinned ? mapHeight + 12 : Math.max(24, (height - box.height) / 2);
      // The line must lie inside the step when the card has come to rest, or the step before would be read.
      const low = section.top + top - line + 2;
      const high = section.bottom + top - line - 2;
      return Math.max(0, clamp(box.top + top - place, low, high));
    });
  }

  function isPinned() {
    return getComputedStyle(stage).getPropertyValue('--pinned').trim() === '1';
  }

  function place() {
    const height = stableHeight();
    const share = isPinned() ? 0.35 : 0.6;
    const above = isPinned() ? stage.offsetHeight : 0;
    line = Math.round(above + (height - above) * share);
    stale = true;
    touching.clear();
    observer?.disconnect();
    // In a cross-origin frame a null root ignores rootMargin; the document as root does not.
    observer = new IntersectionObserver(seen, {
      root: framed ? document : null,
      rootMargin: `${-line}px 0px ${-(Math.min(height, window.innerHeight) - line - 1)}px 0px`,
    });
    steps.forEach((step) => observer.observe(step));
  }

  function seen(entries) {
    for (const entry of entries) {
      const index = steps.indexOf(entry.target);
      if (entry.isIntersecting) touching.add(index);
      else touching.delete(index);
    }
    if (held !== null && Math.abs(window.scrollY - held) <= 4) return;
    if (touching.size) onStep(Math.min(...touching));
    else if (steps[0].getBoundingClientRect().top > line) onStep(0);
    else if (steps[steps.length - 1].getBoundingClientRect().bottom < line) onStep(steps.length - 1);
  }

  function scrolled() {
    if (queued) return;
    queued = true;
    requestAnimationFrame((now) => {
      queued = false;
      const y = window.scrollY;
      speed = Math.abs(y - lastY) / Math.max(8, now - lastTime);
      leapt = Math.abs(y - lastY) > window.innerHeight / 3;
      lastY = y;
      lastTime = now;
      if (held !== null && Math.abs(y - held) > 4) held = null;
      onScroll();
    });
  }

  window.addEventListener('scroll', scrolled, { passive: true });
  // Anything that changes the length of the text (an opened "How we know this", a loaded picture) moves the rests.
  new ResizeObserver(() => { stale = true; }).observe(steps[0].parentElement);

  const api = {
    place,
    isPinned,
    /** Called after each jump to a step. */
    onJump() {},
    get line() { return line; },
    /** Pixels per millisecond, 0 when the last scroll is some time ago. */
    get speed() { return performance.now() - lastTime > 80 ? 0 : speed; },
    /** Whether the last scroll went on by more than a third of the window within a frame: by a link, a find, the bar. */
    get leapt() { return leapt; },
    rest(i) {
      if (stale) measure();
      return rests[i];
    },
    /** Scrolls so that step i is at its place for reading, at once. */
    to(i) {
      measure();
      window.scrollTo({ top: rests[i], behavior: 'instant' });
      held = window.scrollY;
      lastY = held;
      api.onJump();
    },
    /** How far the scroll has come from the rest of step i - 1 (0) to the rest of step i (1). */
    progress(i) {
      if (stale) measure();
      if (i === 0) return 1;
      const from = rests[i - 1];
      const gap = rests[i] - from;
      return gap > 0 ? clamp((window.scrollY - from) / gap, 0, 1) : 1;
    },
    reached() {
      return steps.findIndex((step) => {
        const box = step.getBoundingClientRect();
        return box.top <= line && box.bottom > line;
      });
    },
  };
  return api;
}
