// Streams from the gateway itself, as any program would, and shows what it took: each model in a column of its own.
const root = document.getElementById('playground');
const form = document.getElementById('ask');
const answers = document.getElementById('answers');
const field = name => document.getElementById(`f-${name}`);
const words = root.dataset;
const columns = new Map();
const { markdown, plain } = await import(words.markdown);
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

const say = text => { document.getElementById('live').textContent = text; };

function column(model) {
  if (!columns.has(model)) {
    const card = element('section', 'card');
    card.setAttribute('aria-label', model);
    const head = element('div', 'card-head');
    const stop = element('button', 'button small', words.stop);
    stop.type = 'button';
    stop.hidden = true;
    stop.setAttribute('aria-label', `${words.stop}: ${model}`);
    stop.addEventListener('click', () => columns.get(model).abort?.abort());
    head.append(element('h2', 'mono', model), stop);
    const body = element('div', 'card-body talk');
    // What is drawn changes with every word; who listens gets each sentence once, when it is whole.
    const spoken = element('div', 'visually-hidden');
    spoken.setAttribute('role', 'log');
    spoken.setAttribute('aria-label', model);
    card.append(head, body, spoken);
    answers.append(card);
    columns.set(model, { body, spoken, stop, messages: [] });
  }
  return columns.get(model);
}

// Sentences of a text that grows: each is given out once, when it has ended.
function speaker(spoken) {
  let told = 0;
  return (text, isOver) => {
    const rest = text.slice(told);
    const end = isOver ? rest.length : Math.max(...['. ', '! ', '? ', '。', '！', '？', '\n'].map(mark => rest.lastIndexOf(mark) + 1));
    const sentence = end > 0 ? plain(rest.slice(0, end)) : '';
    told += Math.max(0, end);
    if (sentence) { spoken.append(element('p', '', sentence)); }
  };
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

// The bill is there a moment after the answer's end. Of an answer that was stopped, the gateway first reads what the provider counts, for up to half a minute.
async function bill(requestId, stopped) {
  for (let attempt = 0; attempt < (stopped ? 100 : 12); attempt++) {
    const response = await fetch(`${words.billUrl}/${requestId}`);
    if (response.status === 200) { return await response.json(); }
    if (response.status !== 204) { return null; }
    await new Promise(resolve => setTimeout(resolve, 400));
  }
  return null;
}

function request(model, messages) {
  const body = { model, stream: true, messages: [...messages] };
  const system = field('system').value.trim();
  if (system) { body.messages.unshift({ role: 'system', content: system }); }
  if (field('temperature').value) { body.temperature = Number(field('temperature').value); }
  if (field('max-tokens').value) { body.max_tokens = Number(field('max-tokens').value); }
  return body;
}

function fact(facts, name, value) {
  const pair = element('span', 'fact');
  pair.append(element('span', 'muted', `${name} `), element('span', 'number', value));
  facts.append(pair);
}

// Whoever reads the end goes on reading the end; whoever has scrolled away stays there.
function atTheEnd(change) {
  const page = document.scrollingElement;
  const follows = page.scrollHeight - page.scrollTop - page.clientHeight < 80;
  change();
  if (follows) { page.scrollTop = page.scrollHeight; }
}

// Draws at most once a frame, however fast the words come.
function drawer(answer, speak) {
  let text = '';
  let due = false;
  return (said, isOver) => {
    text = said;
    speak(said, isOver);
    if (isOver) { atTheEnd(() => markdown(text, answer)); return; }
    if (!due) {
      due = true;
      requestAnimationFrame(() => { due = false; atTheEnd(() => markdown(text, answer)); });
    }
  };
}

async function stream(model, messages, signal, answer, thoughts, draw, seen) {
  const response = await fetch(words.callUrl, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${await getKey()}` },
    body: JSON.stringify(request(model, messages)),
    signal,
  });
  if (!response.ok) {
    const problem = await response.json().catch(() => null);
    throw new Error(problem?.error?.message ?? `${response.status}`);
  }
  seen.requestId = response.headers.get('x-request-id');
  for await (const data of events(response.body)) {
    if (data === '[DONE]') { return; }
    const chunk = JSON.parse(data);
    if (chunk.error) { throw new Error(chunk.error.message); }
    const delta = chunk.choices?.[0]?.delta;
    if (delta?.reasoning_content) {
      seen.first ??= performance.now();
      thoughts.hidden = false;
      thoughts.lastElementChild.append(delta.reasoning_content);
    }
    if (delta?.content) {
      seen.first ??= performance.now();
      seen.said += delta.content;
      draw(seen.said, false);
    }
  }
}

async function call(model, text, signal) {
  const talk = column(model);
  const { body, messages, stop } = talk;
  talk.abort = new AbortController();
  stop.hidden = false;
  messages.push({ role: 'user', content: text });
  const thoughts = element('details', 'thoughts');
  thoughts.hidden = true;
  thoughts.append(element('summary', '', words.thoughts), element('p', 'muted'));
  const answer = element('div', 'talk-answer');
  answer.setAttribute('aria-busy', 'true');
  const facts = element('div', 'talk-facts');
  atTheEnd(() => body.append(element('p', 'talk-you', text), thoughts, answer, facts));
  const draw = drawer(answer, speaker(talk.spoken));
  const seen = { said: '', first: null, requestId: null };
  const began = performance.now();
  let stopped = false;
  try {
    await stream(model, messages, AbortSignal.any([signal, talk.abort.signal]), answer, thoughts, draw, seen);
    draw(seen.said, true);
  } catch (error) {
    draw(seen.said, true);
    stopped = error.name === 'AbortError';
    const end = stopped ? words.stopped : `${words.failed} ${error.message}`;
    facts.before(element('p', stopped ? 'muted' : 'talk-error', end));
    say(`${model}: ${end}`);
  }
  // A question without an answer is not part of the talk: providers refuse empty messages.
  if (seen.said) { messages.push({ role: 'assistant', content: seen.said }); } else { messages.pop(); }
  stop.hidden = true;
  answer.removeAttribute('aria-busy');
  const took = performance.now() - began;
  if (seen.first !== null) { fact(facts, words.first, duration(seen.first - began)); }
  fact(facts, words.total, duration(took));
  if (!seen.requestId) { return; }
  const shown = showBill(seen, stopped, took, began, facts, model);
  if (!stopped) { await shown; }
}

async function showBill({ requestId, first }, stopped, took, began, facts, model) {
  const paid = await bill(requestId, stopped);
  if (!paid) { return; }
  atTheEnd(() => showFacts(paid, { requestId, first }, took, began, facts));
  say(`${model}: ${words.total} ${duration(took)}, ${words.cost} ${paid.cost}`);
}

function showFacts(paid, { requestId, first }, took, began, facts) {
  fact(facts, words.tokens, `${paid.promptTokens} → ${paid.completionTokens}`);
  const streaming = first === null ? 0 : took - (first - began);
  if (paid.completionTokens > 1 && streaming > 50) { fact(facts, words.rate, (paid.completionTokens * 1000 / streaming).toFixed(1)); }
  fact(facts, words.cost, paid.cost);
  const more = element('a', '', words.details);
  more.href = `${words.logUrl}/${requestId}`;
  facts.append(more);
}

function show(busy) {
  document.getElementById('send').disabled = busy;
  document.getElementById('stop').hidden = !busy;
}

const modelFields = [...root.querySelectorAll('[data-model]')];

form.addEventListener('submit', async event => {
  event.preventDefault();
  const text = field('message').value.trim();
  const models = [...new Set(modelFields.map(one => one.querySelector('input').value.trim()).filter(Boolean))];
  if (!text || models.length === 0 || running) { return; }
  answers.hidden = false;
  field('message').value = '';
  running = new AbortController();
  show(true);
  const calls = models.map(model => call(model, text, running.signal));
  await Promise.allSettled(calls);
  running = null;
  show(false);
  field('message').focus({ preventScroll: true });
});

document.getElementById('stop').addEventListener('click', () => running?.abort());

document.getElementById('clear').addEventListener('click', () => {
  running?.abort();
  answers.replaceChildren();
  answers.hidden = true;
  columns.clear();
  field('message').focus();
});

document.getElementById('add-model').addEventListener('click', event => {
  const next = modelFields.find(one => one.hidden);
  next.hidden = false;
  next.querySelector('input').focus();
  event.target.closest('button').hidden = !modelFields.some(one => one.hidden);
});

field('message').addEventListener('keydown', event => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

show(false);
