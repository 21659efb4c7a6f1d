// Helpers that the other scripts share. Importing them changes nothing on the page.

/** Names of unsaved drafts in this tab's storage start with this. */
export const DRAFT_PREFIX = 'covey-draft:';

export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Listens on the whole page, for elements that match now or later. */
export const on = (type, selector, handle) =>
  document.addEventListener(type, (event) => {
    const target = event.target instanceof Element && event.target.closest(selector);
    if (target) handle(target, event);
  });

/** Stops an event for all other listeners and for the browser. */
export function halt(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** Whether a click has no modifier that asks the browser for a new tab or a selection. */
export const isPlainClick = (event) => !(event.ctrlKey || event.metaKey || event.shiftKey || event.button);

export function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

export function button(className, textContent, action) {
  const made = make('button', { type: 'button', className, textContent });
  made.addEventListener('click', action);
  return made;
}

/** Whether a form's field no longer holds what the page came with. */
export function changed(field) {
  if (!field.name || field.disabled) return false;
  if (['checkbox', 'radio'].includes(field.type)) return field.checked !== field.defaultChecked;
  if (field.type === 'select-one') return field.selectedIndex > 0 && !field.selectedOptions[0].defaultSelected;
  return 'defaultValue' in field && field.value !== field.defaultValue;
}

/** Tells screen readers what changed without a page load. */
export function announce(text) {
  const region = document.getElementById('announce');
  if (region) region.textContent = text;
}

const LETTERS = { ł: 'l', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ß: 'ss', æ: 'ae', œ: 'oe', ı: 'i' };
const DOTS = { ä: 'ae', ö: 'oe', ü: 'ue', ø: 'oe', å: 'aa' };

/** Text for comparing, as the server folds it: lower case, without accents and apostrophes. */
export const plain = (text) =>
  text
    .replace(/['`´‘’‛′ʹʻʼ＇]/g, '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[łøđðþßæœı]/g, (letter) => LETTERS[letter]);

/** Every way to spell a text that is looked through: umlauts with and without their e, a line each. */
export const spellings = (text) => {
  const bare = plain(text);
  const dots = text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[äöüøå]/g, (letter) => DOTS[letter]);
  return [...new Set([bare, bare.replace(/([aou])e/g, '$1'), plain(dots)])].join('\n');
};

/** The words typed into a filter, ready to compare. */
export const wordsOf = (input) => plain(input.value).split(/\s+/).filter(Boolean);

export const counted = (count, one, many) => `${count} ${Number(count) === 1 ? one : many}`;

export function openDialog(dialog) {
  dialog.removeAttribute('open');
  dialog.showModal();
  dialog.querySelector('[aria-invalid="true"], [autofocus]')?.focus();
}

/**
 * Asks before something happens. The focus starts on the harmless answer.
 * `texts` holds `title`, `text`, the labels of the buttons `go` and `stop`, and perhaps the `tone` of the first: red unless
 * it destroys nothing.
 */
export function ask(texts, proceed, stay = () => {}) {
  let agreed = false;
  const title = make('h2', { id: 'ask-title', textContent: texts.title, dir: 'auto' });
  const text = make('p', { id: 'ask-text', textContent: texts.text, dir: 'auto' });
  const stop = button('btn', texts.stop, () => dialog.close());
  const go = button(`btn btn-${texts.tone ?? 'danger'}`, texts.go, () => {
    agreed = true;
    dialog.close();
    proceed();
  });
  const dialog = make(
    'dialog',
    { className: 'dialog dialog-small', role: 'alertdialog' },
    make('div', { className: 'dialog-head' }, title),
    make('div', { className: 'dialog-body' }, text),
    make('div', { className: 'dialog-foot' }, stop, go),
  );
  dialog.setAttribute('aria-labelledby', title.id);
  dialog.setAttribute('aria-describedby', text.id);
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (!agreed) stay();
  });
  document.body.append(dialog);
  openDialog(dialog);
  stop.focus();
}

/** Does the work `wait` milliseconds after the last call. `now` does it at once instead. */
export function debounce(wait, work) {
  let timer;
  const later = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(work, wait, ...values);
  };
  later.now = (...values) => {
    clearTimeout(timer);
    work(...values);
  };
  return later;
}

/** Gives each request of a kind its signal, and aborts the one before it. */
export function newest() {
  let current;
  return () => {
    current?.abort();
    current = new AbortController();
    return current.signal;
  };
}

/** The fields of a form for which `keep` is true, as a query. */
export const queryOf = (form, keep) => new URLSearchParams([...new FormData(form)].filter(keep));

/** The element with this id on another page, or null if that page has none. */
export async function fetchPart(address, id, signal) {
  const answer = await fetch(address, { signal, headers: { accept: 'text/html' } });
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  return answer.ok ? page.getElementById(id) : null;
}

/** The sentence for people in a problem document. */
export const reasonIn = (found) => found.errors?.[0]?.detail ?? found.detail;
