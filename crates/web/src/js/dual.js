// The dual list: turns a list of check boxes into two listboxes, who is not in it and who is. The boxes stay what
// the form sends; the lists only show and change them. Without this file the boxes are used as they are.

import { all, announce, counted, isPlainClick, make, plain, spellings, wordsOf } from './dom.js';

// Up to how many moves are made one by one; above that both lists are drawn anew, in one go.
const FEW = 24;
// Within how many milliseconds letters make up one word when you type to find.
const TYPING = 700;
// A second tap within so many milliseconds and pixels of the first makes a double tap.
const DOUBLE_TAP = 450;
const NEAR = 22;

function optionOf(box, index, id) {
  const [name, sub] = box.nextElementSibling.children;
  const title = sub.textContent ? `${name.textContent} · ${sub.textContent}` : name.textContent;
  const properties = { role: 'option', id: `${id}-${index}`, ariaSelected: 'false', title };
  return make('div', properties, name.cloneNode(true), ' ', sub.cloneNode(true));
}

class Side {
  constructor(dual, element) {
    this.dual = dual;
    this.element = element;
    this.assigned = element.dataset.side === 'assigned';
    this.list = element.querySelector('[role="listbox"]');
    this.filter = element.querySelector('input');
    this.count = element.querySelector('.count');
    this.chosen = new Set();
    this.active = null;
    this.anchor = null;
    this.words = [];
    this.typed = '';
    this.listen();
  }

  listen() {
    this.filter.addEventListener('input', () => this.refilter());
    this.filter.addEventListener('keydown', (event) => this.leaveFilter(event));
    this.list.addEventListener('pointerdown', (event) => {
      this.pointer = event.pointerType;
    });
    this.list.addEventListener('mousedown', (event) => this.press(event));
    addEventListener('mouseup', () => {
      this.pressing = false;
    });
    this.list.addEventListener('click', (event) => this.clicked(event));
    this.list.addEventListener('dblclick', (event) => this.doubleClicked(event));
    this.list.addEventListener('keydown', (event) => this.pressed(event));
    this.list.addEventListener('focus', () => this.enter());
  }

  fits(item) {
    return item.box.checked === this.assigned && this.words.every((word) => item.text.includes(word));
  }

  get shown() {
    return this.dual.items.filter((item) => this.fits(item));
  }

  // Everything that the list shows, in one change of the page.
  draw() {
    const fragment = document.createDocumentFragment();
    for (const item of this.shown) fragment.append(item.node);
    this.list.replaceChildren(fragment);
    if (this.active && !this.fits(this.active)) this.point(null);
  }

  tally(total) {
    const shown = this.list.childElementCount;
    const filtered = this.words.length > 0;
    this.count.textContent = filtered ? `${shown} of ${total}` : total;
    this.list.dataset.none = total === 0 ? 'None' : 'No matches';
    const every = this.dual.buttons[this.assigned ? 'remove-all' : 'add-all'];
    const verb = this.assigned ? 'Remove' : 'Add';
    every.firstElementChild.textContent = filtered ? `${verb} the ${shown} shown` : `${verb} all`;
    every.ariaDisabled = String(shown === 0);
    this.dual.buttons[this.assigned ? 'remove' : 'add'].ariaDisabled = String(this.chosen.size === 0);
  }

  refilter() {
    this.words = wordsOf(this.filter);
    for (const item of [...this.chosen]) if (!this.fits(item)) this.choose(item, false);
    this.draw();
    this.list.scrollTop = 0;
    this.dual.tally();
    announce(counted(this.list.childElementCount, 'match', 'matches'));
  }

  leaveFilter(event) {
    if (!['Enter', 'ArrowDown'].includes(event.key) || event.isComposing) return;
    // Enter would send the form.
    event.preventDefault();
    this.list.focus();
  }

  choose(item, chosen) {
    this.chosen[chosen ? 'add' : 'delete'](item);
    item.node.ariaSelected = String(chosen);
  }

  chooseOnly(items) {
    for (const item of this.chosen) item.node.ariaSelected = 'false';
    this.chosen.clear();
    for (const item of items) this.choose(item, true);
  }

  // From where a choice began up to here, as far as it can be seen.
  chooseUpTo(item) {
    const [low, high] = [(this.anchor ?? item).index, item.index].sort((a, b) => a - b);
    this.chooseOnly(this.shown.filter(({ index }) => index >= low && index <= high));
  }

  // Only the keyboard scrolls to where it goes: under a pointer, nothing may move.
  point(item, scrolls = true) {
    this.active?.node.classList.remove('is-active');
    this.active = item;
    if (item) {
      item.node.classList.add('is-active');
      this.list.setAttribute('aria-activedescendant', item.node.id);
      if (scrolls) item.node.scrollIntoView({ block: 'nearest' });
    } else {
      this.list.removeAttribute('aria-activedescendant');
    }
  }

  enter() {
    if (!this.active && !this.pressing) this.point(this.dual.itemOf(this.list.firstElementChild));
  }

  itemAt(event) {
    return this.dual.itemOf(event.target.closest('[role="option"]'));
  }

  // A double click is about what was pressed first, whatever lies under the pointer by the second time.
  press(event) {
    this.pressing = true;
    const item = this.itemAt(event);
    if (event.detail % 2 === 1) this.first = { item, at: event.timeStamp };
    if (!item || event.button) return;
    // The browser's own focus may scroll, and pressing twice would select text.
    event.preventDefault();
    this.list.focus({ preventScroll: true });
  }

  clicked(event) {
    if (this.pointer === 'touch' ? this.tappedTwice(event) : event.detail > 1) return;
    const item = this.itemAt(event);
    if (!item) return;
    if (event.shiftKey) {
      this.chooseUpTo(item);
    } else if (event.ctrlKey || event.metaKey || this.pointer === 'touch') {
      this.choose(item, !this.chosen.has(item));
      this.anchor = item;
    } else {
      this.chooseOnly([item]);
      this.anchor = item;
    }
    this.point(item, false);
    this.dual.tally();
  }

  doubleClicked(event) {
    if (this.pointer === 'touch' || !isPlainClick(event)) return;
    const recent = this.first && event.timeStamp - this.first.at < 2000;
    const item = recent ? this.first.item : this.itemAt(event);
    this.first = null;
    if (item) this.dual.move([item], false);
  }

  // Not every phone makes a double click out of two taps.
  tappedTwice(event) {
    const { tap } = this;
    const near = tap && Math.hypot(event.clientX - tap.x, event.clientY - tap.y) < NEAR;
    if (near && event.timeStamp - tap.at < DOUBLE_TAP) {
      this.tap = null;
      this.dual.move([tap.item], false);
      return true;
    }
    const item = this.itemAt(event);
    this.tap = item && { item, at: event.timeStamp, x: event.clientX, y: event.clientY };
    return false;
  }

  pressed(event) {
    const handled = this.command(event);
    if (handled) {
      event.preventDefault();
      this.dual.tally();
    }
  }

  command(event) {
    const { key } = event;
    if (event.altKey) return false;
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === 'a') return this.chooseAll();
    if (key === 'Enter') return this.moveChosen();
    if (key === ' ' && !this.typed) return this.toggleActive(event);
    const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };
    if (key in steps) return this.step(steps[key], event);
    if (key.length === 1 && !event.ctrlKey && !event.metaKey) return this.find(key);
    return false;
  }

  chooseAll() {
    const { shown } = this;
    this.chooseOnly(this.chosen.size === shown.length ? [] : shown);
    announce(`${this.chosen.size} selected`);
    return true;
  }

  moveChosen() {
    const items = this.chosen.size ? this.dual.items.filter((item) => this.chosen.has(item)) : [this.active];
    if (items[0]) this.dual.move(items);
    return true;
  }

  toggleActive(event) {
    if (!this.active) return true;
    if (event.shiftKey) {
      this.chooseUpTo(this.active);
    } else {
      this.choose(this.active, !this.chosen.has(this.active));
      this.anchor = this.active;
    }
    return true;
  }

  step(by, event) {
    const nodes = this.list.children;
    if (!nodes.length) return true;
    const here = this.active ? [...nodes].indexOf(this.active.node) : -1;
    const item = this.dual.itemOf(nodes[Math.min(nodes.length - 1, Math.max(0, here + by))]);
    if (event.shiftKey) {
      this.anchor ??= this.active ?? item;
      this.chooseUpTo(item);
    } else if (!event.ctrlKey && !event.metaKey) {
      this.chooseOnly([item]);
      this.anchor = item;
    }
    this.point(item);
    return true;
  }

  // Typing goes to the next name that begins so.
  find(letter) {
    clearTimeout(this.pause);
    this.pause = setTimeout(() => {
      this.typed = '';
    }, TYPING);
    this.typed += plain(letter);
    const { shown } = this;
    const from = this.active ? shown.indexOf(this.active) + (this.typed.length === 1 ? 1 : 0) : 0;
    const order = [...shown.slice(from), ...shown.slice(0, from)];
    const item = order.find(({ text }) => text.startsWith(this.typed));
    if (item) {
      this.chooseOnly([item]);
      this.anchor = item;
      this.point(item);
    }
    return true;
  }

  // Where the choice goes once these have left: to the next that stays, or the one before.
  after(items) {
    const leaving = new Set(items);
    const last = items.at(-1).index;
    const staying = this.shown.filter((item) => !leaving.has(item));
    return staying.find((item) => item.index > last) ?? staying.at(-1) ?? null;
  }

  // Puts one in its alphabetical place.
  insert(item) {
    if (!this.fits(item)) return;
    const next = this.dual.items.slice(item.index + 1).find((other) => other.node.parentNode === this.list);
    this.list.insertBefore(item.node, next?.node ?? null);
  }
}

class Dual {
  constructor(fieldset) {
    this.fieldset = fieldset;
    this.items = all('input[type="checkbox"]', fieldset).map((box, index) => {
      const node = optionOf(box, index, fieldset.id);
      return { box, node, index, text: spellings(node.textContent) };
    });
    this.byNode = new Map(this.items.map((item) => [item.node, item]));
    fieldset.append(fieldset.querySelector('template').content.cloneNode(true));
    this.buttons = {};
    for (const button of all('[data-move]', fieldset)) {
      this.buttons[button.dataset.move] = button;
      button.addEventListener('click', () => button.ariaDisabled === 'true' || this.command(button.dataset.move));
    }
    this.sides = all('[data-side]', fieldset).map((element) => new Side(this, element));
    for (const part of all('[data-dual-boxes]', fieldset)) part.hidden = true;
    this.draw();
  }

  itemOf(node) {
    return this.byNode.get(node);
  }

  draw() {
    this.sides.forEach((side) => side.draw());
    this.tally();
  }

  get assigned() {
    return this.items.reduce((sum, { box }) => sum + box.checked, 0);
  }

  tally() {
    const { assigned } = this;
    this.sides.forEach((side) => side.tally(side.assigned ? assigned : this.items.length - assigned));
  }

  command(name) {
    const [unassigned, assigned] = this.sides;
    const side = name.startsWith('add') ? unassigned : assigned;
    const every = name.endsWith('-all');
    const items = this.items.filter((item) => (every ? side.fits(item) : side.chosen.has(item)));
    if (items.length) this.move(items);
  }

  // Moves these, all of one side, to the other.
  move(items, scrolls = true) {
    const assign = !items[0].box.checked;
    const [from, to] = assign ? this.sides : [this.sides[1], this.sides[0]];
    const next = from.after(items);
    for (const item of items) {
      from.choose(item, false);
      item.box.checked = assign;
    }
    if (items.length > FEW) {
      this.sides.forEach((side) => side.draw());
    } else {
      for (const item of items) {
        item.node.remove();
        to.insert(item);
      }
    }
    from.point(from.active && document.activeElement === from.list ? next : null, scrolls);
    from.anchor = null;
    this.tally();
    this.tell(items, assign);
    this.fieldset.dispatchEvent(new Event('change', { bubbles: true }));
  }

  tell(items, assign) {
    const { one, many } = this.fieldset.dataset;
    const what = items.length === 1 ? items[0].node.firstElementChild.textContent : `${items.length} ${many}`;
    announce(`${assign ? 'Added' : 'Removed'} ${what}. ${counted(this.assigned, one, many)} assigned.`);
  }
}

const duals = all('[data-dual]')
  .filter((fieldset) => fieldset.querySelector('template'))
  .map((fieldset) => new Dual(fieldset));

// Coming back through the history may have changed the check boxes.
addEventListener('pageshow', () => duals.forEach((dual) => dual.draw()));
