// Progressive enhancement only: every page works without this file. State lives in the URL and on the server,
// never here.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const on = (type, selector, handle) =>
  document.addEventListener(type, (event) => {
    const target = event.target instanceof Element && event.target.closest(selector);
    if (target) handle(event, target);
  });

// One polite region speaks for everything that changes without a page load.
const announce = (text) => {
  const region = document.getElementById('announce');
  if (region) region.textContent = text;
};

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// Dialogs: a link that leads to a form's own page opens the same form in place instead.
function openDialog(dialog) {
  dialog.removeAttribute('open');
  dialog.showModal();
  dialog.querySelector('[aria-invalid="true"], [autofocus]')?.focus();
}

on('click', '[data-dialog]', (event, opener) => {
  const dialog = document.getElementById(opener.dataset.dialog);
  if (!dialog?.showModal || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  opener.closest('details.menu')?.removeAttribute('open');
  openDialog(dialog);
});
on('click', 'dialog [data-close]', (event, button) => {
  event.preventDefault();
  button.closest('dialog').close();
});

// Confirmation: one shared dialog names what will happen; the server asks by itself when this file is absent.
let confirmDialog;
function confirmFirst(form, submitter, { dataset }) {
  confirmDialog?.remove();
  const go = make('button', {
    type: 'button',
    className: 'btn btn-danger',
    textContent: dataset.confirmAction || 'Continue',
  });
  const stop = make('button', { type: 'button', className: 'btn', textContent: 'Go back' });
  stop.dataset.close = '';
  const [first, ...rest] = dataset.confirm.split(/(?<=\?)\s+/);
  const title = make('h2', { id: 'confirm-title', textContent: first, dir: 'auto' });
  const text = make('p', { id: 'confirm-text', textContent: rest.join(' '), dir: 'auto' });
  confirmDialog = make(
    'dialog',
    { className: 'dialog dialog-small' },
    make('div', { className: 'dialog-head' }, title),
    make('div', { className: 'dialog-body' }, text),
    make('div', { className: 'dialog-foot' }, stop, go),
  );
  confirmDialog.role = 'alertdialog';
  confirmDialog.setAttribute('aria-labelledby', 'confirm-title');
  confirmDialog.setAttribute('aria-describedby', 'confirm-text');
  go.addEventListener('click', () => {
    confirmDialog.close();
    form.dataset.confirmed = 'yes';
    if (!form.elements.namedItem('confirm')) {
      form.append(make('input', { type: 'hidden', name: 'confirm', value: 'yes' }));
    }
    form.requestSubmit(submitter ?? undefined);
  });
  document.body.append(confirmDialog);
  openDialog(confirmDialog);
  stop.focus();
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
  if (form.dataset.progress !== undefined) showProgress(form);
  // A disabled button is not sent, so it is disabled only after the form's data has been gathered.
  setTimeout(() => {
    submitter?.classList.add('is-busy');
    for (const button of [...form.elements].filter((each) => each.type === 'submit' && !each.disabled)) {
      button.disabled = true;
      button.dataset.guarded = '';
    }
  });
});

function showProgress(form) {
  const text = form.dataset.progress || 'Working…';
  form.querySelector('.progress-line')?.remove();
  const words = make('span', { textContent: text });
  const bar = make('progress', { className: 'progress', ariaLabel: text });
  form.append(make('div', { className: 'progress-line' }, words, bar));
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
  if (document.body.dataset.live) listen(document.body.dataset.live);
});

// Menus: details and summary open by themselves; this closes them and moves through them by arrow keys.
const menuItems = (menu) => {
  const items = all('.menu-panel :is(a[href], button, input):not([type="hidden"], :disabled)', menu);
  return items.filter((item) => item.getClientRects().length);
};

document.addEventListener('toggle', (event) => {
  const menu = event.target;
  if (!menu.matches?.('details.menu') || !menu.open) return;
  closeMenus(menu);
  menu.querySelector('[data-filter-list]')?.focus();
}, true);

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

on('keydown', 'details.menu', (event, menu) => {
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
      menuItems(menu).find((item) => item.matches('a'))?.click();
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
  const words = plain(input.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const entry of entries) {
    const text = plain(entry.dataset.text ?? entry.textContent);
    entry.hidden = !words.every((word) => text.includes(word));
    if (!entry.hidden) shown += 1;
  }
  const none = document.getElementById(`${input.id}-none`);
  if (none) none.hidden = shown > 0;
  announce(shown === 1 ? '1 match' : `${shown} matches`);
  all('[data-check-all]').forEach(recount);
}

on('input', '[data-filter-list]', (event, input) => filter(input, all(`${input.dataset.filterList} > li`)));
on('input', '[data-filter-table]', (event, input) => filter(input, all(`${input.dataset.filterTable} > tbody > tr`)));

// Results as one types: a form that is sent by GET fetches its own page, and only the part that changes is
// put in place. The address follows, so that going back and passing it on work.
let asking;
let pause;

async function renew(form) {
  asking?.abort();
  asking = new AbortController();
  const fields = [...new FormData(form)].filter(([, value]) => value !== '');
  const address = `${form.action}?${new URLSearchParams(fields)}`.replace(/\?$/, '');
  const old = document.getElementById(form.dataset.results);
  old.setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch(address, { signal: asking.signal, headers: { accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.getElementById(form.dataset.results);
    if (!answer.ok || !fresh) return location.assign(address);
    document.getElementById(form.dataset.results).replaceWith(fresh);
    history.replaceState(history.state, '', address);
    const count = fresh.querySelector('[data-count]')?.dataset.count ?? '0';
    announce(count === '1' ? '1 match' : `${count} matches`);
  } catch (error) {
    if (error.name !== 'AbortError') location.assign(address);
  }
}

on('input', '[data-results] input[type="search"]', (event, input) => {
  clearTimeout(pause);
  pause = setTimeout(() => renew(input.form), 150);
});
document.addEventListener('submit', (event) => {
  if (!event.target.matches('[data-results]')) return;
  event.preventDefault();
  clearTimeout(pause);
  renew(event.target);
});

on('click', '[data-print]', () => print());

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

// Live counts: the browser reconnects by itself; a figure that changed pulses once and is spoken.
function setCount(element, value) {
  const text = value === 0 && 'liveZero' in element.dataset ? '' : String(value);
  if (element.textContent.trim() === text) return;
  element.textContent = text;
  element.closest('.circle-count')?.classList.toggle('has-pending', value > 0);
  if (!matchMedia('(prefers-reduced-motion: reduce)').matches) {
    element.animate([{ scale: 1 }, { scale: 1.35 }, { scale: 1 }], { duration: 450, easing: 'ease-out' });
  }
  if (element.dataset.liveLabel) announce(`${element.dataset.liveLabel}: ${value}`);
}

function listen(address) {
  const source = new EventSource(address);
  source.addEventListener('message', (event) => {
    let counts;
    try {
      counts = JSON.parse(event.data);
    } catch {
      return;
    }
    for (const [name, value] of Object.entries(counts ?? {})) {
      all(`[data-live-count="${CSS.escape(name)}"]`).forEach((element) => setCount(element, value));
    }
  });
  addEventListener('pagehide', () => source.close(), { once: true });
}

// Choosing licenses: the slider and the number keep step, and the price follows them as it will be charged.
let priceCall;
let pricePause;

const money = ({ amount, currency }) => {
  const known = ['USD', 'EUR', 'GBP'].includes(currency);
  const style = { style: 'currency', currency, currencyDisplay: known ? 'narrowSymbol' : 'code' };
  const format = new Intl.NumberFormat('en', style);
  const digits = format.resolvedOptions().maximumFractionDigits;
  return format.format(amount / 10 ** digits).replace('-', '−');
};

function showPrice(sum, price) {
  const { lines, total, effect } = price;
  const part = (name) => sum.querySelectorAll(`[data-sum-${name}]`);
  const rows = lines.map((line) => {
    const text = make('th', { scope: 'row' }, line.text, make('small', { textContent: line.sum }));
    const amount = money({ amount: line.amount, currency: total.currency });
    return make('tr', {}, text, make('td', { className: 'num', textContent: amount }));
  });
  part('lines')[0].replaceChildren(...rows);
  part('due')[0].textContent = money(total);
  part('price').forEach((each) => { each.textContent = money(price.price); });
  part('per').forEach((each) => { each.textContent = price.billed; });
  part('now').forEach((each) => { each.hidden = effect !== 'now'; });
  part('later').forEach((each) => { each.hidden = effect === 'now'; });
  announce(effect === 'now' ? `Charged now: ${money(total)}` : 'Nothing is charged now');
}

function showPriceTrouble(sum, text) {
  const trouble = sum.querySelector('[data-sum-trouble]');
  trouble.hidden = !text;
  trouble.querySelector('span').textContent = text;
  sum.querySelector('[data-sum-body]').hidden = Boolean(text);
  if (text) announce(text);
}

async function askPrice(form) {
  priceCall?.abort();
  priceCall = new AbortController();
  const sum = form.querySelector('[data-sum]');
  const fields = [...new FormData(form)].filter(([name]) => ['plan', 'billed', 'licenses'].includes(name));
  sum.setAttribute('aria-busy', 'true');
  try {
    const address = `${form.dataset.price}?${new URLSearchParams(fields)}`;
    const answer = await fetch(address, { signal: priceCall.signal, headers: { accept: 'application/json' } });
    const found = await answer.json();
    const why = answer.ok ? '' : found.errors?.[0]?.detail ?? found.detail;
    if (answer.ok) showPrice(sum, found);
    showPriceTrouble(sum, why);
  } catch (error) {
    if (error.name === 'AbortError') return;
    showPriceTrouble(sum, 'The price can’t be asked for at present. Please try again in a moment.');
  }
  sum.removeAttribute('aria-busy');
}

on('input', 'form[data-price] input', (event, input) => {
  const { form } = input;
  if (input.dataset.range) form.elements.namedItem(input.dataset.range).value = input.value;
  const slider = form.querySelector(`[data-range="${CSS.escape(input.name)}"]`);
  if (slider && input.value) slider.value = input.value;
  clearTimeout(pricePause);
  pricePause = setTimeout(() => askPrice(form), 120);
});

// Small helps: search key, address count, copying, dismissing.
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest('input, textarea, select, [contenteditable], dialog')) return;
  const search = document.querySelector('[data-search]');
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
});

function countAddresses(area) {
  const output = document.querySelector(area.dataset.countAddresses);
  const count = new Set(area.value.toLowerCase().split(/[\s,;]+/).filter(Boolean)).size;
  if (output) output.textContent = count === 1 ? '1 address' : `${count} addresses`;
}
on('input', '[data-count-addresses]', (event, area) => countAddresses(area));

// The clipboard needs a secure origin; over plain HTTP a hidden field is copied the old way.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = make('textarea', { value: text, className: 'visually-hidden' });
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
on('click', '[data-copy]', async (event, button) => {
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

on('click', '[data-dismiss]', (event, button) => {
  event.preventDefault();
  button.closest('.flash')?.remove();
  document.querySelector('main')?.focus({ preventScroll: true });
});

// Whoever signs out leaves nothing of their writing behind in this tab.
document.addEventListener('submit', (event) => {
  if (event.defaultPrevented || new URL(event.target.action).pathname !== '/sign-out') return;
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith('covey-draft:')) sessionStorage.removeItem(name);
  }
});

// At load: of tabs that don't fit, the present one is in sight; the focus goes to the first error.
for (const tab of all(':is(.places, .tabs) [aria-current]')) {
  const row = tab.parentElement;
  row.scrollLeft += tab.getBoundingClientRect().left - row.getBoundingClientRect().left - 24;
}
const waiting = document.querySelector('dialog[data-open]');
if (waiting?.showModal) openDialog(waiting);
else document.querySelector('main [aria-invalid="true"]')?.focus();
all('[data-check-all]').forEach(recount);
all('[data-count-addresses]').forEach(countAddresses);
