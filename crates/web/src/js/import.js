// Shows how far an import is while it runs. Without this file the same button waits for the end.

import { announce } from './dom.js';

const form = document.querySelector('form[data-import]');
const line = document.getElementById('import-progress');

async function look(total) {
  const answer = await fetch(form.dataset.import, { headers: { accept: 'application/json' } });
  if (!answer.ok) return;
  const { planned } = await answer.json();
  const settled = total - planned.clients - planned.merges;
  line.querySelector('progress').value = settled / total;
  line.querySelector('span').textContent = `${settled.toLocaleString('en')} of ${total.toLocaleString('en')} lines`;
}

form?.addEventListener('submit', async (event) => {
  event.preventDefault();
  const total = Number(form.dataset.importTotal);
  form.querySelector('button').disabled = true;
  line.hidden = false;
  line.querySelector('span').textContent = 'Adding clients…';
  announce('Adding clients…');
  const timer = setInterval(() => look(total).catch(() => {}), 400);
  try {
    await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), redirect: 'manual' });
  } catch {
    // The page says what was added, and offers to go on.
  }
  clearInterval(timer);
  location.assign(location.pathname);
});
