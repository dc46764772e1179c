/* A list that is put in order by dragging or by Alt+Up and Alt+Down. What it shows comes as data and is set as text.
   It is called again with other data after each run of the page; its elements stay, and so does the focus. */

const ICONS = {
  copy: 'M8 8h11v11H8zM5 16H4V4h12v1',
  delete: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5',
  show: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6',
  hide: 'M4 4l16 16M9 6c1-.3 2-.5 3-.5 6 0 9.5 6.5 9.5 6.5a17 17 0 0 1-3 3.7M6 8a17 17 0 0 0-3.5 4S6 18.5 12 18.5c1.5 0 3-.4 4-1',
  edit: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  add: 'M12 5v14M5 12h14',
  up: 'M6 14l6-6 6 6',
  down: 'M6 10l6 6 6-6',
};
const SVG = 'http://www.w3.org/2000/svg';
const FAR = 5; // pixels from which a press is a drag
/* Where the focus was in each list, for a list that is put on the page anew. */
const kept = new Map();

export default function sorter(component) {
  const root = component.parentElement.querySelector('.sorter');
  root.sortable ??= new Sorter(root);
  root.sortable.take(component);
}

class Sorter {
  constructor(root) {
    this.root = root;
    this.list = root.querySelector('ol');
    this.drag = null;
    this.data = null;
    this.list.addEventListener('click', (event) => this.click(event));
    this.list.addEventListener('keydown', (event) => this.keydown(event));
    this.list.addEventListener('pointerdown', (event) => this.press(event));
    this.list.addEventListener('pointermove', (event) => this.pull(event));
    this.list.addEventListener('pointerup', () => this.drop(true));
    this.list.addEventListener('pointercancel', () => this.drop(false));
    this.list.addEventListener('focusin', () => this.remember());
    this.list.addEventListener('focusout', () => {
      // When the list itself is taken off the page, the place is kept; not when the editor goes elsewhere.
      queueMicrotask(() => this.root.isConnected && !this.focused() && kept.delete(this.data?.key));
    });
  }

  take({ data, setTriggerValue }) {
    this.send = setTriggerValue;
    const before = this.data;
    this.data = data;
    if (!this.drag?.under) this.render(before);
  }

  render(before) {
    const place = this.focused() ?? this.lost();
    this.list.setAttribute('aria-label', this.data.label);
    const old = new Map([...this.list.children].map((item) => [item.dataset.id, item]));
    this.data.entries.forEach((entry, number) => {
      const item = old.get(entry.id) ?? makeItem(entry.id);
      old.delete(entry.id);
      fill(item, entry, number, this.data);
      if (this.list.children[number] !== item) this.list.insertBefore(item, this.list.children[number] ?? null);
    });
    old.forEach((item) => item.remove());
    if (place) this.focus(place);
    if (this.data.selected !== before?.selected) this.item(this.data.selected)?.scrollIntoView({ block: 'nearest' });
  }

  item(id) {
    return [...this.list.children].find((item) => item.dataset.id === id);
  }

  /* Where the focus is: the entry, its number, and which of its buttons. */
  focused() {
    const button = this.root.getRootNode().activeElement;
    const item = button?.closest?.('li');
    if (!item || !this.list.contains(item)) return null;
    return { id: item.dataset.id, number: this.numberOf(item), action: button.dataset.action ?? '' };
  }

  lost() {
    const place = kept.get(this.data.key);
    const nowhere = !document.activeElement || document.activeElement === document.body;
    return place && nowhere && Date.now() - place.time < 5000 ? place : null;
  }

  remember() {
    const place = this.focused();
    if (place && this.data) kept.set(this.data.key, { ...place, time: Date.now() });
  }

  focus({ id, number, action }) {
    const item = this.item(id) ?? this.list.children[Math.min(number, this.list.children.length - 1)];
    const button = action && item?.querySelector(`button[data-action="${CSS.escape(action)}"]`);
    (button || item?.querySelector('.go'))?.focus({ preventScroll: true });
    this.remember();
  }

  numberOf(item) {
    return [...this.list.children].indexOf(item);
  }

  click(event) {
    const button = event.target.closest('button');
    const id = button?.closest('li').dataset.id;
    if (!button || this.dropped) return;
    this.remember();
    if (button.dataset.action) this.send('action', { id, action: button.dataset.action });
    else this.send('select', id);
  }

  keydown(event) {
    const item = event.target.closest('li');
    if (event.key === 'Escape' && this.drag?.under) this.drop(false);
    if (!item || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const here = this.numberOf(item);
    const last = this.list.children.length - 1;
    const to = { ArrowUp: here - 1, ArrowDown: here + 1, Home: 0, End: last }[event.key];
    if (to === undefined || this.drag?.under) return;
    event.preventDefault();
    if (!event.altKey) {
      if (to >= 0 && to <= last) this.list.children[to].querySelector('.go').focus();
    } else if (to < 0 || to > last || to === here) {
      this.tell(item, to < here || here === 0 ? 'is the first already' : 'is the last already');
    } else {
      this.put(item, to);
      this.moved(item);
    }
  }

  /* Moves an element; the focus, which is lost on the way, stays. */
  put(item, to) {
    const place = this.focused();
    const others = [...this.list.children].filter((other) => other !== item);
    this.list.insertBefore(item, others[to] ?? null);
    if (place) this.focus(place);
    item.scrollIntoView({ block: 'nearest' });
  }

  moved(item) {
    const order = [...this.list.children].map((other) => other.dataset.id);
    [...this.list.children].forEach((other, number) => {
      const shown = other.querySelector('.number');
      if (this.data.numbered) shown.textContent = `${number + 1}`;
    });
    this.tell(item, `is now ${order.indexOf(item.dataset.id) + 1} of ${order.length}`);
    this.send('order', { id: item.dataset.id, order });
  }

  tell(item, what) {
    this.root.querySelector('.told').textContent = `“${item.querySelector('.title').textContent}” ${what}.`;
  }

  press(event) {
    const item = event.target.closest('li');
    this.dropped = false;
    // A finger that is put anywhere else scrolls; small buttons are to be pressed.
    const handle = event.target.closest('.handle');
    if (!item || event.button !== 0 || event.target.closest('.actions')) return;
    if (event.pointerType === 'touch' && !handle) return;
    const order = [...this.list.children];
    this.drag = { item, y: event.clientY, order, pointer: event.pointerId, under: false };
  }

  pull(event) {
    const drag = this.drag;
    if (!drag || event.pointerId !== drag.pointer) return;
    if (!drag.under) {
      if (Math.abs(event.clientY - drag.y) < FAR) return;
      drag.under = true;
      drag.item.classList.add('dragged');
      this.list.setPointerCapture(drag.pointer);
    }
    event.preventDefault();
    scrollAt(this.root, event.clientY);
    const before = [...this.list.children].filter((other) => other !== drag.item && below(event.clientY, other));
    if (before.length !== this.numberOf(drag.item)) this.put(drag.item, before.length);
  }

  drop(kept) {
    const drag = this.drag;
    this.drag = null;
    if (!drag?.under) return;
    this.dropped = true; // the click that follows a drag selects nothing
    setTimeout(() => (this.dropped = false));
    drag.item.classList.remove('dragged');
    const changed = drag.order.some((item, number) => this.list.children[number] !== item);
    if (kept && changed) this.moved(drag.item);
    else this.render(this.data);
  }
}

/* Whether a pointer at this height is past the entry. */
function below(y, item) {
  const box = item.getBoundingClientRect();
  return y > box.top + box.height / 2;
}

/* Scrolls what holds the list, when a pointer is pulled to its edge. */
function scrollAt(root, y) {
  let around = root.getRootNode().host ?? root.parentElement;
  while (around && around.scrollHeight <= around.clientHeight + 1) around = around.parentElement;
  if (!around) return;
  const box = around.getBoundingClientRect();
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, window.innerHeight)];
  if (y < top + 40) around.scrollBy(0, -12);
  else if (y > bottom - 40) around.scrollBy(0, 12);
}

function makeItem(id) {
  const item = document.createElement('li');
  item.dataset.id = id;
  const handle = element('span', 'handle', { 'aria-hidden': 'true', title: 'Drag, or Alt and an arrow key' });
  handle.append(drawing('M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01'));
  const go = element('button', 'go', { type: 'button', 'aria-describedby': 'hint' });
  go.append(element('span', 'number'), element('img', 'picture', { alt: '', draggable: 'false' }));
  const words = element('span', 'words');
  words.append(element('span', 'title'), element('span', 'note'));
  go.append(words);
  item.append(handle, go, element('span', 'actions'));
  return item;
}

function fill(item, entry, number, data) {
  const here = entry.id === data.selected;
  item.classList.toggle('here', here);
  const go = item.querySelector('.go');
  if (here) go.setAttribute('aria-current', 'true');
  else go.removeAttribute('aria-current');
  put(item, '.number', data.numbered ? `${number + 1}` : '');
  put(item, '.title', entry.title);
  put(item, '.note', entry.note);
  const picture = item.querySelector('.picture');
  const source = entry.picture.startsWith('data:image/') ? entry.picture : '';
  picture.hidden = !source;
  if (source && picture.getAttribute('src') !== source) picture.setAttribute('src', source);
  fillActions(item.querySelector('.actions'), entry, here);
}

function put(item, what, text) {
  const shown = item.querySelector(what);
  shown.hidden = !text;
  if (shown.textContent !== text) shown.textContent = text;
}

function fillActions(box, entry, here) {
  const wanted = entry.actions.filter((action) => here || !action.quiet);
  const old = new Map([...box.children].map((button) => [button.dataset.action, button]));
  box.classList.toggle('quiet', wanted.some((action) => action.quiet));
  wanted.forEach((action, number) => {
    const button = old.get(action.name) ?? element('button', 'action', { type: 'button', 'data-action': action.name });
    old.delete(action.name);
    button.title = action.label;
    button.setAttribute('aria-label', `${action.label}: ${entry.title}`);
    if (action.pressed === null) button.removeAttribute('aria-pressed');
    else button.setAttribute('aria-pressed', `${action.pressed}`);
    if (button.dataset.icon !== action.icon) button.replaceChildren(drawing(ICONS[action.icon] ?? ICONS.edit));
    button.dataset.icon = action.icon;
    if (box.children[number] !== button) box.insertBefore(button, box.children[number] ?? null);
  });
  old.forEach((button) => button.remove());
}

function element(name, className, attributes = {}) {
  const made = document.createElement(name);
  made.className = className;
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
}

function drawing(path) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}
