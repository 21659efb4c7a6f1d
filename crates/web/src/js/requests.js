// The form of a new request: clients are found as one types. The page gives its own list anew, with what is ticked.
let asking;
let pause;

async function find(form) {
  asking?.abort();
  asking = new AbortController();
  const id = form.dataset.findClients;
  const old = document.getElementById(id);
  const fields = [...new FormData(form)].filter(([name, value]) => ['find', 'client'].includes(name) && value);
  try {
    const address = `${form.action}/new?${new URLSearchParams(fields)}`;
    const answer = await fetch(address, { signal: asking.signal, headers: { accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.getElementById(id);
    if (!answer.ok || !fresh) return;
    // What stands before the list stays, with the focus in it; what follows is new.
    const after = (part) => {
      const parts = [...part.children];
      return parts.slice(parts.findIndex((each) => each.matches('.cluster')) + 1);
    };
    // What was ticked while the answer was on its way stays ticked.
    const ticked = [...old.querySelectorAll('[name="client"]:checked')];
    after(old).forEach((each) => each.remove());
    old.append(...after(fresh));
    for (const box of ticked) {
      const again = old.querySelector(`[name="client"][value="${CSS.escape(box.value)}"]`);
      if (again) again.checked = true;
      else old.querySelector('.pick-list ul')?.prepend(box.closest('li'));
    }
    const count = old.querySelectorAll('[name="client"]').length;
    document.getElementById('announce').textContent = count === 1 ? '1 client' : `${count} clients`;
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
}

document.addEventListener('input', (event) => {
  if (event.target.name !== 'find' || !event.target.form?.dataset.findClients) return;
  clearTimeout(pause);
  pause = setTimeout(() => find(event.target.form), 150);
});

// Enter in the search finds; it doesn't send the request.
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.target.name !== 'find' || !event.target.form?.dataset.findClients) return;
  event.preventDefault();
  clearTimeout(pause);
  find(event.target.form);
});
