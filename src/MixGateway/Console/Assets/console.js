// What HTML cannot do alone: copy, tell times in the reader's zone, open dialogs, close menus. Every page works without it.
'use strict';

// A page that answers a form is shown once; reloaded, its address leads to the page without the answer.
const here = new URL(location.href);
if (here.searchParams.has('shown')) {
  here.searchParams.delete('shown');
  history.replaceState(history.state, '', here);
}

// A form counts once anyway; a second click would only have its browser wait for the first answer.
document.addEventListener('submit', event => {
  const form = event.target;
  if (form.method !== 'post' || event.defaultPrevented) { return; }
  if (form.dataset.sent) {
    event.preventDefault();
  } else {
    form.dataset.sent = 'true';
  }
});

// A page that a browser kept has forms that were sent: it is asked for again, with new ones.
addEventListener('pageshow', event => {
  if (event.persisted) { location.reload(); }
});

const closest = (event, selector) => event.target instanceof Element ? event.target.closest(selector) : null;

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  if (!source) { return; }
  const text = source.value ?? source.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Clipboards need https or localhost; a selection can be copied everywhere.
    const range = document.createRange();
    range.selectNodeContents(source);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    document.execCommand('copy');
  }
  const label = button.querySelector('[data-label]');
  if (label && button.dataset.done) {
    const before = label.textContent;
    label.textContent = button.dataset.done;
    setTimeout(() => { label.textContent = before; }, 1600);
  }
  const live = document.getElementById('live');
  if (live && button.dataset.done) { live.textContent = button.dataset.done; }
}

function selectTab(tab) {
  for (const other of tab.parentElement.querySelectorAll('[role=tab]')) {
    const chosen = other === tab;
    other.setAttribute('aria-selected', chosen);
    other.tabIndex = chosen ? 0 : -1;
    const panel = document.getElementById(other.getAttribute('aria-controls'));
    if (panel) { panel.hidden = !chosen; }
  }
}

document.addEventListener('click', event => {
  const copyButton = closest(event, '[data-copy]');
  if (copyButton) { copy(copyButton); }

  const opener = closest(event, '[data-dialog]');
  if (opener) { document.getElementById(opener.dataset.dialog)?.showModal(); }

  const closer = closest(event, '[data-close]');
  if (closer) { closer.closest('dialog')?.close(); }

  const tab = closest(event, '[role=tab]');
  if (tab) { selectTab(tab); }

  const inside = closest(event, 'details.menu');
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (menu !== inside) { menu.open = false; }
  }
});

document.addEventListener('keydown', event => {
  if (event.key === 'Escape') {
    for (const menu of document.querySelectorAll('details.menu[open]')) {
      menu.open = false;
      menu.querySelector('summary')?.focus();
    }
  }
  const tab = closest(event, '[role=tab]');
  if (tab && (event.key === 'ArrowRight' || event.key === 'ArrowLeft')) {
    const tabs = [...tab.parentElement.querySelectorAll('[role=tab]')];
    const next = tabs[(tabs.indexOf(tab) + (event.key === 'ArrowRight' ? 1 : tabs.length - 1)) % tabs.length];
    selectTab(next);
    next.focus();
  }
});

document.addEventListener('change', event => {
  const filter = closest(event, '[data-submit]');
  if (!filter) { return; }
  // Whoever wants other days than those offered has to say which.
  const days = filter.form?.querySelector('[data-custom]');
  if (filter.value === 'custom' && days) {
    days.hidden = false;
    days.querySelector('input').focus();
  } else {
    filter.form?.requestSubmit();
  }
});

function localTimes(root) {
  const language = document.documentElement.lang || undefined;
  const full = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
  for (const time of root.querySelectorAll('time[data-local]')) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.valueOf())) {
      time.textContent = (time.dataset.local === 'date' ? date : full).format(at);
      time.title = time.dateTime;
      delete time.dataset.local;
    }
  }
}

// On a phone a line of a table is drawn as a card: its cells need their headings, and the table its roles, which the drawing takes away.
function labelTables(root) {
  for (const table of root.querySelectorAll('.table-wrap > table:not([role])')) {
    const heads = [...table.querySelectorAll('thead th')];
    if (heads.length === 0 || table.closest('.talk-answer')) { continue; }
    table.setAttribute('role', 'table');
    for (const part of table.querySelectorAll('thead, tbody')) { part.setAttribute('role', 'rowgroup'); }
    for (const head of heads) { head.setAttribute('role', 'columnheader'); }
    for (const row of table.querySelectorAll('tr')) {
      row.setAttribute('role', 'row');
      [...row.querySelectorAll('td')].forEach((cell, i) => {
        cell.setAttribute('role', 'cell');
        cell.dataset.label = heads[i]?.querySelector('.visually-hidden') ? '' : heads[i]?.textContent ?? '';
      });
    }
  }
}

// What a bar stands for, at once and beside the pointer, instead of after a second.
function tips(root) {
  for (const title of root.querySelectorAll('.point > title')) {
    title.parentElement.dataset.tip = title.textContent;
    title.remove();
  }
}

const tip = document.createElement('div');
tip.className = 'tip';
tip.hidden = true;
document.body.append(tip);
const showTip = event => {
  const point = closest(event, '[data-tip]');
  tip.hidden = !point;
  if (!point) { return; }
  if (tip.textContent !== point.dataset.tip) { tip.textContent = point.dataset.tip; }
  const { width, height } = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(8, Math.min(event.clientX + 14, innerWidth - width - 8))}px`;
  tip.style.top = `${Math.max(8, event.clientY - height - 12)}px`;
};
document.addEventListener('pointermove', showTip);
document.addEventListener('pointerdown', showTip);

function dress(root) {
  localTimes(root);
  labelTables(root);
  tips(root);
}

dress(document);

// Scripts put new parts into the document.
new MutationObserver(() => dress(document)).observe(document.body, { childList: true, subtree: true });

// The menu may be longer than the window.
document.querySelector('.side [aria-current="page"]')?.scrollIntoView({ block: 'nearest' });

// A server cannot know a reader's zone; the one of the browser is sent with forms that ask for it.
for (const input of document.querySelectorAll('input[data-offset]')) {
  input.value = String(-new Date().getTimezoneOffset());
}

// Parts of a page that are read anew every few seconds, while somebody looks at them and nothing in them is open.
function keepFresh(part) {
  const stale = document.querySelector(`[data-stale="${part.id}"]`);
  const isBusy = () => document.hidden || part.querySelector('dialog[open], :popover-open, details[open]') !== null;
  const again = () => setTimeout(refresh, Number(part.dataset.refresh) * 1000);

  function replace(fresh) {
    const focused = part.contains(document.activeElement) ? document.activeElement.id : '';
    const scrolled = [...part.querySelectorAll('.table-wrap')].map(table => table.scrollLeft);
    part.replaceChildren(...fresh.childNodes);
    part.querySelectorAll('.table-wrap').forEach((table, i) => { table.scrollLeft = scrolled[i] ?? 0; });
    if (focused) { document.getElementById(focused)?.focus({ preventScroll: true }); }
  }

  async function refresh() {
    if (!isBusy()) {
      try {
        const answer = await fetch(location.href, { headers: { 'X-Refresh': '1' }, signal: AbortSignal.timeout(10000) });
        if (answer.redirected) { location.reload(); return; }
        const fresh = answer.ok ? new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(part.id) : null;
        if (fresh && !isBusy()) { replace(fresh); }
        if (stale) { stale.hidden = fresh !== null; }
      } catch {
        if (stale) { stale.hidden = false; }
      }
    }
    again();
  }

  again();
}

for (const part of document.querySelectorAll('[data-refresh]')) { keepFresh(part); }
