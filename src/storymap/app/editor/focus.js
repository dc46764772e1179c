/* For whoever works by keys: the focus is never lost to nowhere. A button that is gone or can not be pressed any more after
   what it did leaves the focus to its neighbour; a box that opens by a key takes it, and gives it back. */

const FOCUSABLE = 'button, a[href], input:not([type=hidden]):not([type=file]), select, textarea, summary, [tabindex="0"]';
const BOX = '[data-testid=stPopoverBody]';
const LOOK_MS = 60;

// Kept while the listeners are made anew with each run of the page.
let last = null; // {element, around, trigger}: what had the focus last, and where it stood
let key = ''; // pressed last, since the pointer was
let box = null; // that is open
let trigger = null; // what opened it

/** Begins to look after the focus of the page, until `signal` ends it. */
function keepFocus(signal) {
  let timer = 0;

  const usable = (one) => one.isConnected && !one.disabled && one.checkVisibility({ visibilityProperty: true });
  const tabbable = (root) => [...root.querySelectorAll(FOCUSABLE)].filter((one) => one.tabIndex >= 0 && usable(one));

  function remember({ target }) {
    if (!(target instanceof HTMLElement)) return;
    const around = []; // what it stands in, from the inside out, and how many others stand before it there
    const part = target.closest('[data-testid=stMain], [data-testid=stSidebar]');
    for (let one = target.parentElement; part && one && one !== part.parentElement; one = one.parentElement) {
      const before = [...one.querySelectorAll(FOCUSABLE)].findIndex((other) => other === target || follows(target, other));
      around.push([one, before]);
    }
    last = { element: target, around, trigger: target.closest(BOX) ? trigger : null };
  }

  function follows(target, other) {
    return Boolean(target.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
  }

  /** What has come in its place: at the same number in the nearest part of the page that still has anything. */
  function neighbour() {
    for (const [one, before] of last.around) {
      const there = one.isConnected ? tabbable(one).filter((other) => !other.closest('[data-testid=stTooltipIcon]:has([aria-label^=Help])')) : [];
      if (there.length) return there.at(before < 0 ? -1 : Math.min(before, there.length - 1));
    }
    return null;
  }

  function look() {
    timer = 0;
    open();
    const nowhere = document.activeElement === document.body || document.activeElement?.disabled;
    if (!last || !nowhere || !key) return;
    const app = document.querySelector('[data-testid=stApp]');
    if (app?.dataset.testScriptState === 'running') {
      later();
      return;
    }
    // It may have been put on the page anew.
    const again = !last.element.isConnected && last.element.id && document.getElementById(last.element.id);
    const to = [last.element, again, last.trigger].find((one) => one && usable(one));
    (to ?? neighbour() ?? document.querySelector('.st-key-panel [aria-checked=true]'))?.focus({ preventScroll: true });
  }

  /** What a key has opened is where one goes on. */
  function open() {
    const now = document.querySelector(BOX);
    if (!now) box = trigger = null;
    const opener = document.querySelector('[data-testid=stPopover] button[aria-expanded=true]');
    if (!now || !opener || now === box) return;
    const first = tabbable(now).find((one) => !one.closest('[data-testid=stTooltipIcon]')) ?? tabbable(now)[0];
    if (!first) return;
    [box, trigger] = [now, opener];
    if ((key === 'Enter' || key === ' ') && document.activeElement === opener) first.focus({ preventScroll: true });
  }

  function later() {
    timer ||= window.setTimeout(look, LOOK_MS);
  }

  function pressed(event) {
    key = event.key;
    if (key !== 'Tab' || !trigger || !box?.contains(document.activeElement)) return;
    const inside = tabbable(box);
    // Out of the box, one is where it was opened.
    if (document.activeElement !== (event.shiftKey ? inside[0] : inside.at(-1))) return;
    event.preventDefault();
    trigger.focus();
  }

  document.addEventListener('focusin', remember, { signal });
  document.addEventListener('keydown', pressed, { capture: true, signal });
  document.addEventListener('pointerdown', () => { key = ''; }, { capture: true, signal });
  const watch = new MutationObserver(later);
  watch.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['disabled', 'aria-expanded', 'data-test-script-state'] });
  later();
  signal.addEventListener('abort', () => {
    watch.disconnect();
    window.clearTimeout(timer);
  });
}
