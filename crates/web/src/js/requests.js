// The form of a new request: clients are found as you type. The page returns its own list, with what is selected.
import { all, announce, counted, debounce, fetchPart, newest, on, queryOf } from './dom.js';

const newestSearch = newest();

async function find(form) {
  const signal = newestSearch();
  const id = form.dataset.findClients;
  const old = document.getElementById(id);
  const query = queryOf(form, ([name, value]) => ['find', 'client'].includes(name) && value);
  try {
    const fresh = await fetchPart(`${form.action}/new?${query}`, id, signal);
    if (!fresh) return;
    // What stands before the list stays, with the focus in it; what follows is new.
    const after = (part) => {
      const parts = [...part.children];
      return parts.slice(parts.findIndex((each) => each.matches('.cluster')) + 1);
    };
    // What was selected while the answer was on its way stays selected.
    const ticked = all('[name="client"]:checked', old);
    after(old).forEach((each) => each.remove());
    old.append(...after(fresh));
    for (const box of ticked) {
      const again = old.querySelector(`[name="client"][value="${CSS.escape(box.value)}"]`);
      if (again) again.checked = true;
      else old.querySelector('.pick-list ul')?.prepend(box.closest('li'));
    }
    announce(counted(all('[name="client"]', old).length, 'client', 'clients'));
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
}

const findSoon = debounce(150, find);

on('input', '[data-find-clients] [name="find"]', (input) => findSoon(input.form));

// Enter in the search finds; it doesn't send the request.
on('keydown', '[data-find-clients] [name="find"]', (input, event) => {
  if (event.key !== 'Enter') return;
  event.preventDefault();
  findSoon.now(input.form);
});
