/* A choice among pictures, with a name each. What it shows comes as data and is set as text. It is called again with
   other data after each run of the page; its elements stay, and so does the focus. */

const CALM = 350; // milliseconds after which a choice by arrow key is meant

export default function pictures(component) {
  const root = component.parentElement.querySelector('.pictures');
  root.choice ??= new Choice(root);
  root.choice.take(component);
}

class Choice {
  constructor(root) {
    this.root = root;
    this.options = root.querySelector('.options');
    this.waiting = 0;
    this.pointed = false;
    this.made = '';
    root.addEventListener('pointerdown', () => (this.pointed = true));
    root.addEventListener('keydown', () => (this.pointed = false));
    root.addEventListener('change', (event) => this.changed(event.target));
    root.addEventListener('focusout', () => this.flush());
    this.fold = root.querySelector('details');
  }

  take({ data, setTriggerValue }) {
    this.send = setTriggerValue;
    this.data = data;
    this.root.querySelector('fieldset').className = data.size;
    if (data.size !== 'swatch') this.fold.open = true;
    this.root.querySelector('legend').textContent = data.label;
    const wanted = JSON.stringify([data.options, data.own !== null]);
    if (wanted !== this.made) this.build(wanted);
    if (!this.waiting) this.check(data.value);
  }

  build(wanted) {
    this.made = wanted;
    const focus = this.root.getRootNode().activeElement?.value;
    this.options.replaceChildren();
    let group = '';
    this.data.options.forEach((option) => {
      if (option.group && option.group !== group) {
        group = option.group;
        this.options.append(element('span', 'heading', group));
      }
      this.options.append(choice(option));
    });
    if (this.data.own !== null) this.options.append(own());
    if (focus !== undefined) this.radio(focus)?.focus({ preventScroll: true });
  }

  radio(value) {
    return [...this.options.querySelectorAll('input[type=radio]')].find((input) => input.value === value);
  }

  check(value) {
    this.options.querySelectorAll('input[type=radio]').forEach((input) => (input.checked = input.value === value));
    const input = this.options.querySelector('input[type=color]');
    if (input) {
      input.value = this.data.own;
      input.closest('label').classList.toggle('here', !this.radio(value));
    }
    this.tell(value);
  }

  tell(value) {
    const option = this.data.options.find((one) => one.value === value);
    const name = this.root.querySelector('.name');
    name.textContent = option ? [option.name, option.note].filter(Boolean).join(' · ') : `Other: ${value}`;
    const picture = this.root.querySelector('summary img');
    picture.src = option?.picture || plain(value);
  }

  changed(input) {
    clearTimeout(this.waiting);
    this.chosen = input.value;
    this.tell(input.value);
    const wait = this.pointed || input.type === 'color' ? 0 : CALM;
    this.waiting = setTimeout(() => this.flush(), wait);
  }

  flush() {
    if (!this.waiting) return;
    clearTimeout(this.waiting);
    this.waiting = 0;
    if (this.chosen !== this.data.value) this.send('picked', { value: this.chosen });
  }
}

function choice(option) {
  const label = document.createElement('label');
  label.title = [option.name, option.note].filter(Boolean).join(' · ');
  const input = document.createElement('input');
  Object.assign(input, { type: 'radio', name: 'choice', value: option.value });
  label.append(input);
  if (option.picture.startsWith('data:image/')) {
    const picture = document.createElement('img');
    Object.assign(picture, { src: option.picture, alt: '', draggable: false });
    label.append(picture);
  }
  label.append(element('span', 'words', option.name));
  return label;
}

/* A picture of one colour alone. */
function plain(color) {
  const fill = /^#[0-9a-f]{6}$/i.test(color) ? color.replace('#', '%23') : 'none';
  return `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='36' height='24'><rect width='36' height='24' fill='${fill}'/></svg>`;
}

function own() {
  const label = document.createElement('label');
  label.className = 'own';
  const input = document.createElement('input');
  Object.assign(input, { type: 'color', title: 'Any other colour' });
  input.setAttribute('aria-label', 'Any other colour');
  label.append(input, element('span', 'text', 'Other'));
  return label;
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
