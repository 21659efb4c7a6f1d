// Writing without losing anything: a form that is marked saves itself, keeps what is not saved yet in this tab until
// it is, and never overwrites what someone else saved. Without this file its buttons do the same, a page at a time.

import { all, announce, button, DRAFT_PREFIX, halt, make, reasonIn } from './dom.js';

const PAUSE = 2000;
const AGAIN = 5000;
const PLAIN = ['note_type', 'description', 'service_date', 'body'];

const clock = (at) => new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
const key = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, '0')).join('');

// Session storage may be full or forbidden: then only what is on the page is kept.
const store = {
  read(name) {
    try {
      return JSON.parse(sessionStorage.getItem(DRAFT_PREFIX + name));
    } catch {
      return null;
    }
  },
  write(name, value) {
    try {
      sessionStorage.setItem(DRAFT_PREFIX + name, JSON.stringify(value));
    } catch {
      /* The page still asks before it is left. */
    }
  },
  drop(name) {
    try {
      sessionStorage.removeItem(DRAFT_PREFIX + name);
    } catch {
      /* There is nothing then. */
    }
  },
};

const leftOut = new Set(['version', 'back', 'do', 'guest']);

/** The fields of a form that people write in, as pairs. */
const fieldsOf = (form) => [...new FormData(form)].filter(([name]) => !leftOut.has(name));

/** What the API takes for these fields. */
function wish(fields) {
  const body = {};
  const attendance = new Map();
  const of = (client) => {
    if (!attendance.has(client)) attendance.set(client, { client, attendance: 'present', comment: '' });
    return attendance.get(client);
  };
  for (const [name, value] of fields) {
    const [kind, client] = name.split(/-(.*)/);
    if (PLAIN.includes(name)) body[name] = value;
    else if (name === 'minutes') body.minutes = value.trim() === '' ? null : Number(value);
    else if (name === 'location') body.location = value || null;
    else if (kind === 'attendance') of(client).attendance = value;
    else if (kind === 'comment') of(client).comment = value;
  }
  if (attendance.size) body.attendance = [...attendance.values()];
  return body;
}

class Draft {
  constructor(form) {
    this.form = form;
    [this.user] = form.dataset.draft.split(':');
    this.saved = JSON.stringify(fieldsOf(form));
    this.state = form.querySelector('[data-draft-state]');
    this.texts = JSON.parse(form.dataset.draftTexts || '{}');
    form.addEventListener('input', () => this.changed());
    form.elements.namedItem('note_type')?.addEventListener('change', (event) => this.begin(event.target.value));
    this.find();
  }

  get name() {
    return this.form.dataset.draft;
  }

  get url() {
    return this.form.dataset.draftUrl;
  }

  get version() {
    return this.form.elements.namedItem('version')?.value;
  }

  get now() {
    return JSON.stringify(fieldsOf(this.form));
  }

  get dirty() {
    return this.now !== this.saved;
  }

  /** An empty text begins with that of the chosen type. */
  begin(type) {
    const area = this.form.elements.namedItem('body');
    if (area.value.trim() !== '' || !this.texts[type]) return;
    area.value = this.texts[type];
    this.changed();
  }

  say(text, trouble = false) {
    if (this.state) {
      this.state.textContent = text;
      this.state.classList.toggle('draft-trouble', trouble);
    }
    if (trouble && text !== this.said) announce(text);
    this.said = text;
  }

  changed() {
    if (!this.dirty) return this.settle();
    this.keep();
    if (this.conflict) return;
    if (!this.waiting) this.say('Not saved yet');
    this.later(PAUSE);
  }

  keep() {
    store.write(this.name, { at: Date.now(), version: this.version, fields: fieldsOf(this.form) });
  }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
  }

  /** Everything is saved: nothing needs to be kept here. */
  settle() {
    clearTimeout(this.timer);
    this.waiting = false;
    store.drop(this.name);
    if (this.at) this.say(`Saved ${clock(this.at)}`);
    else this.say('');
  }

  /** Saves what is there now; several who ask wait for the same answer. */
  save() {
    clearTimeout(this.timer);
    this.under ??= this.send().finally(() => {
      this.under = null;
    });
    return this.under;
  }

  async send() {
    if (!this.dirty || this.conflict) return;
    if (this.ended && !(await this.back())) return this.wait(this.ended);
    const sent = this.pending ?? { fields: this.now, key: key() };
    let answer;
    try {
      answer = await fetch(this.url ?? this.form.dataset.draftCreate, {
        method: this.url ? 'PATCH' : 'POST',
        headers: {
          'content-type': 'application/json',
          ...(this.url ? { 'if-match': `"v${this.version}"` } : { 'idempotency-key': sent.key }),
        },
        body: JSON.stringify(wish(JSON.parse(sent.fields))),
      });
    } catch {
      // It may have arrived all the same: what would be made twice is sent again as it was.
      if (!this.url) this.pending = sent;
      return this.wait('Not saved yet: you’re offline. Trying again…');
    }
    this.pending = null;
    const found = await answer.json().catch(() => ({}));
    if (answer.ok) return this.took(sent.fields, found);
    const why = reasonIn(found) ?? 'Please try again.';
    switch (answer.status) {
      case 401:
        this.ended = 'Your session ended. Sign in in a new tab; your text is kept here.';
        return this.wait(this.ended);
      case 412:
        return this.compare();
      case 429:
      case 500:
      case 502:
      case 503:
      case 504:
        return this.wait(`Not saved yet: ${why}`);
      default:
        this.say(`Not saved: ${why}`, true);
    }
  }

  /** Whether the same person is signed in again. */
  async back() {
    try {
      const answer = await fetch('/api/v1/me');
      if (!answer.ok) return false;
      const { user } = await answer.json();
      if (user.id !== this.user) {
        this.ended = 'Someone else is signed in here now. Sign in as yourself in a new tab; your text is kept here.';
        return false;
      }
      this.ended = null;
      return true;
    } catch {
      return false;
    }
  }

  wait(text) {
    this.waiting = true;
    this.say(text, true);
    this.later(AGAIN);
  }

  took(fields, found) {
    this.saved = fields;
    this.at = Date.now();
    this.waiting = false;
    if (!this.url) this.became(found.id);
    this.sees(found.version);
    if (this.dirty) this.changed();
    else this.settle();
  }

  /** The new note exists now: from here on its own address is worked on. */
  became(id) {
    const { dataset } = this.form;
    store.drop(this.name);
    dataset.draft = `${this.user}:${id}`;
    dataset.draftUrl = `/api/v1/notes/${id}`;
    this.form.action = dataset.draftPage + id;
    this.form.prepend(make('input', { type: 'hidden', name: 'version' }));
    history.replaceState(history.state, '', dataset.draftPage + id);
  }

  sees(version) {
    const own = this.form.elements.namedItem('version');
    if (own) own.value = version;
    for (const input of all(`[data-version-of="${CSS.escape(this.url)}"]`)) input.value = version;
  }

  /** What this tab kept from before, if the page does not have it. */
  find() {
    // Set apart, so that what is typed before the choice is made does not take its place.
    const aside = `${this.name}:aside`;
    const found = store.read(aside) ?? store.read(this.name);
    if (!found) return;
    if (JSON.stringify(found.fields) === this.saved) {
      store.drop(aside);
      return store.drop(this.name);
    }
    store.write(aside, found);
    this.form.closest('details')?.setAttribute('open', '');
    const offer = make('div', { className: 'flash flash-warning draft-offer' });
    const restore = () => {
      offer.remove();
      store.drop(aside);
      this.fill(found.fields);
      const own = this.form.elements.namedItem('version');
      if (own && found.version) own.value = found.version;
      this.changed();
      this.save();
      this.form.elements.namedItem('body')?.focus();
    };
    const discard = () => {
      offer.remove();
      store.drop(aside);
      if (!this.dirty) store.drop(this.name);
    };
    offer.append(
      make('p', { textContent: `You wrote something here at ${clock(found.at)} that was not saved.` }),
      button('btn btn-sm btn-primary', 'Restore', restore),
      button('btn btn-sm', 'Discard', discard),
    );
    offer.role = 'status';
    this.form.prepend(offer);
  }

  fill(fields) {
    for (const [name, value] of fields) {
      const field = this.form.elements.namedItem(name);
      if (field) field.value = value;
    }
  }

  /** Someone else, or another tab, saved meanwhile: both texts, side by side. */
  async compare() {
    let theirs;
    try {
      const answer = await fetch(this.url);
      if (!answer.ok) throw new Error('not to be read');
      theirs = await answer.json();
    } catch {
      return this.wait('Not saved yet: someone else saved this note. Trying again…');
    }
    const mine = wish(fieldsOf(this.form));
    if (this.isSame(mine, theirs)) {
      this.sees(theirs.version);
      return this.took(this.now, theirs);
    }
    this.conflict = make('section', { className: 'card draft-conflict', tabIndex: -1 });
    this.conflict.setAttribute('aria-label', 'Compare versions');
    const close = () => {
      this.conflict.remove();
      this.conflict = null;
    };
    const keepMine = () => {
      close();
      this.sees(theirs.version);
      this.saved = '';
      this.save();
    };
    const takeTheirs = () => {
      close();
      store.drop(this.name);
      this.leaving = true;
      location.reload();
    };
    const column = (title, text, other, label, action, look) =>
      make(
        'div',
        {},
        make('h2', { textContent: title }),
        make('div', { className: 'note-text', dir: 'auto', textContent: text || 'No text.' }),
        ...other,
        button(look, label, action),
      );
    const differs = ['note_type', 'description', 'service_date', 'minutes', 'location'].filter(
      (name) => name in mine && mine[name] !== (theirs[name]?.id ?? theirs[name] ?? null),
    );
    const label = (name) => this.form.elements.namedItem(name)?.labels?.[0]?.textContent.trim() || name;
    const chosen = (name, value) =>
      [...(this.form.elements.namedItem(name)?.options ?? [])]
        .find((option) => option.value === value)
        ?.textContent.trim();
    const lines = (of) =>
      differs.map((name) =>
        make('p', {
          className: 'muted small',
          textContent: `${label(name)}: ${of[name]?.name ?? chosen(name, of[name]) ?? (of[name] || 'none')}`,
        }),
      );
    const others = (of, than) =>
      (of.attendance ?? []).flatMap((one) => {
        const other = (than.attendance ?? []).find(({ client }) => client === one.client);
        if (other && other.attendance === one.attendance && other.comment.trim() === one.comment.trim()) return [];
        const name = one.name ?? other?.name ?? 'A client';
        const text = `${name}: ${[one.attendance, one.comment.trim()].filter(Boolean).join(', ')}`;
        return [make('p', { className: 'muted small', dir: 'auto', textContent: text })];
      });
    this.conflict.append(
      make(
        'p',
        {},
        make('strong', { textContent: 'Someone else, or another tab, saved this note in the meantime. ' }),
        'Your text isn’t saved yet, but it is kept here.',
      ),
      make(
        'div',
        { className: 'grid-2' },
        column('Yours', mine.body, [...lines(mine), ...others(mine, theirs)], 'Save mine', keepMine, 'btn btn-primary'),
        column('Theirs', theirs.body, [...lines(theirs), ...others(theirs, mine)], 'Use theirs', takeTheirs, 'btn'),
      ),
    );
    this.form.prepend(this.conflict);
    this.say('Not saved yet: someone else saved this note', true);
    this.conflict.focus();
  }

  isSame(mine, theirs) {
    const plain = (value) => (value ?? '').toString().replaceAll('\r\n', '\n').trim();
    const marks = (list) =>
      JSON.stringify((list ?? []).map((one) => [one.client, one.attendance, one.comment.trim()]).sort());
    return Object.entries(mine).every(([name, value]) => {
      if (name === 'attendance') return marks(value) === marks(theirs.attendance);
      return plain(value) === plain(theirs[name]?.id ?? theirs[name]);
    });
  }
}

const drafts = all('form[data-draft]').map((form) => new Draft(form));
const unsaved = () => drafts.filter((draft) => draft.dirty && !draft.leaving);

// A button elsewhere on the page waits until what was written is saved, for the next page would not have it.
document.addEventListener(
  'submit',
  (event) => {
    const { target: form, submitter } = event;
    const own = drafts.find((draft) => draft.form === form);
    const others = unsaved().filter((draft) => draft !== own);
    if (others.length) {
      halt(event);
      return Promise.all(others.map((draft) => draft.save())).then(() => {
        if (!unsaved().some((draft) => draft !== own)) form.requestSubmit(submitter);
        else announce('This page has unsaved text. Save it first.');
      });
    }
    if (!own) return;
    if (own.conflict) {
      halt(event);
      return own.conflict.focus();
    }
    if (own.under) {
      // Two ways of saving at once would take each other for someone else.
      halt(event);
      return own.under.then(() => form.requestSubmit(submitter));
    }
    clearTimeout(own.timer);
    if (own.dirty) own.keep();
    own.leaving = true;
  },
  true,
);

addEventListener('beforeunload', (event) => {
  if (unsaved().length) event.preventDefault();
});
addEventListener('pageshow', () =>
  drafts.forEach((draft) => {
    draft.leaving = false;
  }),
);
for (const type of ['online', 'focus']) {
  addEventListener(type, () => unsaved().forEach((draft) => draft.waiting && draft.save()));
}
document.addEventListener('visibilitychange', () => {
  if (document.hidden) unsaved().forEach((draft) => draft.save());
});
