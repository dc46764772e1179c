/* The bar at the foot of a narrow screen. Undo, redo and save go to Python; the list of steps and the preview are on this
   page already, and are brought into sight. */

const PATHS = {
  steps: 'M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01',
  undo: 'M8 5L4 9l4 4M4 9h9a6 6 0 0 1 0 12h-3',
  redo: 'M16 5l4 4-4 4M20 9h-9a6 6 0 0 0 0 12h3',
  save: 'M5 12l5 5L20 7',
  look: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6',
  edit: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
};
const NARROW = window.matchMedia('(max-width: 900px)');
const one = (selector) => document.querySelector(selector);
const stage = () => one('.st-key-stage');
const bars = new WeakMap();

export default function pocket({ parentElement, data, setTriggerValue }) {
  if (!bars.has(parentElement)) bars.set(parentElement, makePocket(parentElement));
  bars.get(parentElement).take(data, setTriggerValue);
  return () => {
    bars.get(parentElement)?.leave();
    bars.delete(parentElement);
  };
}

function makePocket(root) {
  const bar = document.createElement('div');
  bar.className = 'pocket';
  bar.setAttribute('role', 'toolbar');
  bar.setAttribute('aria-label', 'Editing');
  let data = null;
  let send = () => {};
  let looking = false; // whether the preview is what is seen
  let left = 0; // how far the page was scrolled before

  const buttons = {};
  for (const [what, act] of Object.entries({ steps: openSteps, undo: press, redo: press, save: press, look })) {
    const button = document.createElement('button');
    button.type = 'button';
    button.dataset.what = what;
    button.append(drawing(PATHS[what]), document.createElement('span'));
    button.addEventListener('click', () => act(what));
    buttons[what] = button;
  }
  const told = document.createElement('p');
  told.className = 'told';
  told.setAttribute('role', 'status');
  root.append(bar);

  /* What is being typed is entered first: not every browser takes the focus away for a button that is tapped. */
  function press(what) {
    const typed = document.activeElement;
    if (typed?.matches('input, textarea')) typed.blur();
    requestAnimationFrame(() => setTimeout(() => send('pressed', what)));
  }

  function openSteps() {
    one('[data-testid=stExpandSidebarButton]')?.click();
    // There, as for whoever reads by ear or by keys.
    setTimeout(() => one('[data-testid=stSidebarCollapseButton] button')?.focus({ preventScroll: true }), 350);
  }

  /* On a phone the list lies over the panel of the step that was chosen in it. */
  function closeSteps() {
    const side = one('[data-testid=stSidebar]:not([data-collapsed=true])')?.getBoundingClientRect();
    if (side && one('[data-testid=stMain]').getBoundingClientRect().left < side.right - 1) one('[data-testid=stSidebarCollapseButton] button')?.click();
  }

  function look() {
    const main = one('[data-testid=stMain]');
    const behavior = window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth';
    if (looking) {
      main.scrollTo({ top: left, behavior });
    } else {
      left = main.scrollTop;
      stage()?.scrollIntoView({ block: 'start', behavior });
    }
  }

  const watch = new IntersectionObserver(([seen]) => {
    looking = seen.isIntersecting;
    draw();
  }, { rootMargin: '-45% 0px -45% 0px' });
  let watched = null;
  // Beside the list of steps, where that leaves room.
  const beside = new ResizeObserver(() => { bar.style.left = `${Math.max(0, one('[data-testid=stMain]').getBoundingClientRect().left)}px`; });
  beside.observe(one('[data-testid=stMain]'));
  NARROW.addEventListener('change', draw);

  function draw() {
    if (!data) return;
    // Where the bar is not shown, nothing of it is on the page.
    if (NARROW.matches !== bar.hasChildNodes()) bar.replaceChildren(...(NARROW.matches ? [...Object.values(buttons), told] : []));
    const names = {
      steps: [data.place.replace(' of ', ' / '), `Steps: ${data.place}${data.drafts ? ', and a draft that you left' : ''}`],
      undo: ['Undo', data.undo ? `Undo: ${data.undo}` : 'Undo'],
      redo: ['Redo', data.redo ? `Redo: ${data.redo}` : 'Redo'],
      save: data.saved && !data.changed ? ['Saved', 'Saved'] : ['Save', 'Save'],
      look: looking ? ['Edit', 'Back to editing'] : ['Preview', 'Preview'],
    };
    for (const [what, [text, name]] of Object.entries(names)) {
      buttons[what].querySelector('span').textContent = text;
      buttons[what].setAttribute('aria-label', name);
    }
    buttons.look.querySelector('path').setAttribute('d', looking ? PATHS.edit : PATHS.look);
    buttons.steps.querySelector('span').classList.toggle('waits', data.drafts);
    enable(buttons.undo, Boolean(data.undo));
    enable(buttons.redo, Boolean(data.redo));
    enable(buttons.save, data.changed);
    if (told.textContent !== data.state) told.textContent = data.state;
  }

  return {
    take(next, tellPython) {
      if (NARROW.matches && data && next.step !== data.step) closeSteps();
      [data, send] = [next, tellPython];
      if (stage() !== watched) {
        watch.disconnect();
        watched = stage();
        if (watched) watch.observe(watched);
      }
      draw();
    },
    leave() {
      watch.disconnect();
      beside.disconnect();
      NARROW.removeEventListener('change', draw);
      bar.remove();
    },
  };
}

/* A button with the focus that can not be pressed any more would lose the focus to nowhere. */
function enable(button, on) {
  const held = button.getRootNode().activeElement === button;
  button.disabled = !on;
  if (held && !on) [...button.parentElement.querySelectorAll('button:not(:disabled)')].at(-1)?.focus();
}

function drawing(path) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}
