// Asks before staged work is left behind: by a link, by another form of the page, or by closing the window.

import { ask, changed, halt, isPlainClick } from './dom.js';

const TEXTS = {
  title: 'Leave without saving?',
  text: 'What you changed on this page is not saved yet.',
  go: 'Leave without saving',
  stop: 'Stay here',
};

const form = document.querySelector('form[data-unsaved]');
const note = form?.querySelector('[data-unsaved-note]');
let leaving = false;

const staged = () => form.dataset.unsaved === 'yes' || [...form.elements].some(changed);
const keeps = () => !leaving && staged();

function askFirst(leave, stay) {
  const go = () => {
    leaving = true;
    leave();
  };
  ask(TEXTS, go, stay);
}

function onLink(event) {
  const link = event.target.closest?.('a[href]');
  if (!link || event.defaultPrevented || !isPlainClick(event)) return;
  if (link.target || link.hasAttribute('download') || link.getAttribute('href').startsWith('#') || !keeps()) return;
  event.preventDefault();
  askFirst(() => location.assign(link.href));
}

function onOtherForm(event) {
  const other = event.target;
  if (other === form || other.method === 'dialog' || 'leaves' in other.dataset || !keeps()) return;
  halt(event);
  askFirst(
    () => other.requestSubmit(event.submitter),
    () => other.reset(),
  );
}

if (form) {
  const tell = () => {
    note.hidden = !staged();
  };
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
