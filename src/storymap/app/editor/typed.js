/* What is being typed is not lost with the tab. A longer text counts as entered when the typing pauses, and the cursor
   stays where it is; whatever is not entered yet when the page is left makes the browser ask. */

const PAUSE_MS = 1500;
const LONGER = '[data-testid=stTextArea] textarea';
const FIELD = `${LONGER}, [data-testid=stTextInput] input, [data-testid=stNumberInput] input`;

// Fields with what the server has not heard of; kept while the listeners are made anew with each run of the page.
const unheard = new Map(); // element → text before

/** Begins to look after what is typed, until `signal` ends it. */
function keepTyped(signal) {
  const listen = (on, what, then) => on.addEventListener(what, then, { capture: true, signal });
  let timer = 0;

  // Fields of a form are entered together, by its button.
  const isField = (element) => element instanceof Element && element.matches(FIELD) && !element.closest('[data-testid=stForm]');

  /** As the field's own Ctrl+Enter does it: the cursor is not taken away. */
  function enter(element) {
    if (element.isConnected && element.value !== unheard.get(element)) {
      element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter', keyCode: 13, ctrlKey: true, bubbles: true, cancelable: true }));
    }
    unheard.delete(element);
  }

  function pause() {
    for (const element of [...unheard.keys()]) if (element.matches(LONGER)) enter(element);
  }

  function heard({ target }) {
    unheard.delete(target);
  }

  listen(document, 'beforeinput', ({ target }) => {
    if (isField(target) && !unheard.has(target)) unheard.set(target, target.value);
  });
  listen(document, 'input', (event) => {
    if (!isField(event.target)) return;
    window.clearTimeout(timer);
    if (!event.isComposing) timer = window.setTimeout(pause, PAUSE_MS);
  });
  listen(document, 'focusout', heard);
  listen(document, 'keydown', (event) => {
    // A field of one line is entered by Enter, a longer one with Ctrl.
    if (event.key === 'Enter' && event.isTrusted && (event.target.tagName === 'INPUT' || event.ctrlKey || event.metaKey)) heard(event);
  });
  // The last moment at which the server can be told, on a phone often the only one.
  listen(document, 'visibilitychange', () => document.hidden && pause());
  listen(window, 'beforeunload', (event) => {
    const typed = [...unheard].some(([element, before]) => element.isConnected && element.value !== before);
    pause();
    if (typed) event.preventDefault();
  });
}
