// Streams from the gateway itself, as any program would, and shows what it took. Answers become elements, never HTML: a model is not trusted.
const root = document.getElementById('playground');
const form = document.getElementById('ask');
const answers = document.getElementById('answers');
const field = name => document.getElementById(`f-${name}`);
const words = root.dataset;
const columns = new Map();
let key = null;
let running = null;

async function getKey() {
  if (key && key.until > Date.now()) { return key.value; }
  const response = await fetch(words.keyUrl, { method: 'POST', headers: { RequestVerificationToken: words.token } });
  if (!response.ok) { throw new Error(`${response.status}`); }
  const made = await response.json();
  key = { value: made.key, until: Date.now() + (made.seconds - 60) * 1000 };
  return key.value;
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) { made.className = className; }
  if (text !== undefined) { made.textContent = text; }
  return made;
}

function column(model) {
  if (!columns.has(model)) {
    const card = element('section', 'card');
    const head = element('div', 'card-head');
    head.append(element('h2', 'mono', model));
    const body = element('div', 'card-body talk');
    body.setAttribute('aria-live', 'polite');
    body.setAttribute('aria-atomic', 'false');
    card.append(head, body);
    answers.append(card);
    columns.set(model, { body, messages: [] });
  }
  return columns.get(model);
}

// The part of Markdown that models write most: fences, headings, lists, bold, italics, code and https links.
function inline(text, parent) {
  const pattern = /`([^`\n]+)`|\*\*([^*\n]+)\*\*|\*([^*\n]+)\*|\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)/g;
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    parent.append(text.slice(at, match.index));
    if (match[1] !== undefined) { parent.append(element('code', '', match[1])); }
    else if (match[2] !== undefined) { parent.append(element('strong', '', match[2])); }
    else if (match[3] !== undefined) { parent.append(element('em', '', match[3])); }
    else {
      const link = element('a', '', match[4]);
      link.href = match[5];
      link.rel = 'noopener noreferrer nofollow';
      link.target = '_blank';
      parent.append(link);
    }
    at = match.index + match[0].length;
  }
  parent.append(text.slice(at));
}

function markdown(text, parent) {
  parent.replaceChildren();
  let list = null;
  let paragraph = null;
  let fence = null;
  for (const line of text.split('\n')) {
    if (fence) {
      if (line.startsWith('```')) { fence = null; } else { fence.textContent += `${line}\n`; }
      continue;
    }
    const item = /^\s*(?:[-*]|(\d+)[.)])\s+(.*)$/.exec(line);
    const heading = /^#{1,6}\s+(.*)$/.exec(line);
    if (line.startsWith('```')) {
      const pre = element('pre');
      fence = element('code', '', '');
      pre.append(fence);
      parent.append(pre);
      list = paragraph = null;
    } else if (item) {
      const kind = item[1] ? 'OL' : 'UL';
      if (list?.tagName !== kind) { list = element(kind.toLowerCase()); parent.append(list); }
      const entry = element('li');
      inline(item[2], entry);
      list.append(entry);
      paragraph = null;
    } else if (heading) {
      const strong = element('h3');
      inline(heading[1], strong);
      parent.append(strong);
      list = paragraph = null;
    } else if (!line.trim()) {
      list = paragraph = null;
    } else {
      if (paragraph) { paragraph.append(element('br')); } else { paragraph = element('p'); parent.append(paragraph); list = null; }
      inline(line, paragraph);
    }
  }
}

const duration = ms => ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) { return; }
    rest += value;
    const lines = rest.split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith('data:')) { yield line.slice(5).trim(); }
    }
  }
}

async function cost(requestId, facts) {
  for (let attempt = 0; requestId && attempt < 12; attempt++) {
    await new Promise(resolve => setTimeout(resolve, 400));
    const response = await fetch(`${words.callUrl}/${requestId}`);
    if (response.ok) {
      const bill = await response.json();
      facts.append(` · ${words.tokens} ${bill.tokens} · ${words.cost} ${bill.cost}`);
      return;
    }
  }
}

async function call(model, text, signal) {
  const talk = column(model);
  const { body, messages } = talk;
  messages.push({ role: 'user', content: text });
  body.append(element('p', 'talk-you', text));
  const answer = element('div', 'talk-answer');
  const facts = element('p', 'muted small number');
  body.append(answer, facts);
  const request = { model, stream: true, messages: [...messages] };
  const system = field('system').value.trim();
  if (system) { request.messages.unshift({ role: 'system', content: system }); }
  if (field('temperature').value) { request.temperature = Number(field('temperature').value); }
  if (field('max-tokens').value) { request.max_tokens = Number(field('max-tokens').value); }
  const began = performance.now();
  let first = null;
  let said = '';
  let requestId = null;
  try {
    const response = await fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${await getKey()}` },
      body: JSON.stringify(request),
      signal,
    });
    requestId = response.headers.get('x-request-id');
    if (!response.ok) {
      const problem = await response.json().catch(() => null);
      throw new Error(problem?.error?.message ?? `${response.status}`);
    }
    for await (const data of events(response.body)) {
      if (data === '[DONE]') { break; }
      const chunk = JSON.parse(data);
      if (chunk.error) { throw new Error(chunk.error.message); }
      const delta = chunk.choices?.[0]?.delta?.content;
      if (delta) {
        first ??= performance.now() - began;
        said += delta;
        markdown(said, answer);
      }
    }
  } catch (error) {
    const stopped = error.name === 'AbortError';
    answer.append(element('p', stopped ? 'muted' : 'talk-error', stopped ? words.stopped : `${words.failed} ${error.message}`));
  }
  messages.push({ role: 'assistant', content: said });
  facts.textContent = [first === null ? null : `${words.first} ${duration(first)}`, `${words.total} ${duration(performance.now() - began)}`].filter(Boolean).join(' · ');
  await cost(requestId, facts);
}

function show(busy) {
  document.getElementById('send').disabled = busy;
  document.getElementById('stop').hidden = !busy;
}

form.addEventListener('submit', async event => {
  event.preventDefault();
  const text = field('message').value.trim();
  const models = [...new Set([field('model-1').value.trim(), field('model-2').value.trim()].filter(Boolean))];
  if (!text || models.length === 0 || running) { return; }
  answers.hidden = false;
  field('message').value = '';
  running = new AbortController();
  show(true);
  const calls = models.map(model => call(model, text, running.signal));
  await Promise.allSettled(calls);
  running = null;
  show(false);
  field('message').focus();
});

document.getElementById('stop').addEventListener('click', () => running?.abort());

document.getElementById('clear').addEventListener('click', () => {
  running?.abort();
  answers.replaceChildren();
  answers.hidden = true;
  columns.clear();
});

field('message').addEventListener('keydown', event => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { form.requestSubmit(); }
});
