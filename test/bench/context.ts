import type { Progress } from '../../scripts/tools/progress.js';
import { EditorStage } from './editorStage.js';
import { makeSessions, type ManySessions } from './manySessions.js';
import type { BenchStage } from './stage.js';

/** What the measures share: the stage, and thousands of sessions and the editor once a measure has asked for them. */
export class BenchContext {
  readonly stage: BenchStage;
  /** Samples of each series. */
  readonly samples: number;
  readonly #progress: Progress;
  #editor: Promise<EditorStage> | undefined;
  #sessions: Promise<ManySessions> | undefined;

  /** @param samples samples of each series */
  constructor(stage: BenchStage, samples: number, progress: Progress) {
    this.stage = stage;
    this.samples = samples;
    this.#progress = progress;
  }

  /** The editor, started when it is first needed. @throws ToolError when there can be none */
  editor(): Promise<EditorStage> {
    this.#editor ??= EditorStage.open(this.stage);
    return this.#editor;
  }

  /** Thousands of sessions, written when they are first needed. Measures leave them as they are. */
  sessions(): Promise<ManySessions> {
    this.#sessions ??= makeSessions(this.stage, this.#progress);
    return this.#sessions;
  }

  /** Takes one sample after the other, and says how far it is. @param take gets the sample's number from 1 on */
  async each(take: (number: number) => Promise<void>, count = this.samples): Promise<void> {
    for (let number = 1; number <= count; number++) {
      this.#progress.note(`  sample ${number} of ${count}`);
      await take(number);
    }
  }

  /** Ends the editor and removes the sessions, if there are any. */
  async close(): Promise<void> {
    const [editor, sessions] = await Promise.allSettled([this.#editor, this.#sessions]);
    if (editor.status === 'fulfilled') await editor.value?.close();
    if (sessions.status === 'fulfilled') await sessions.value?.remove();
  }
}
