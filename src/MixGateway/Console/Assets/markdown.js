// Markdown as models write it, made into elements and never into HTML: what a model says is not trusted. Knows fences, headings, lists
// in lists, quotes, tables, rules, bold, italics, struck text, code, and links to http and https.
const fence = /^\s{0,3}(`{3,}|~{3,})\s*([\w+#.-]*)/;
const item = /^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const heading = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*$/;
const rule = /^\s{0,3}([-*_])(?:\s*\1){2,}\s*$/;
const quote = /^\s{0,3}>\s?(.*)$/;
const divider = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
const spans = /`([^`\n]+)`|\*\*(?=\S)([^\n]+?)\*\*|__(?=\S)([^\n]+?)__(?!\w)|~~(?=\S)([^\n]+?)~~|\*(?=\S)([^*\n]+?)\*|(?<!\w)_(?=\S)([^_\n]+?)_(?!\w)|\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)|(https?:\/\/[^\s<>()[\]{}"'`]+[^\s<>()[\]{}"'`.,;:!?])/g;

function element(name, text) {
  const made = document.createElement(name);
  if (text !== undefined) { made.textContent = text; }
  return made;
}

function link(address, text) {
  const made = element('a', text);
  made.href = address;
  made.rel = 'noopener noreferrer nofollow';
  made.target = '_blank';
  return made;
}

function inline(text, parent) {
  let at = 0;
  for (const match of text.matchAll(spans)) {
    const [whole, code, bold, bold2, struck, italic, italic2, name, address, bare] = match;
    parent.append(text.slice(at, match.index));
    at = match.index + whole.length;
    if (code !== undefined) { parent.append(element('code', code)); }
    else if (name !== undefined) { parent.append(link(address, name)); }
    else if (bare !== undefined) { parent.append(link(bare, bare)); }
    else {
      const made = element(bold ?? bold2 ? 'strong' : struck ? 'del' : 'em');
      inline(bold ?? bold2 ?? struck ?? italic ?? italic2, made);
      parent.append(made);
    }
  }
  parent.append(text.slice(at));
  return parent;
}

const cells = line => line.trim().replace(/^\||\|$/g, '').split(/(?<!\\)\|/).map(cell => cell.trim().replaceAll('\\|', '|'));

// Lines that belong together. A block is drawn alone, so that a stream draws only what has changed.
function* blocks(lines) {
  let kind = '';
  let block = [];
  const end = function* () {
    if (block.length > 0) { yield { kind, lines: block }; }
    block = [];
    kind = '';
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    const opening = fence.exec(line);
    if (opening && (kind !== 'list' || !/^\s{2}/.test(line))) {
      yield* end();
      const code = [line];
      while (++i < lines.length && !lines[i].trimStart().startsWith(opening[1])) { code.push(lines[i]); }
      yield { kind: 'code', lines: code };
      continue;
    }
    const starts = rule.test(line) ? 'rule' : heading.test(line) ? 'heading' : quote.test(line) ? 'quote' : item.test(line) ? 'list'
      : line.includes('|') && divider.test(lines[i + 1] ?? '') && (lines[i + 1] ?? '').includes('-') ? 'table' : '';
    if (!line.trim()) {
      const next = lines[i + 1] ?? '';
      if (kind === 'list' && (item.test(next) || /^\s{2,}\S/.test(next))) { block.push(line); } else { yield* end(); }
    } else if (kind === 'list' && (starts === 'list' || /^\s{2,}\S/.test(line))) {
      block.push(line);
    } else if ((kind === 'table' && line.includes('|')) || (kind === 'quote' && starts === 'quote')) {
      block.push(line);
    } else if (starts === 'rule' || starts === 'heading') {
      yield* end();
      yield { kind: starts, lines: [line] };
    } else if (starts) {
      yield* end();
      kind = starts;
      block.push(line);
    } else {
      if (kind !== 'text') { yield* end(); kind = 'text'; }
      block.push(line);
    }
  }
  yield* end();
}

function list(lines, parent) {
  const levels = [];
  let entry = null;
  for (let i = 0; i < lines.length; i++) {
    const match = item.exec(lines[i]);
    const opening = fence.exec(lines[i]);
    if (!match && opening && entry) {
      const code = [];
      while (++i < lines.length && !lines[i].trimStart().startsWith(opening[1])) { code.push(lines[i].trimStart()); }
      entry.append(pre(code.join('\n')));
    } else if (match) {
      const depth = match[1].replaceAll('\t', '    ').length;
      while (levels.length > 1 && levels.at(-1).depth > depth) { levels.pop(); }
      const name = match[2] === undefined ? 'ul' : 'ol';
      let level = levels.at(-1);
      if (!level || (entry && depth > level.depth + 1) || level.made.localName !== name) {
        if (level && depth <= level.depth + 1) { levels.pop(); }
        level = { depth, made: element(name) };
        if (name === 'ol' && match[2] !== '1') { level.made.start = Number(match[2]); }
        (levels.length > 0 ? levels.at(-1).made.lastElementChild ?? parent : parent).append(level.made);
        levels.push(level);
      }
      entry = inline(match[3], element('li'));
      level.made.append(entry);
    } else if (lines[i].trim() && entry) {
      entry.append(element('br'));
      inline(lines[i].trim(), entry);
    }
  }
}

function pre(text) {
  const made = element('pre');
  made.tabIndex = 0;
  made.append(element('code', text));
  return made;
}

function table(lines) {
  const wrap = element('div');
  wrap.className = 'table-wrap';
  const made = element('table');
  const row = (line, name) => {
    const tr = element('tr');
    for (const cell of cells(line)) { tr.append(inline(cell, element(name))); }
    return tr;
  };
  const head = element('thead');
  head.append(row(lines[0], 'th'));
  const body = element('tbody');
  body.append(...lines.slice(2).map(line => row(line, 'td')));
  made.append(head, body);
  wrap.append(made);
  return wrap;
}

function draw({ kind, lines }) {
  const made = element(kind === 'quote' ? 'blockquote' : kind === 'text' ? 'p' : 'div');
  switch (kind) {
    case 'code': return pre(lines.slice(1).join('\n'));
    case 'rule': return element('hr');
    case 'heading': return inline(heading.exec(lines[0])[2], element('h3'));
    case 'table': return table(lines);
    case 'list': list(lines, made); return made;
    case 'quote': for (const block of blocks(lines.map(line => quote.exec(line)[1]))) { made.append(draw(block)); } return made;
    default:
      lines.forEach((line, i) => {
        if (i > 0) { made.append(element('br')); }
        inline(line.trimEnd(), made);
      });
      return made;
  }
}

/** Draws a text into an element; of one that has grown since, only what is new. */
export function markdown(text, parent) {
  const before = parent.blocks ?? [];
  const now = [...blocks(text.split('\n'))].map(block => ({ ...block, source: block.kind + block.lines.join('\n') }));
  let same = 0;
  while (same < before.length && same < now.length && before[same] === now[same].source) { same++; }
  while (parent.children.length > same) { parent.lastElementChild.remove(); }
  parent.append(...now.slice(same).map(draw));
  parent.blocks = now.map(block => block.source);
}

/** The words alone, for who hears them. */
export const plain = text => text.replace(/[*_~`#>|]+/g, '').replace(/\[([^\]]+)\]\([^)]+\)/g, '$1').trim();
