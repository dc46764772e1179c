/* Keys of the editor: save, undo, redo, wherever on the page the focus is. Letters are taken from the key's place where
   the keyboard writes another alphabet. While a text is being typed, undo and redo are the field's own. */

const TYPED = new Set(['text', 'search', 'number', 'email', 'url', 'tel', 'password', 'date', 'time']);

export default function keys(component) {
  document.storymapKeys?.abort();
  const listening = new AbortController();
  document.storymapKeys = listening;
  keepFocus(listening.signal);
  keepTyped(listening.signal);
  const pressed = (event) => {
    const what = wanted(event);
    if (!what) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat && what === 'save') return;
    const at = event.composedPath()[0];
    const send = () => component.setTriggerValue('pressed', what);
    if (what === 'save' && isTyping(at)) settle(at, send);
    else send();
  };
  // Before other listeners, since a field may keep its keys to itself.
  document.addEventListener('keydown', pressed, { capture: true, signal: listening.signal });
  return () => listening.abort();
}

function wanted(event) {
  if (event.altKey || event.ctrlKey === event.metaKey) return '';
  const letter = /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : event.code.replace('Key', '').toLowerCase();
  if (letter === 's' && !event.shiftKey) return 'save';
  if (isTyping(event.composedPath()[0])) return '';
  if (letter === 'z') return event.shiftKey ? 'redo' : 'undo';
  return letter === 'y' && event.ctrlKey && !event.shiftKey ? 'redo' : '';
}

function isTyping(element) {
  if (!(element instanceof Element) || element.readOnly || element.disabled) return false;
  if (element.isContentEditable || element.tagName === 'TEXTAREA') return true;
  if (element.tagName !== 'INPUT' || !TYPED.has(element.type)) return false;
  // The field of a choice holds text only while it is being searched.
  return element.getAttribute('role') !== 'combobox' || element.value !== '';
}

/* What is being typed counts as entered, and the cursor stays where it is. `then`: once the field has told the server. */
function settle(element, then) {
  element.blur();
  element.focus({ preventScroll: true });
  requestAnimationFrame(() => setTimeout(then));
}
