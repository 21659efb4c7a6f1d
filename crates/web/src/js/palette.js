// The palette: the search field of the bar lists, as one types, what it finds. Arrows choose, Enter opens. Without this
// file the form leads to a page with the same results.

import { announce, counted, debounce, isPlainClick, make, newest, queryOf } from './dom.js';

const ICONS = {
  action: 'plus',
  page: 'chevron-right',
  group: 'groups',
  case: 'case',
  client: 'user',
  person: 'users',
  handout: 'book',
};

const form = document.querySelector('[data-palette]');
const field = form.querySelector('[data-search]');
const sheet = form.querySelector('.icon use').getAttribute('href').split('#')[0];
const list = make('div', { id: 'palette-list', role: 'listbox', ariaLabel: 'Results' });
const none = make('p', { className: 'palette-none', textContent: 'Nothing found. Try fewer or shorter words.' });
const panel = make('div', { className: 'palette menu-panel', hidden: true }, none, list);
form.append(panel);

field.setAttribute('role', 'combobox');
field.setAttribute('aria-autocomplete', 'list');
field.setAttribute('aria-controls', list.id);
field.setAttribute('aria-expanded', 'false');

/** The text that the options are for; nothing while they are closed. */
let shown;
let active = -1;

const options = () => [...list.querySelectorAll('[role="option"]')];

function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `${sheet}#i-${name}`);
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(use);
  return svg;
}

function option(href, name, title, detail) {
  const words = make('span', { dir: 'auto' }, title);
  if (detail) words.append(make('small', { textContent: detail, dir: 'auto' }));
  const made = make('a', { className: 'menu-item', href, role: 'option', tabIndex: -1 }, icon(name), words);
  made.setAttribute('aria-selected', 'false');
  return made;
}

function group({ kind, label, items, more }, number, text) {
  const title = make('div', { className: 'menu-title', id: `palette-group-${number}`, textContent: label });
  const found = items.map((item) => option(item.path, ICONS[kind], item.title, item.detail));
  if (more) found.push(option(more, 'search', `All ${label.toLowerCase()} with “${text}”`));
  const made = make('div', { role: 'group' }, title, ...found);
  made.setAttribute('aria-labelledby', title.id);
  return made;
}

function choose(to) {
  const all = options();
  all[active]?.setAttribute('aria-selected', 'false');
  active = all.length ? (to + all.length) % all.length : -1;
  const chosen = all[active];
  if (!chosen) return field.removeAttribute('aria-activedescendant');
  chosen.setAttribute('aria-selected', 'true');
  chosen.scrollIntoView({ block: 'nearest' });
  field.setAttribute('aria-activedescendant', chosen.id);
}

function close() {
  panel.hidden = true;
  shown = undefined;
  active = -1;
  list.replaceChildren();
  field.setAttribute('aria-expanded', 'false');
  field.removeAttribute('aria-activedescendant');
}

/** What follows the results of a text: the page with them, and the same search everywhere. */
function further(text, found) {
  const query = queryOf(form, ([, value]) => value);
  const made = found ? [option(`${form.action}?${query}`, 'search', `All results for “${text}”`)] : [];
  if (form.querySelector('[type="hidden"]')) {
    const wider = new URLSearchParams({ q: text });
    made.push(option(`${form.action}?${wider}`, 'search', `Search all your groups for “${text}”`));
  }
  return make('div', { role: 'group', ariaLabel: 'More' }, ...made);
}

function show(sections, text) {
  list.replaceChildren(...sections.map((section, number) => group(section, number, text)));
  if (text) list.append(further(text, sections.length));
  const all = options();
  all.forEach((each, number) => {
    each.id = `palette-option-${number}`;
  });
  none.hidden = sections.length > 0;
  list.hidden = !all.length;
  panel.hidden = false;
  shown = text;
  active = -1;
  if (text) choose(0);
  else field.removeAttribute('aria-activedescendant');
  field.setAttribute('aria-expanded', String(all.length > 0));
  const count = sections.reduce((sum, { items }) => sum + items.length, 0);
  announce(count ? counted(count, 'result', 'results') : none.textContent);
}

const newestResults = newest();

async function look() {
  const text = field.value.trim();
  const signal = newestResults();
  try {
    const address = `${form.dataset.palette}?${queryOf(form, ([, value]) => value)}`;
    const answer = await fetch(address, { signal, headers: { accept: 'application/json' } });
    if (!answer.ok) return close();
    const { sections } = await answer.json();
    if (document.activeElement === field && field.value.trim() === text) show(sections, text);
  } catch (error) {
    // Without an answer Enter still leads to the page of results.
    if (error.name !== 'AbortError') close();
  }
}
const lookSoon = debounce(120, look);

field.addEventListener('input', lookSoon);
field.addEventListener('focus', () => lookSoon.now());
form.addEventListener('focusout', ({ relatedTarget }) => {
  if (!form.contains(relatedTarget)) close();
});
// A press on an option keeps the focus in the field, so that the list stays until the click.
panel.addEventListener('mousedown', (event) => event.preventDefault());
panel.addEventListener('click', (event) => {
  if (event.target.closest('[role="option"]') && isPlainClick(event)) close();
});

field.addEventListener('keydown', (event) => {
  if (event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    if (panel.hidden) return lookSoon.now();
    choose(active < 0 && step < 0 ? -1 : active + step);
  } else if (event.key === 'Escape' && !panel.hidden) {
    event.preventDefault();
    close();
  } else if (event.key === 'Enter') {
    const chosen = shown === field.value.trim() ? options()[active] : undefined;
    if (!chosen) return;
    event.preventDefault();
    location.assign(chosen.href);
  }
});
form.addEventListener('submit', (event) => {
  if (!field.value.trim()) event.preventDefault();
});

document.addEventListener('keydown', (event) => {
  const opens = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (!opens || document.querySelector('dialog[open]')) return;
  event.preventDefault();
  field.focus();
  field.select();
});
