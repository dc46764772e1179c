// The reader's place across a reload and the way back from another page: a step and pixels into it. The browser keeps
// pixels from the top, which is another step's text when sources stood open above, and restores them after the start.

const PLACE = 'storymap:place';

/** sections: step elements; at() → index of the step read. Returns the index of the step scrolled to again, or -1. */
function keepPlace(sections, at) {
  const navigation = performance.getEntriesByType('navigation')[0]?.type;
  let kept = null;
  try {
    kept = JSON.parse(window.sessionStorage.getItem(PLACE));
    window.history.scrollRestoration = 'manual';
  } catch {
    return -1; // A frame without storage of its own: the address still tells the step.
  }
  window.addEventListener('pagehide', () => {
    const section = sections[at()];
    const offset = Math.round(-section.getBoundingClientRect().top);
    window.sessionStorage.setItem(PLACE, JSON.stringify({ page: window.location.href, step: section.id, offset }));
  });
  if (!['reload', 'back_forward'].includes(navigation) || kept?.page !== window.location.href) return -1;

  const index = sections.findIndex((section) => section.id === kept.step);
  function restore() {
    const box = sections[index].getBoundingClientRect();
    window.scrollTo({ top: window.scrollY + box.top + Math.min(kept.offset, box.height), behavior: 'instant' });
  }
  if (index >= 0) {
    restore();
    // Until the document is loaded the browser goes to the step that the address names.
    if (document.readyState !== 'complete') window.addEventListener('load', () => requestAnimationFrame(restore), { once: true });
  }
  return index;
}
