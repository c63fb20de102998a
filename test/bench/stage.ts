import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DisposableStore } from '../../src/base/disposable.js';
import { startDemoModel } from '../../scripts/start/demoModel.js';
import { claudeProgram } from '../../scripts/tools/claude.js';
import type { Progress } from '../../scripts/tools/progress.js';
import { createClaudeEnvironment, type ClaudeEnvironment } from '../support/claudeEnvironment.js';
import { benchScript } from './modelScript.js';

/** What every measure uses: the scripted model as a process of its own, and the real program with an environment of its own. */
export interface BenchStage {
  /** Path of the real program. */
  readonly program: string;
  readonly environment: ClaudeEnvironment;
  close(): Promise<void>;
}

/** Sets the stage. @throws ToolError when the program or the model is not to be had */
export async function openStage(progress: Progress): Promise<BenchStage> {
  const program = await claudeProgram(progress);
  const folder = await mkdtemp(path.join(tmpdir(), 'arbor-bench-'));
  const script = path.join(folder, 'script.json');
  await writeFile(script, JSON.stringify(benchScript));
  const model = await startDemoModel(script);
  const owned = new DisposableStore();
  const environment = owned.add(createClaudeEnvironment({ baseUrl: model.url }));
  // What the mixed answer's tools find.
  await writeFile(path.join(environment.workspace, 'notes.md'), 'A line of notes.\n'.repeat(100));
  return {
    program,
    environment,
    async close() {
      await model.stop();
      owned.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
