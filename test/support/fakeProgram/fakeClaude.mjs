#!/usr/bin/env node
/*
 * Stands in for the `claude` program where the real one cannot be made to do what a test needs: die in the middle of a line,
 * hang, flood. What it prints otherwise is a recording of the real program (`recording.jsonl`, made by `record.ts`).
 *
 * FAKE_CLAUDE names the behaviour; `fakeProgram.ts` lists them. FAKE_CLAUDE_PIDS names a file to which every process that
 * it starts, and itself, adds its number.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import process, { argv, env, exit, pid, stdin } from 'node:process';

const behaviour = env.FAKE_CLAUDE ?? 'answer';
const stubborn = ['ignoreSigterm', 'grandchildThenHang'];
const partialText = 'Partial text';
const recording = readFileSync(new URL('recording.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
const toolStart = recording.findIndex((line) => line.event?.type === 'message_start');
const toolEnd = recording.findLastIndex((line) => line.event?.type === 'message_start');
const permissionAt = recording.findIndex((line) => line.type === 'control_request');

/** Writes everything before it returns, also where the reader is slow. */
function write(descriptor, data) {
  const bytes = Buffer.from(data);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

const print = (text) => write(1, text);
const say = (line) => print(`${JSON.stringify(line)}\n`);
const record = (number) => env.FAKE_CLAUDE_PIDS && appendFileSync(env.FAKE_CLAUDE_PIDS, `${number}\n`);
const isPartial = (line) => line.event?.delta?.text === partialText;
const hang = () => setInterval(() => undefined, 60_000);

/** A process of its own that outlives this one: in a group and a session of its own, holding our output open. */
function leaveGrandchild(options = {}) {
  const child = spawn('sleep', ['300'], { detached: true, stdio: ['ignore', 'inherit', 'inherit'], ...options });
  record(child.pid);
  child.unref();
}

/** The recorded lines of one turn, with this session's and this prompt's ids. */
function turn(user, withTool) {
  const sessionId = argv[(argv.includes('--session-id') ? argv.indexOf('--session-id') : argv.indexOf('--resume')) + 1];
  const lines = withTool ? recording.slice(1) : [...recording.slice(1, toolStart), ...recording.slice(toolEnd)];
  const text = JSON.stringify(lines)
    .replaceAll('00000000-0000-4000-8000-00000000aaaa', user.uuid)
    .replaceAll(recording.at(-1).session_id, sessionId);
  return JSON.parse(text).map((line) => (line.isReplay ? { ...line, message: user.message } : line));
}

/** What happens once the partial text was printed. Returns whether the turn goes on to its end. */
const afterPartialText = {
  dieMidLine: () => {
    print('{"type":"stream_event","event":{"type":"content_block_de');
    exit(1);
  },
  crash: () => {
    write(2, 'fatal: something broke\n');
    exit(70);
  },
  killed: () => {
    process.kill(pid, 'SIGKILL');
    return false;
  },
  hangMidTurn: () => false,
  ignoreSigterm: () => false,
  floodStderr: () => {
    for (let sent = 0; sent < 512; sent += 1) write(2, `${'e'.repeat(65_535)}\n`);
    write(2, 'the last words\n');
    return true;
  },
  exitZero: () => exit(0),
  garbage: () => {
    print('Warning: not JSON\n\n[1,2]\n"text"\n{"no":"type"}\n{"type":1}\n{"broken\n');
    write(1, Buffer.from([0xff, 0xfe, 0, 0x0a]));
    print('\u001b[?25h');
    return true;
  },
  garbageForEver: () => {
    for (;;) print(`${'g'.repeat(8191)}\n`);
  },
  leaveGrandchild: () => {
    leaveGrandchild();
    return true;
  },
  // Less than a pipe holds: the program can end although nobody reads.
  lastWords: () => {
    for (let number = 0; number < 200; number += 1) print(`${number} ${'w'.repeat(95)}\n`);
    exit(0);
  },
  hugeLine: () => {
    say({ type: 'huge', text: '漢'.repeat((50 * 1024 * 1024) / 3) });
    return true;
  },
  grandchildThenHang: () => {
    leaveGrandchild();
    return false;
  },
  crashWithGrandchild: () => {
    leaveGrandchild();
    exit(70);
  },
  closeInput: () => {
    stdin.destroy();
    try {
      closeSync(0);
    } catch {
      // Node has closed it.
    }
    return false;
  },
  closeOutput: () => {
    closeSync(1);
    return false;
  },
};

function answerTurn(user) {
  const lines = turn(user, false);
  for (const line of lines) {
    if (behaviour === 'splitBytes') {
      for (const byte of Buffer.from(`${JSON.stringify({ ...line, extra: 'äöü 😀' })}\n`)) write(1, Buffer.of(byte));
    } else say(line);
    if (isPartial(line) && afterPartialText[behaviour]?.() === false) return;
  }
}

let waitingForAnswer;

function permissionTurn(user) {
  const lines = turn(user, true);
  const request = lines[permissionAt - 1];
  for (const line of lines.slice(0, permissionAt - 1)) say(line);
  if (behaviour === 'malformedPermission') delete request.request.tool_name;
  if (behaviour === 'strangeRequest') request.request = { subtype: 'elicitation', message: 'Which one?' };
  say(request);
  if (behaviour === 'permissionThenDie') exit(70);
  if (behaviour === 'permissionTakenBack') say({ type: 'control_cancel_request', request_id: request.request_id });
  waitingForAnswer = (response) => {
    // The real program echoes our answer.
    say({ type: 'control_response', response });
    const echoes = (line) => line.type === 'control_response' || (line.type === 'user' && line.isReplay);
    const rest = lines.slice(permissionAt).filter((line) => !echoes(line));
    for (const line of rest) say(line.type === 'result' ? { ...line, answered: response } : line);
  };
  if (behaviour === 'permissionTakenBack') waitingForAnswer({ subtype: 'success', request_id: 'none' });
}

const turns = {
  permission: permissionTurn,
  malformedPermission: permissionTurn,
  strangeRequest: permissionTurn,
  permissionThenDie: permissionTurn,
  permissionTakenBack: permissionTurn,
};

function control({ request_id: id, request }) {
  if (request.subtype === 'initialize') {
    const answer = structuredClone(recording[0].response);
    say({ type: 'control_response', response: { ...answer, request_id: id } });
  } else if (request.subtype === 'interrupt' && behaviour === 'hangMidTurn') {
    // It does not even answer.
  } else if (request.subtype === 'interrupt') {
    say({ type: 'control_response', response: { subtype: 'success', request_id: id, response: {} } });
  } else {
    say({ type: 'control_response', response: { subtype: 'error', request_id: id, error: 'unknown request' } });
  }
}

function converse() {
  const lines = createInterface({ input: stdin });
  lines.on('line', (text) => {
    const line = JSON.parse(text);
    if (line.type === 'control_request') control(line);
    else if (line.type === 'control_response') waitingForAnswer?.(line.response);
    else if (line.type === 'user') (turns[behaviour] ?? answerTurn)(line);
  });
  lines.on('close', () => {
    if ([...stubborn, 'ignoreEndOfInput', 'closeInput', 'garbageForEver'].includes(behaviour)) hang();
    else exit(0);
  });
}

record(pid);
if (argv.includes('--version')) {
  if (behaviour === 'versionHangs') hang();
  else if (behaviour === 'versionFails') {
    write(2, 'cannot start: a library is missing\n');
    exit(127);
  } else print(behaviour === 'tooOld' ? '1.0.3 (Claude Code)\n' : '2.1.329 (Claude Code)\n');
} else if (behaviour === 'hangAtStart') hang();
else if (behaviour === 'crashAtStart') {
  write(2, 'cannot start: a library is missing\n');
  exit(127);
} else {
  if (stubborn.includes(behaviour))
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.on(signal, () => undefined);
  converse();
}
