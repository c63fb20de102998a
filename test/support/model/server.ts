import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { usualError } from './answers.js';
import { Gates } from './gates.js';
import { ConnectionDrop, play, waitAtGate, wholeMessage, type PlayContext } from './play.js';
import { readModelRequest, type ModelRequest } from './request.js';
import { Responder } from './responder.js';
import type { Answer, HttpError, Script } from './script.js';
import { viewTurn, type TurnView } from './turn.js';

/** A request as it came, for tests to look at. */
export interface RecordedRequest {
  readonly index: number;
  readonly method: string;
  readonly path: string;
  /** Without keys and tokens. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed JSON body; the text when it is no JSON; undefined when empty. */
  readonly body: unknown;
  /** The request read and summed up; undefined for anything but a request for an answer. */
  readonly model: ModelRequest | undefined;
  readonly turn: TurnView | undefined;
  /** `step:<name or number>`, `demo:<what>`, `side:<what>`, `countTokens` or `unknown`. */
  readonly answeredBy: string;
  /** Whether the client went away before the answer was complete. */
  readonly aborted: boolean;
  /** When it came, in milliseconds of `performance.now()`. */
  readonly at: number;
}

/** How to start the server. */
export interface ModelServerOptions {
  /** What the model answers. Without it, it is the demo model. */
  readonly script?: Script;
  /** Port on the loopback interface; 0 (the default) takes a free one. */
  readonly port?: number;
  /** How many of the last requests to keep; default 1,000. */
  readonly keep?: number;
}

/** The scripted Messages API, running. */
export interface ModelServer {
  readonly port: number;
  /** For `ANTHROPIC_BASE_URL`. */
  readonly url: string;
  /** The requests so far, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** Replaces the script, opens and forgets all gates. Requests that are under way go on with their answer. */
  setScript(script: Script | undefined): void;
  /** Opens a gate, for good. */
  release(gate: string): void;
  /** Settles when an answer has come to the gate. */
  reached(gate: string): Promise<void>;
  /** Settles with the first request, past or to come, for which the predicate holds. */
  waitForRequest(predicate: (request: RecordedRequest) => boolean): Promise<RecordedRequest>;
  /** Ends every connection and stops listening. */
  dispose(): Promise<void>;
}

type Recorded = { -readonly [Key in keyof RecordedRequest]: RecordedRequest[Key] };

const secretHeaders = new Set(['x-api-key', 'authorization', 'cookie', 'proxy-authorization']);

function visibleHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (!secretHeaders.has(name) && value !== undefined) headers[name] = String(value);
  }
  return headers;
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of request) if (Buffer.isBuffer(piece)) pieces.push(piece);
  const text = Buffer.concat(pieces).toString('utf8');
  if (text === '') return undefined;
  try {
    const body: unknown = JSON.parse(text);
    return body;
  } catch {
    return text;
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function sendError(response: ServerResponse, error: HttpError): void {
  const usual = usualError(error.status);
  const content = { type: error.errorType ?? usual.errorType, message: error.message ?? usual.message };
  const headers: Record<string, string> = {};
  if (error.retryAfter !== undefined) headers['retry-after'] = String(error.retryAfter);
  sendJson(response, error.status, error.body ?? { type: 'error', error: content }, headers);
}

async function sendStream(response: ServerResponse, answer: Answer, context: PlayContext): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.socket?.setNoDelay(true);
  for await (const event of play(answer, context)) {
    const room = response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    if (!room) await once(response, 'drain', { signal: context.signal });
  }
  response.end();
}

/**
 * Starts the scripted Messages API on the loopback interface.
 * @throws when the port is taken
 */
export async function startModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const keep = options.keep ?? 1000;
  const gates = new Gates();
  const responder = new Responder(options.script);
  const requests: Recorded[] = [];
  const waiting = new Set<{ predicate: (request: RecordedRequest) => boolean; found: (r: RecordedRequest) => void }>();
  let count = 0;

  function record(entry: Recorded): void {
    requests.push(entry);
    if (requests.length > keep) requests.shift();
    for (const waiter of waiting) {
      if (!waiter.predicate(entry)) continue;
      waiting.delete(waiter);
      waiter.found(entry);
    }
  }

  async function answerModel(entry: Recorded, model: ModelRequest, response: ServerResponse): Promise<void> {
    const turn = viewTurn(model);
    const { answer, by } = responder.respond(model, turn, entry.headers);
    Object.assign(entry, { model, turn, answeredBy: by });
    record(entry);
    const gone = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) {
        entry.aborted = true;
        gone.abort();
      }
    });
    const inputTokens = Math.ceil(JSON.stringify(entry.body).length / 4);
    const context = { model: model.model, inputTokens, gates, signal: gone.signal };
    if (answer.gate !== undefined) await waitAtGate(answer.gate, context);
    if (answer.delayMs !== undefined) await pause(answer.delayMs, undefined, { signal: gone.signal });
    if (answer.error !== undefined) sendError(response, answer.error);
    else if (model.stream) await sendStream(response, answer, context);
    else sendJson(response, 200, wholeMessage(answer, context));
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = performance.now();
    const body = await readBody(request);
    const path = request.url ?? '';
    const entry: Recorded = {
      index: count++,
      method: request.method ?? '',
      path,
      headers: visibleHeaders(request),
      body,
      model: undefined,
      turn: undefined,
      answeredBy: 'unknown',
      aborted: false,
      at,
    };
    const route = `${entry.method} ${path.split('?')[0] ?? ''}`;
    if (route === 'POST /v1/messages') return answerModel(entry, readModelRequest(body), response);
    if (route === 'POST /v1/messages/count_tokens') {
      entry.answeredBy = 'countTokens';
      record(entry);
      sendJson(response, 200, { input_tokens: Math.ceil(JSON.stringify(body ?? null).length / 4) });
      return;
    }
    record(entry);
    if (entry.method === 'HEAD') response.writeHead(200).end();
    else sendError(response, { status: 404, message: `The scripted model does not know ${route}.` });
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      // The client has gone away, or the script drops the connection: either way there is nobody to answer.
      if (error instanceof ConnectionDrop || response.destroyed || request.destroyed) response.destroy();
      else if (response.headersSent) response.destroy();
      else sendError(response, { status: 500, message: String(error) });
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    requests,
    setScript(script) {
      gates.reset();
      responder.setScript(script);
    },
    release: (gate) => gates.release(gate),
    reached: (gate) => gates.reached(gate),
    waitForRequest(predicate) {
      const known = requests.find(predicate);
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((found) => {
        waiting.add({ predicate, found });
      });
    },
    async dispose() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
