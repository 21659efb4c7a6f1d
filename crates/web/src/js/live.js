// What changes on a page without its doing: live counts, and the end of the session. Only a tab that can be seen
// listens, for browsers have few connections to a server.

import { all, announce, changed, make } from './dom.js';

const { live, session, user } = document.body.dataset;
const AGAIN = 30_000;
const AGAIN_COVERED = 3_000;
const sources = new Map();
let cover = null;
let asking = false;

// The browser reconnects by itself; a figure that changed pulses once and is spoken.
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

function show(event) {
  let counts;
  try {
    counts = JSON.parse(event.data);
  } catch {
    return;
  }
  if (counts?.user) recognize(counts.user);
  for (const [name, value] of Object.entries(counts ?? {})) {
    all(`[data-live-count="${CSS.escape(name)}"]`).forEach((element) => setCount(element, value));
  }
}

function listenTo(address) {
  if (sources.has(address)) return;
  const source = new EventSource(address);
  sources.set(address, source);
  source.addEventListener('message', show);
  source.addEventListener('error', () => {
    check();
    // A stream that was refused is not opened again by the browser.
    if (source.readyState !== EventSource.CLOSED || sources.get(address) !== source) return;
    sources.delete(address);
    setTimeout(listen, cover ? AGAIN_COVERED : AGAIN);
  });
}

function listen() {
  if (document.visibilityState !== 'visible') return;
  for (const address of [session, live]) if (address) listenTo(address);
}

function rest() {
  for (const source of sources.values()) source.close();
  sources.clear();
}

// Streams don't say why they end, so the same address is asked: 401 means that nobody is signed in. Without an answer,
// nothing is known.
async function check() {
  if (!session || asking || cover) return;
  asking = true;
  const enough = new AbortController();
  try {
    const headers = { accept: 'text/event-stream' };
    const { status } = await fetch(session, { headers, cache: 'no-store', signal: enough.signal });
    if (status === 401) hide();
  } catch {
    // The server is not reached: the page stays as it is.
  } finally {
    asking = false;
    enough.abort();
  }
}

// Who is signed in now. Another person must not see this page, the same one gets it back as it was left.
function recognize(id) {
  if (id === user) return reveal();
  hide();
  location.reload();
}

const hasText = () => all('form').some((form) => [...form.elements].some(changed));

// Everything leaves the screen, paper and the accessibility tree. What was typed stays in the page, and nowhere else.
function hide() {
  if (cover) return;
  const behind = [...document.body.children].filter((child) => !child.hidden);
  const kept = hasText();
  const way = make('a', {
    className: 'btn btn-primary btn-lg',
    href: `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`,
    textContent: kept ? 'Sign in in a new tab' : 'Sign in',
  });
  if (kept) way.target = '_blank';
  const title = make('h1', { id: 'session-title', textContent: 'Your session has ended' });
  const told = kept
    ? 'Sign in to continue. What you typed is still on this page: sign in in a new tab, then come back to this one.'
    : 'Sign in to continue.';
  const text = make('p', { id: 'session-text', className: 'lede', textContent: told });
  const dialog = make('dialog', { className: 'session-over' }, make('div', {}, title, text, way));
  dialog.setAttribute('aria-labelledby', title.id);
  dialog.setAttribute('aria-describedby', text.id);
  dialog.addEventListener('cancel', (event) => event.preventDefault());
  dialog.addEventListener('close', () => cover?.dialog === dialog && dialog.showModal());
  cover = { behind, dialog, title: document.title, focus: document.activeElement };
  for (const child of behind) child.hidden = child.inert = true;
  document.title = 'Session ended · Covey';
  document.body.append(dialog);
  dialog.showModal();
  way.focus();
}

function reveal() {
  if (!cover) return;
  const { behind, dialog, title, focus } = cover;
  cover = null;
  dialog.remove();
  for (const child of behind) child.hidden = child.inert = false;
  document.title = title;
  focus?.focus?.();
  announce('You are signed in again.');
}

document.addEventListener('visibilitychange', () => {
  if (document.visibilityState !== 'visible') return rest();
  check();
  listen();
});
// Coming back through the history shows the page as it was: who is signed in may have changed since.
addEventListener('pageshow', (event) => {
  if (event.persisted) check();
  listen();
});
addEventListener('pagehide', rest);
