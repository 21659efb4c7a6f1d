// Asks before staged work is left behind: by a link, by another form of the page, or by closing the window.

const form = document.querySelector('form[data-unsaved]');
const note = form?.querySelector('[data-unsaved-note]');
let leaving = false;

function changed(field) {
  if (!field.name || field.disabled) return false;
  if (['checkbox', 'radio'].includes(field.type)) return field.checked !== field.defaultChecked;
  if (field.type === 'select-one') return field.selectedIndex > 0 && !field.selectedOptions[0].defaultSelected;
  return 'defaultValue' in field && field.value !== field.defaultValue;
}

const staged = () => form.dataset.unsaved === 'yes' || [...form.elements].some(changed);
const keeps = () => !leaving && staged();

function ask(leave, stay = () => {}) {
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const go = make('button', { type: 'button', className: 'btn btn-danger', textContent: 'Leave without saving' });
  const stop = make('button', { type: 'button', className: 'btn', textContent: 'Stay here' });
  const title = make('h2', { id: 'unsaved-title', textContent: 'Leave without saving?' });
  const text = make('p', { id: 'unsaved-text', textContent: 'What you changed on this page is not saved yet.' });
  const dialog = make(
    'dialog',
    { className: 'dialog dialog-small' },
    make('div', { className: 'dialog-head' }, title),
    make('div', { className: 'dialog-body' }, text),
    make('div', { className: 'dialog-foot' }, stop, go),
  );
  dialog.role = 'alertdialog';
  dialog.setAttribute('aria-labelledby', title.id);
  dialog.setAttribute('aria-describedby', text.id);
  stop.addEventListener('click', () => dialog.close());
  go.addEventListener('click', () => {
    leaving = true;
    dialog.close();
    leave();
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (!leaving) stay();
  });
  document.body.append(dialog);
  dialog.showModal();
  stop.focus();
}

function onLink(event) {
  const link = event.target.closest?.('a[href]');
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.target || link.hasAttribute('download') || link.getAttribute('href').startsWith('#') || !keeps()) return;
  event.preventDefault();
  ask(() => location.assign(link.href));
}

function onOtherForm(event) {
  const other = event.target;
  if (other === form || other.method === 'dialog' || 'leaves' in other.dataset || !keeps()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(() => other.requestSubmit(event.submitter), () => other.reset());
}

if (form) {
  const tell = () => { note.hidden = !staged(); };
  document.addEventListener('click', onLink);
  document.addEventListener('submit', onOtherForm, { capture: true });
  // What the page itself sends is no loss; a form that asks first is sent only after that.
  document.addEventListener('submit', (event) => {
    if (!event.defaultPrevented) leaving = true;
  });
  addEventListener('beforeunload', (event) => {
    if (keeps()) event.preventDefault();
  });
  addEventListener('pageshow', () => {
    leaving = false;
    tell();
  });
  form.addEventListener('input', tell);
  form.addEventListener('change', tell);
  tell();
}
