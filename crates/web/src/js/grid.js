// Tables by the keyboard: a table is one stop of the Tab key, and the arrows move inside it. Without this file every
// link, box and menu of it is a stop of its own.

import { all } from './dom.js';

const STOPS = ':is(a[href], button, summary, input):not([type="hidden"], :disabled, .menu-panel *)';
const FIELDS = 'input:not([type="checkbox"], [type="radio"], [type="hidden"]), select, textarea, [role]';

const seen = (element) => element.getClientRects().length && getComputedStyle(element).visibility === 'visible';
const stops = (row) => all(STOPS, row).filter(seen);
const rows = (table) => all('tr', table).filter((row) => stops(row).length);

/** Makes one element of a table its stop. */
function hold(table, element) {
  for (const each of all(STOPS, table)) each.tabIndex = each === element ? 0 : -1;
}

/** The stop in another row that is nearest to where one is. */
function beside(row, from) {
  const middle = (element) => {
    const { left, right } = element.getBoundingClientRect();
    return (left + right) / 2;
  };
  const away = (element) => Math.abs(middle(element) - middle(from));
  return stops(row).reduce((best, each) => (away(each) < away(best) ? each : best));
}

function target(table, from, { key, ctrlKey }) {
  const every = rows(table);
  const row = from.closest('tr');
  const here = every.indexOf(row);
  const across = stops(row);
  const rtl = getComputedStyle(table).direction === 'rtl';
  const step = { ArrowRight: rtl ? -1 : 1, ArrowLeft: rtl ? 1 : -1 }[key];
  if (step) return across[across.indexOf(from) + step];
  if (key === 'Home') return ctrlKey ? stops(every[0])[0] : across[0];
  if (key === 'End') return ctrlKey ? stops(every.at(-1)).at(-1) : across.at(-1);
  const down = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[key];
  if (!down) return undefined;
  const to = Math.min(Math.max(here + down, 0), every.length - 1);
  return to === here ? undefined : beside(every[to], from);
}

const KEYS = ['ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp', 'Home', 'End', 'PageDown', 'PageUp'];

function move(event) {
  const from = event.target.closest(STOPS);
  const menu = event.target.closest('details');
  if (!from || menu?.open || event.altKey || event.metaKey || event.shiftKey || !KEYS.includes(event.key)) return;
  event.preventDefault();
  event.stopPropagation();
  const to = target(event.currentTarget, from, event);
  if (!to) return;
  hold(event.currentTarget, to);
  to.focus();
}

function begin(table) {
  if (table.dataset.grid !== undefined || table.querySelector(FIELDS) || rows(table).length < 2) return;
  table.dataset.grid = '';
  table.setAttribute('role', 'grid');
  const first = table.querySelector('tbody')?.querySelector(STOPS) ?? table.querySelector(STOPS);
  hold(table, first);
  table.addEventListener('keydown', move);
  table.addEventListener('focusin', ({ target: to }) => {
    const stop = to.closest(STOPS);
    if (stop) hold(table, stop);
  });
}

const main = document.querySelector('main');
const beginAll = () => all('table.table', main).forEach(begin);
if (main) {
  beginAll();
  // Results as one types bring new tables.
  new MutationObserver(beginAll).observe(main, { childList: true, subtree: true });
}
