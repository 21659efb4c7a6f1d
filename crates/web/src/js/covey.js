// Progressive enhancement only: every page works without this file. State lives in the URL and on the server,
// never here.

import './grid.js';
import {
  all,
  announce,
  ask,
  counted,
  DRAFT_PREFIX,
  debounce,
  fetchPart,
  isPlainClick,
  make,
  newest,
  on,
  openDialog,
  queryOf,
  spellings,
  wordsOf,
} from './dom.js';

// Dialogs: a link that leads to a form's own page opens the same form in place instead.
on('click', '[data-dialog]', (opener, event) => {
  const dialog = document.getElementById(opener.dataset.dialog);
  if (!dialog?.showModal || !isPlainClick(event)) return;
  event.preventDefault();
  opener.closest('details.menu')?.removeAttribute('open');
  openDialog(dialog);
});
on('click', 'dialog [data-close]', (button, event) => {
  event.preventDefault();
  button.closest('dialog').close();
});

// A form that sets up an account begins with the browser's time zone, unless another was chosen already.
for (const select of all('[data-own-zone] select[name="time_zone"]')) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || select.value !== 'UTC') continue;
  if (![...select.options].some(({ value }) => value === zone)) select.add(new Option(zone, zone));
  select.value = zone;
}

// Confirmation: a dialog names what will happen; the server asks by itself when this file is absent.
function confirmFirst(form, submitter, { dataset }) {
  const [title, ...rest] = dataset.confirm.split(/(?<=\?)\s+/);
  const tone = 'confirmPlain' in dataset ? 'primary' : 'danger';
  const texts = { title, text: rest.join(' '), go: dataset.confirmAction || 'Continue', stop: 'Cancel', tone };
  ask(texts, () => {
    form.dataset.confirmed = 'yes';
    if (!form.elements.namedItem('confirm')) {
      form.append(make('input', { type: 'hidden', name: 'confirm', value: 'yes' }));
    }
    form.requestSubmit(submitter ?? undefined);
  });
}

// Submitting: ask where asked for, then guard against a second click while the first is on its way.
document.addEventListener('submit', (event) => {
  const form = event.target;
  const submitter = event.submitter;
  if (event.defaultPrevented || form.method === 'dialog') return;
  const asking = submitter?.dataset.confirm ? submitter : form;
  if (asking.dataset.confirm && form.dataset.confirmed !== 'yes') {
    event.preventDefault();
    return confirmFirst(form, submitter, asking);
  }
  if (form.dataset.busy) return event.preventDefault();
  if ('noGuard' in form.dataset || form.target === '_blank') return;
  form.dataset.busy = 'yes';
  if (form.dataset.progress !== undefined) showProgress(form, submitter);
  // A disabled button is not sent, so it is disabled only after the form's data has been gathered.
  setTimeout(() => {
    submitter?.classList.add('is-busy');
    for (const button of [...form.elements].filter((each) => each.type === 'submit' && !each.disabled)) {
      button.disabled = true;
      button.dataset.guarded = '';
    }
  });
});

// Says beside the button that was pressed what is being done: the end of a long form is out of sight.
function showProgress(form, submitter) {
  const text = submitter?.dataset.progress || form.dataset.progress || 'Working…';
  form.querySelector('.progress-line')?.remove();
  const words = make('span', { textContent: text });
  const bar = make('progress', { className: 'progress', ariaLabel: text });
  const line = make('div', { className: 'progress-line' }, words, bar);
  const beside = submitter?.closest('.card-head, .card-foot');
  if (beside) beside.after(line);
  else form.append(line);
  announce(text);
}

// Coming back through the history must not find dead buttons, and listens again.
addEventListener('pageshow', () => {
  for (const form of all('form')) {
    delete form.dataset.busy;
    delete form.dataset.confirmed;
    form.querySelector('.progress-line')?.remove();
  }
  for (const button of all('[data-guarded]')) {
    button.disabled = false;
    delete button.dataset.guarded;
  }
  all('.is-busy').forEach((button) => button.classList.remove('is-busy'));
  all('[data-check-all]').forEach(recount);
  closeMenus();
});

// Menus: details and summary open by themselves; this closes them and moves through them by arrow keys.
const menuItems = (menu) => {
  const items = all('.menu-panel :is(a[href], button, input):not([type="hidden"], :disabled)', menu);
  return items.filter((item) => item.getClientRects().length);
};

// Opens upward where the panel would end below what can be seen, and there is more room above.
function place(menu) {
  menu.classList.remove('menu-up');
  const panel = menu.querySelector('.menu-panel').getBoundingClientRect();
  const foot = document.querySelector('.sheet-foot')?.getBoundingClientRect().top ?? innerHeight;
  const top = document.querySelector('.topbar')?.getBoundingClientRect().bottom ?? 0;
  const summary = menu.querySelector('summary').getBoundingClientRect();
  const [beneath, above] = [Math.min(foot, innerHeight) - summary.bottom, summary.top - top];
  menu.classList.toggle('menu-up', panel.height + 12 > beneath && above > beneath);
}

// An open menu of a row covers the menus of the rows beside it: what of them would stick out a little, too narrow to be
// pressed, is hidden until it closes.
function cover(menu) {
  const panel = menu.querySelector('.menu-panel').getBoundingClientRect();
  for (const other of all('.cell-actions :is(summary, .btn)', menu.closest('table') ?? menu)) {
    const area = other.getBoundingClientRect();
    const apart =
      area.bottom <= panel.top || area.top >= panel.bottom || area.right <= panel.left || area.left >= panel.right;
    const within = area.top >= panel.top && area.bottom <= panel.bottom;
    if (!apart && !within && !menu.contains(other)) other.classList.add('is-covered');
  }
}

document.addEventListener(
  'toggle',
  (event) => {
    const menu = event.target;
    if (!menu.matches?.('details.menu')) return;
    all('.is-covered').forEach((each) => each.classList.remove('is-covered'));
    const covering = () => all('.cell-actions > details.menu[open]').forEach(cover);
    if (!menu.open) return covering();
    closeMenus(menu);
    place(menu);
    covering();
    menu.querySelector('[data-filter-list]')?.focus();
  },
  true,
);

const closeMenus = (keep) =>
  all('details.menu[open]').forEach((menu) => {
    if (!keep || !menu.contains(keep)) menu.open = false;
  });

document.addEventListener('click', (event) => closeMenus(event.target));

document.addEventListener('focusout', (event) => {
  const menu = event.target.closest?.('details.menu[open]');
  const to = event.relatedTarget;
  if (menu && to && !menu.contains(to) && !to.closest('dialog')) menu.open = false;
});

on('keydown', 'details.menu', (menu, event) => {
  const summary = menu.querySelector('summary');
  if (event.key === 'Escape' && menu.open) {
    event.preventDefault();
    menu.open = false;
    summary.focus();
    return;
  }
  const typing = event.target.matches('input');
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step && (typing || !['Home', 'End'].includes(event.key))) {
    if (typing && event.key === 'Enter') {
      event.preventDefault();
      menuItems(menu)
        .find((item) => item.matches('a'))
        ?.click();
    }
    return;
  }
  event.preventDefault();
  menu.open = true;
  const items = menuItems(menu);
  const here = items.indexOf(document.activeElement);
  const to = event.key === 'Home' ? 0 : event.key === 'End' ? -1 : here < 0 && step < 0 ? -1 : here + step;
  items.at(to % items.length)?.focus();
});

// Filters: what is typed hides list entries and table rows that don't hold every word of it.
function filter(input, entries) {
  const words = wordsOf(input);
  let shown = 0;
  for (const entry of entries) {
    const text = spellings(entry.dataset.text ?? entry.textContent);
    entry.hidden = !words.every((word) => text.includes(word));
    if (!entry.hidden) shown += 1;
  }
  const none = document.getElementById(`${input.id}-none`);
  if (none) none.hidden = shown > 0;
  announce(counted(shown, 'match', 'matches'));
  all('[data-check-all]').forEach(recount);
}

on('input', '[data-filter-list]', (input) => filter(input, all(`${input.dataset.filterList} > li`)));
on('input', '[data-filter-table]', (input) => filter(input, all(`${input.dataset.filterTable} > tbody > tr`)));

// Results as one types: a form that is sent by GET fetches its own page, and only the part that changes is
// put in place. The address follows, so that going back and passing it on work.
const newestResults = newest();

async function renew(form) {
  const { results } = form.dataset;
  const address = `${form.action}?${queryOf(form, ([, value]) => value !== '')}`.replace(/\?$/, '');
  const signal = newestResults();
  document.getElementById(results).setAttribute('aria-busy', 'true');
  try {
    const fresh = await fetchPart(address, results, signal);
    if (!fresh) return location.assign(address);
    document.getElementById(results).replaceWith(fresh);
    history.replaceState(history.state, '', address);
    announce(counted(fresh.querySelector('[data-count]')?.dataset.count ?? '0', 'match', 'matches'));
  } catch (error) {
    if (error.name !== 'AbortError') location.assign(address);
  }
}
const renewSoon = debounce(150, renew);

on('input', '[data-results] input[type="search"]', (input) => renewSoon(input.form));
document.addEventListener('submit', (event) => {
  if (!event.target.matches('[data-results]')) return;
  event.preventDefault();
  renewSoon.now(event.target);
});

// Printing leaves drafts out (style.css) unless the second button asks for them.
const DRAFTS = '.timeline-item > .timeline-head > .badge-pending, .note-card:not(:has(.badge-green)), form[data-draft]';
on('click', '[data-print]', (button) => {
  document.documentElement.dataset.print = button.dataset.print;
  print();
});
addEventListener('afterprint', () => {
  delete document.documentElement.dataset.print;
});

// Ticking: "select all" means all that can be seen; the count and the buttons follow.
const boxes = (name) => all(`input[type="checkbox"][name="${CSS.escape(name)}"]:not(:disabled)`);

function recount(master) {
  const name = master.dataset.checkAll;
  const every = boxes(name);
  const visible = every.filter((box) => !box.closest('[hidden]'));
  const ticked = every.filter((box) => box.checked).length;
  const seen = visible.filter((box) => box.checked).length;
  master.checked = visible.length > 0 && seen === visible.length;
  master.indeterminate = seen > 0 && !master.checked;
  const named = CSS.escape(name);
  for (const output of all(`[data-check-count="${named}"]`)) output.textContent = ticked;
  for (const button of all(`[data-needs-check="${named}"]`)) button.disabled = ticked === 0;
}

document.addEventListener('change', (event) => {
  const box = event.target;
  if (box.dataset?.checkAll) {
    for (const each of boxes(box.dataset.checkAll)) {
      if (!each.closest('[hidden]')) each.checked = box.checked;
    }
    recount(box);
  } else if (box.type === 'checkbox') {
    all('[data-check-all]').forEach((master) => master.dataset.checkAll === box.name && recount(master));
  }
  if (box.matches?.('[data-autosubmit]')) box.form?.requestSubmit();
});

// Choosing licenses: the slider and the number keep step, and the price follows them as it will be charged.
const newestPrice = newest();

async function askPrice(form) {
  const part = document.getElementById(form.dataset.price);
  const query = queryOf(form, ([name]) => ['plan', 'billed', 'licenses'].includes(name));
  part.setAttribute('aria-busy', 'true');
  try {
    const fresh = await fetchPart(`${form.action}?${query}`, part.id, newestPrice());
    if (!fresh) return location.assign(`${form.action}?${query}`);
    part.replaceWith(fresh);
    announce(fresh.querySelector('[data-said]').dataset.said);
  } catch (error) {
    if (error.name === 'AbortError') return;
    const sorry = 'The price can’t be shown right now. Please try again in a moment.';
    part.replaceChildren(make('p', { className: 'field-error', textContent: sorry }));
    part.removeAttribute('aria-busy');
    announce(sorry);
  }
}

const askPriceSoon = debounce(120, askPrice);

on('input', 'form[data-price] input', (input) => {
  const { form } = input;
  if (input.dataset.range) form.elements.namedItem(input.dataset.range).value = input.value;
  const slider = form.querySelector(`[data-range="${CSS.escape(input.name)}"]`);
  if (slider && input.value) slider.value = input.value;
  askPriceSoon(form);
});

// Small helps: search key, counting addresses, copying, dismissing.
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest('input, textarea, select, [contenteditable], dialog')) return;
  const search = document.querySelector('[data-search]');
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
});

document.addEventListener('keydown', (event) => {
  const dialog = document.getElementById('shortcuts');
  if (event.key !== '?' || !dialog || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest('input, textarea, select, [contenteditable], dialog')) return;
  event.preventDefault();
  closeMenus();
  openDialog(dialog);
});

// How many addresses a text has: the server says so, which will read it when it is sent.
const newestCount = newest();
const NOTHING = { sum: '', faults: [] };

async function countAddresses(area) {
  const signal = newestCount();
  let found = NOTHING;
  try {
    const body = new URLSearchParams({ emails: area.value });
    const request = { method: 'POST', body, headers: { accept: 'application/json' }, signal };
    const answer = area.value.trim() && (await fetch(area.dataset.countAt, request));
    if (answer.ok) found = await answer.json();
  } catch (error) {
    if (error.name === 'AbortError') return;
  }
  const faults = document.getElementById(`${area.id}-faults`);
  document.getElementById(`${area.id}-count`).textContent = found.sum;
  faults.replaceChildren(...found.faults.map((textContent) => make('li', { textContent, dir: 'auto' })));
  faults.hidden = !found.faults.length;
  if (found.sum) announce(found.sum);
}
const countAddressesSoon = debounce(300, countAddresses);

on('input', '[data-count-at]', countAddressesSoon);

// The clipboard needs a secure origin; over plain HTTP a hidden field is copied the old way.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = make('textarea', { value: text, className: 'visually-hidden' });
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
on('click', '[data-copy]', async (button) => {
  await copy(button.dataset.copy);
  const label = button.querySelector('[data-copy-label]');
  announce('Copied');
  if (!label || label.dataset.was) return;
  label.dataset.was = label.textContent;
  label.textContent = 'Copied';
  setTimeout(() => {
    label.textContent = label.dataset.was;
    delete label.dataset.was;
  }, 2000);
});

on('click', '[data-dismiss]', (button, event) => {
  event.preventDefault();
  button.closest('.flash')?.remove();
  document.querySelector('main')?.focus({ preventScroll: true });
});

// Signing out leaves no unsaved text behind in this tab.
document.addEventListener('submit', (event) => {
  if (event.defaultPrevented || new URL(event.target.action).pathname !== '/sign-out') return;
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith(DRAFT_PREFIX)) sessionStorage.removeItem(name);
  }
});

// At load: of tabs that don't fit, the current one is in sight. The focus goes to the first error; after something was
// done, to the heading of the page that says so.
for (const tab of all(':is(.places, .tabs) [aria-current]')) {
  const row = tab.parentElement;
  row.scrollLeft += tab.getBoundingClientRect().left - row.getBoundingClientRect().left - 24;
}
const waiting = document.querySelector('dialog[data-open]');
const fault = document.querySelector('main [aria-invalid="true"]');
const heading = document.querySelector('main h1');
if (waiting?.showModal) openDialog(waiting);
else if (fault) fault.focus();
else if (heading && !location.hash && document.querySelector('main > .flash-success')) {
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
const printer = document.querySelector('main [data-print]');
if (printer && document.querySelector(DRAFTS)) {
  const drafts = printer.cloneNode(true);
  drafts.dataset.print = 'drafts';
  drafts.lastChild.textContent = 'Print with drafts';
  printer.after(drafts);
}
all('[data-check-all]').forEach(recount);
all('[data-count-at]').forEach(countAddresses);
