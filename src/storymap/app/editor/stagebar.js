// Above the preview: which screens, colours and language it shows; and, beside the panel of the view, what is done in the map.

const KEPT = 'storymap stage';
const SHOWN = { both: 'Both', desktop: 'Desktop', phone: 'Phone' };
const TONES = { '': 'Colours: device', light: 'Colours: light', dark: 'Colours: dark' };

/** What was chosen last in this browser: {shown, tone}. There is no room for both screens on a phone. */
function keptChoice() {
  const plain = { shown: window.matchMedia('(max-width: 640px)').matches ? 'phone' : 'both', tone: '' };
  try {
    const kept = { ...plain, ...JSON.parse(window.localStorage.getItem(KEPT)) };
    return kept.shown in SHOWN && kept.tone in TONES ? { shown: kept.shown, tone: kept.tone } : plain;
  } catch {
    return plain;
  }
}

function keepChoice(choice) {
  try {
    window.localStorage.setItem(KEPT, JSON.stringify(choice));
  } catch {
    // Where nothing may be kept the choice holds for this page.
  }
}

function picker(label, options, value, onChange) {
  const select = make('select', 'stage-select');
  select.setAttribute('aria-label', label);
  for (const [code, text] of options) select.append(make('option', '', { value: code, textContent: text }));
  select.value = value;
  select.addEventListener('change', () => onChange(select.value));
  return select;
}

/** draw({languages, lang, choice}); choose(changes) and speak(code) are called with what is chosen. */
function makeBar(root, choose, speak) {
  const bar = make('div', 'stage-bar');
  let drawn = '';

  function screens(chosen) {
    const group = make('fieldset', 'stage-sizes');
    group.append(make('legend', 'stage-hidden', { textContent: 'Screens shown' }));
    for (const [name, text] of Object.entries(SHOWN)) {
      const label = make('label', 'stage-choice');
      const input = make('input', '', { type: 'radio', name: 'shown', value: name, checked: chosen === name });
      input.addEventListener('change', () => choose({ shown: name }));
      label.append(input, make('span', '', { textContent: text }));
      group.append(label);
    }
    return group;
  }

  function draw({ languages, lang, choice }) {
    const wanted = JSON.stringify([languages, lang, choice]);
    if (drawn === wanted) return;
    drawn = wanted;
    const held = bar.contains(root.activeElement) ? root.activeElement : null;
    const parts = [screens(choice.shown), picker('Colours', Object.entries(TONES), choice.tone, (tone) => choose({ tone }))];
    if (languages.length > 1) parts.push(picker('Language', languages, lang || languages[0][0], speak));
    bar.replaceChildren(...parts);
    if (held) bar.querySelector(held.type === 'radio' ? 'input:checked' : `select[aria-label="${held.getAttribute('aria-label')}"]`)?.focus();
  }

  return { element: bar, draw };
}

/** draw({shown, flying, picking}); does: what the buttons do. */
function makeTools(root, does) {
  const tools = make('div', 'stage-tools', { hidden: true });
  let drawn = '';

  function button(tool, text, onClick, more = {}) {
    const one = make('button', 'stage-button', { type: 'button', textContent: text, dataset: { tool, ...more } });
    one.addEventListener('click', onClick);
    return one;
  }

  function draw({ shown, flying, picking }) {
    tools.hidden = !shown;
    const wanted = JSON.stringify([flying, picking]);
    if (drawn === wanted) return;
    drawn = wanted;
    const held = tools.contains(root.activeElement) ? root.activeElement.dataset.tool : '';
    const pick = button('pick', picking ? 'Done' : 'Pick what must be seen', does.pick);
    pick.setAttribute('aria-pressed', String(picking));
    tools.replaceChildren(...(flying
      ? [button('view', 'Use this view', does.take, { main: 'yes' }), button('cancel', 'Cancel', does.land)]
      : [button('view', 'Move the map …', does.fly), pick]));
    if (held) (tools.querySelector(`[data-tool=${held}]`) ?? tools.firstElementChild).focus();
  }

  return { element: tools, draw };
}
