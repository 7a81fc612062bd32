// Makes calls with the official SDK and prints what it made of the answers, as one JSON object.
import OpenAI from "openai";

const [baseURL, apiKey, emptyKey] = process.argv.slice(2);
const messages = [{ role: "user", content: "How are you?" }];
let requests = 0;
const clientOf = (key) =>
  new OpenAI({ baseURL, apiKey: key, fetch: (url, init) => { requests++; return fetch(url, init); } });
const client = clientOf(apiKey);

async function failureOf(call) {
  requests = 0;
  try {
    await call();
    return null;
  } catch (error) {
    return { name: error.constructor.name, status: error.status ?? null, code: error.code ?? null, requestId: error.requestID ?? null, requests };
  }
}

async function read(stream) {
  let text = "", usage = null, chunks = 0, finish = null;
  for await (const chunk of stream) {
    chunks++;
    text += chunk.choices[0]?.delta?.content ?? "";
    finish = chunk.choices[0]?.finish_reason ?? finish;
    usage = chunk.usage ?? usage;
  }
  return { text, usage, chunks, finish };
}

const stream = (model, options) => client.chat.completions.create({ model, messages, stream: true, ...options });
const chat = await client.chat.completions.create({ model: "sim:js", messages });
const leaving = new AbortController();
let left = 0;
for await (const _ of await client.chat.completions.create({ model: "sim:js+chunks=100000+delay=5", messages, stream: true }, { signal: leaving.signal })) {
  if (++left === 3) leaving.abort();
}

console.log(JSON.stringify({
  chat: { text: chat.choices[0].message.content, model: chat.model, requestId: chat._request_id, total: chat.usage.total_tokens },
  stream: await read(await stream("sim:js+chunks=7")),
  streamWithUsage: await read(await stream("sim:js+chunks=7", { stream_options: { include_usage: true } })),
  models: (await client.models.list()).data.map((model) => model.id),
  wrongKey: await failureOf(() => clientOf("sk-wrong").chat.completions.create({ model: "sim:js", messages })),
  unknownModel: await failureOf(() => client.chat.completions.create({ model: "nobody:x", messages })),
  emptyBalance: await failureOf(() => clientOf(emptyKey).chat.completions.create({ model: "sim:js", messages })),
  brokenStream: await failureOf(async () => read(await stream("sim:js+chunks=9+cut=4"))),
}));
process.exit(0);
