/* A table of texts beside each other. Everything comes as data and is set as text. */

export default function beside(component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector('.beside');
  const table = make('table');
  table.append(make('caption', data.label));
  const head = table.createTHead().insertRow();
  data.columns.forEach((name) => {
    const cell = make('th', name);
    cell.scope = 'col';
    head.append(cell);
  });
  data.rows.forEach((row) => table.append(group(row, data.columns)));
  root.replaceChildren(table);
}

function group({ what, cells }, columns) {
  const body = make('tbody');
  if (what) {
    const heading = make('th', what);
    heading.scope = 'rowgroup';
    heading.colSpan = columns.length;
    body.insertRow().append(heading);
  }
  const line = body.insertRow();
  cells.forEach((pieces, number) => {
    const cell = line.insertCell();
    cell.dataset.column = columns[number];
    if (pieces.length === 0) cell.append(make('i', 'nothing'));
    pieces.forEach(([kind, text]) => cell.append(kind === 'same' ? text : marked(kind, text)));
  });
  return body;
}

function marked(kind, text) {
  return make(kind === 'gone' ? 'del' : 'ins', text);
}

function make(tag, text) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  return element;
}
