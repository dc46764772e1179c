// Over the preview: the frame of the text, what must be seen, and where a view that is taken now would lie; and the same in
// words. All numbers are the document's own.

const WORDS = {
  card: (name) => `the text hides ${name}.`,
  edge: (name) => `${name} lies outside the map.`,
  legend: (name) => `the legend or the overview hides ${name}.`,
};

/** Draws over one size; shown: whether there is anything to be drawn but faults. */
function drawOver(size, { shown, flying }) {
  const now = size.report;
  const parts = [];
  const hidden = (now?.must ?? []).filter((item) => item.hidden);
  if (now && (shown || hidden.length)) {
    if (now.card) {
      const card = make('div', 'stage-card', { dataset: { bad: String(hidden.some((item) => item.hidden === 'card')) } });
      place(card, now.card);
      parts.push(card);
    }
    if (flying) {
      const frame = make('div', 'stage-view');
      place(frame, now.frame);
      parts.push(frame);
    }
    for (const { box: [x0, y0, x1, y1], ref, hidden: by } of now.must) {
      const air = 9;
      const mark = make('div', 'stage-must', { dataset: { ref, bad: String(Boolean(by)) } });
      place(mark, [x0 - air, y0 - air, x1 + air, y1 + air]);
      parts.push(mark);
    }
  }
  size.overlay.replaceChildren(...parts);
}

/** Sentences about what can not be seen, for the sizes that are shown. */
function verdicts(sizes, nameOf) {
  return sizes.flatMap((size) => (size.report?.must ?? [])
    .filter((item) => item.hidden)
    .map((item) => `${size.title}: ${WORDS[item.hidden](nameOf(item.ref))}`));
}
