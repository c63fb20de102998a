import { afterEach, describe, expect, it } from 'vitest';
import { apiError, callTool, next, say, toolUse } from '../../support/model/answers.js';
import { isRecord } from '../../support/model/request.js';
import type { Script } from '../../support/model/script.js';
import { startModelServer, type ModelServer, type ModelServerOptions } from '../../support/model/server.js';

const servers: ModelServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.dispose()));
});

async function start(options: ModelServerOptions): Promise<ModelServer> {
  const server = await startModelServer(options);
  servers.push(server);
  return server;
}

const tools = [{ name: 'Bash', input_schema: { properties: { command: {} } } }];

function post(server: ModelServer, messages: readonly unknown[], more: object = {}): Promise<Response> {
  return fetch(`${server.url}/v1/messages?beta=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'secret', 'x-other': 'plain' },
    body: JSON.stringify({ model: 'm', max_tokens: 100, stream: true, tools, messages, ...more }),
  });
}

const user = (content: unknown): object => ({ role: 'user', content });

/** The events of a stream, parsed. */
async function events(response: Response): Promise<Record<string, unknown>[]> {
  return (await response.text())
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => {
      const event: unknown = JSON.parse(line.slice(6));
      if (!isRecord(event)) throw new Error(`not an event: ${line}`);
      return event;
    });
}

function deltas(list: readonly Record<string, unknown>[], key: string): string[] {
  return list.flatMap((event) => {
    const delta = event['delta'];
    const value = isRecord(delta) ? delta[key] : undefined;
    return typeof value === 'string' ? [value] : [];
  });
}

const one = (answer: Script['steps'][number]['answer']): ModelServerOptions => ({ script: { steps: [next(answer)] } });

describe('the scripted Messages API', () => {
  it('streams thinking, text and a tool call in the order of the API', async () => {
    const server = await start(
      one({
        blocks: [
          { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
          { type: 'text', text: 'héllo 😀', chunk: { size: 1 } },
          toolUse('Bash', { command: 'ls' }, 'toolu_1'),
        ],
        usage: { inputTokens: 7, outputTokens: 9, cacheReadTokens: 3 },
      }),
    );
    const list = await events(await post(server, [user('hi')]));
    expect(list.map(({ type }) => type).filter((type) => type !== 'content_block_delta')).toEqual([
      'message_start',
      ...['content_block_start', 'content_block_stop'],
      ...['content_block_start', 'content_block_stop'],
      ...['content_block_start', 'content_block_stop'],
      'message_delta',
      'message_stop',
    ]);
    expect(deltas(list, 'text')).toEqual(['h', 'é', 'l', 'l', 'o', ' ', '😀']);
    expect(deltas(list, 'signature')).toEqual(['c2ln']);
    expect(deltas(list, 'partial_json').join('')).toBe('{"command":"ls"}');
    expect(list.at(-2)).toMatchObject({
      delta: { stop_reason: 'tool_use' },
      usage: { input_tokens: 7, output_tokens: 9, cache_read_input_tokens: 3 },
    });
  });

  it('answers in one piece when no stream is asked for', async () => {
    const server = await start(one(say('whole')));
    const body: unknown = await (await post(server, [user('hi')], { stream: false })).json();
    expect(body).toMatchObject({
      role: 'assistant',
      content: [{ type: 'text', text: 'whole' }],
      stop_reason: 'end_turn',
    });
  });

  it('sends 4,000 deltas without a pause', async () => {
    const server = await start(one({ blocks: [{ type: 'text', text: [{ repeat: 'ab ', count: 4000 }] }] }));
    expect(deltas(await events(await post(server, [user('go')])), 'text')).toHaveLength(4000);
  });

  it('takes each step once, by what the user said newest, in the order of the script', async () => {
    const server = await start({
      script: {
        steps: [
          { when: { text: 'apple' }, answer: say('A') },
          { when: { toolResult: 'core' }, answer: say('C') },
          { when: { anyText: 'old' }, answer: say('O') },
          next(say('rest')),
        ],
        otherwise: 'fail',
      },
    });
    const ask = async (...messages: object[]): Promise<string> =>
      deltas(await events(await post(server, messages)), 'text').join('');
    expect(
      await ask(
        user([
          { type: 'text', text: 'apple' },
          { type: 'text', text: 'old news' },
        ]),
      ),
    ).toBe('O');
    expect(await ask(user('an apple'))).toBe('A');
    const result = { type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: 'the core' }] };
    expect(await ask(user('x'), { role: 'assistant', content: 'y' }, user([result]))).toBe('C');
    expect(await ask(user('an apple'))).toBe('rest');
    expect((await post(server, [user('an apple')])).status).toBe(400);
    expect(server.requests.map(({ answeredBy }) => answeredBy)).toEqual([
      'step:2',
      'step:0',
      'step:1',
      'step:3',
      'none',
    ]);
  });

  it('fails as told, with the usual body and retry-after', async () => {
    const server = await start(one(apiError(429, { retryAfter: 3 })));
    const response = await post(server, [user('hi')]);
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('3');
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
  });

  it('drops the connection in the middle of a text', async () => {
    const server = await start(one({ blocks: [{ type: 'text', text: ['partial', { drop: true }] }] }));
    await expect(post(server, [user('hi')]).then((response) => response.text())).rejects.toThrow();
    server.setScript(one({ blocks: [{ type: 'text', text: ['partial', { drop: true }] }] }).script);
    await expect(post(server, [user('hi')], { stream: false })).rejects.toThrow();
  });

  it('holds an answer at a gate until it is released', async () => {
    const server = await start(one({ blocks: [{ type: 'text', text: ['before', { gate: 'g' }, 'after'] }] }));
    const response = await post(server, [user('hi')]);
    await server.reached('g');
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    let seen = '';
    while (!seen.includes('before')) seen += decoder.decode((await reader?.read())?.value);
    expect(seen).not.toContain('after');
    server.release('g');
    for (;;) {
      const piece = await reader?.read();
      if (piece === undefined || piece.done) break;
      seen += decoder.decode(piece.value);
    }
    expect(seen).toContain('after');
    expect(seen).toContain('message_stop');
  });

  it('sees that the client went away while it was held', async () => {
    const server = await start(one({ gate: 'never', blocks: [] }));
    const stop = new AbortController();
    const gone = fetch(`${server.url}/v1/messages`, {
      method: 'POST',
      body: JSON.stringify({ tools, messages: [user('hi')] }),
      signal: stop.signal,
    });
    await server.reached('never');
    stop.abort();
    await expect(gone).rejects.toThrow();
    await expect.poll(() => server.requests[0]?.aborted).toBe(true);
  });

  it('records requests without keys, and tells who waits for one', async () => {
    const server = await start(one(callTool('Bash', { command: 'ls' })));
    const found = server.waitForRequest(({ turn }) => turn?.newPrompts.includes('find me') === true);
    await post(server, [user('find me')]);
    const request = await found;
    expect(request.headers).toMatchObject({ 'x-other': 'plain' });
    expect(JSON.stringify(request)).not.toContain('secret');
    expect(request.model?.messages).toHaveLength(1);
  });

  it('answers side requests without taking a step', async () => {
    const server = await start({ script: { steps: [next(say('main'))], otherwise: 'fail' } });
    const summary = 'Your task is to create a detailed summary of the conversation so far.';
    await post(server, [user('hello'), { role: 'assistant', content: 'x' }, user(summary)]);
    const naming = await post(server, [user('<session>\nfix the login\n</session>\n\nWrite the title.')], {
      tools: [],
      system: 'Give a short title.',
    });
    expect(JSON.parse(deltas(await events(naming), 'text').join(''))).toMatchObject({ title: 'fix the login' });
    await post(server, [user('quota')], { max_tokens: 1, tools: [] });
    await post(server, [user('hello')]);
    expect(server.requests.map(({ answeredBy }) => answeredBy)).toEqual([
      'side:compaction',
      'side:title',
      'side:quota',
      'step:0',
    ]);
  });

  it('counts tokens, and says 404 to what it does not know', async () => {
    const server = await start({});
    const counted = await fetch(`${server.url}/v1/messages/count_tokens`, { method: 'POST', body: '{"messages":[]}' });
    expect(await counted.json()).toEqual({ input_tokens: 4 });
    const unknown = await fetch(`${server.url}/api/hello`);
    expect(unknown.status).toBe(404);
    expect(server.requests.map(({ answeredBy }) => answeredBy)).toEqual(['countTokens', 'unknown']);
  });
});
