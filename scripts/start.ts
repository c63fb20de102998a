// `npm start`: a real VS Code in the browser with Arbor in it. See `scripts/start/options.ts` for what it takes.
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { createClaudeEnvironment } from '../test/support/claudeEnvironment.js';
import { extensionPackage } from './build/extension.js';
import type { CodeServer } from './editor/codeServer.js';
import { codeServerFolders, startCodeServer } from './editor/codeServer.js';
import { installExtension } from './editor/installExtension.js';
import { searchPath } from './editor/searchPath.js';
import type { Settings } from './editor/settings.js';
import { quietSettings, settingsFile, writeSettings } from './editor/settings.js';
import { npmEnvironment } from './npmEnvironment.mjs';
import type { DemoModel } from './start/demoModel.js';
import { startDemoModel } from './start/demoModel.js';
import { Lifetime } from './start/lifetime.js';
import { openBrowser } from './start/openBrowser.js';
import type { StartOptions } from './start/options.js';
import { readOptions, usage } from './start/options.js';
import { usualOrFreePort } from './start/port.js';
import type { StateFolder } from './start/stateFolder.js';
import { sampleWorkspace, takeStateFolder } from './start/stateFolder.js';
import { exists } from './tools/cacheFolder.js';
import { claudeProgram } from './tools/claude.js';
import { editorProgram } from './tools/editor.js';
import { claudeVersion } from './tools/pins.js';
import { lineProgress } from './tools/progress.js';
import { reportAndExit } from './tools/reportAndExit.js';

const progress = lineProgress();
const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(args: string[]): Promise<void> {
  const options = await readOptions(args, process.env['INIT_CWD'] ?? process.cwd());
  if (!options) {
    say(usage);
    return;
  }
  const lifetime = new Lifetime((text) => {
    progress.note(text);
  });
  await lifetime.watchNpm();
  const asked = lifetime.untilAskedToEnd();
  let cause: 'signal' | 'failure' = 'failure';
  try {
    // Asked to end in the middle of an installation: what is started by then is released, the rest dies with us.
    await Promise.race([start(options, lifetime), asked]);
    cause = await asked;
  } finally {
    await lifetime.end();
  }
  process.exit(cause === 'signal' ? 0 : 1);
}

async function start(options: StartOptions, lifetime: Lifetime): Promise<void> {
  const program = await editorProgram(progress);
  const claude = options.own ? undefined : await claudeProgram(progress);
  const vsix = await extensionPackage(progress);
  const state = await takeStateFolder(options.own ? 'own' : 'demo', options.fresh);
  await lifetime.owns(state.release);
  const model = options.own ? undefined : await startDemoModel();
  if (model) {
    await lifetime.owns(model.stop);
    lifetime.endsWith(model.exited, 'The demo model has ended.');
  }
  await writeStateSettings(state, model && claude ? demoSettings(state, model, claude) : {});
  await rm(codeServerFolders(state.path).extensions, { recursive: true, force: true });
  await installExtension(program, state.path, vsix, progress);
  const folder = options.folder ?? (await sampleWorkspace(state));
  const server = await startCodeServer({
    program,
    root: state.path,
    port: options.port ?? (await usualOrFreePort()),
    trusted: true,
    // A closed tab may come back within the time for a cup of coffee; after that its programs end.
    graceSeconds: 600,
    ...(options.own ? { environment: npmEnvironment(process.env) } : {}),
  });
  await lifetime.owns(server.stop);
  lifetime.endsWith(server.exited, 'code-server has ended.');
  announce(options, server, folder, { editor: program.name, model });
}

function demoSettings(state: StateFolder, model: DemoModel, claude: string): Settings {
  const root = path.join(state.path, 'claude');
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const environment = createClaudeEnvironment({
    baseUrl: model.url,
    root,
    variables: { ARBOR_DEMO_MODEL: '1', PATH: searchPath() },
  });
  return { 'arbor.claude.path': claude, 'arbor.claude.environment': environment.env };
}

/** The user's settings are theirs after the first start; the machine's are ours at every start. */
async function writeStateSettings(state: StateFolder, machine: Settings): Promise<void> {
  await writeSettings(state.path, 'machine', machine);
  if (!(await exists(settingsFile(state.path, 'user')))) {
    await writeSettings(state.path, 'user', { ...quietSettings, 'workbench.startupEditor': 'readme' });
  }
}

function announce(
  options: StartOptions,
  server: CodeServer,
  folder: string,
  used: { editor: string; model: DemoModel | undefined },
): void {
  const url = `${server.url}/?${new URLSearchParams({ folder }).toString()}`;
  say(`
Arbor is ready: ${url}

  editor   ${used.editor} on loopback, ${options.own ? 'with your environment' : 'with a home of its own'}
  program  ${options.own ? 'your own claude' : `claude ${claudeVersion} from npm, with an environment of its own`}
  model    ${used.model ? `the demo model at ${used.model.url}: no account, no network` : 'your own sign-in'}
  folder   ${folder}${options.folder === undefined ? ' (a copy of the sample; change what you like)' : ''}

Ctrl-C ends everything.`);
  if (options.open && openBrowser(url, say)) {
    say('Opening your browser …');
  }
}

main(process.argv.slice(2)).catch(reportAndExit);
