import type { Progress } from '../../scripts/tools/progress.js';
import { EditorStage } from './editorStage.js';
import type { BenchStage } from './stage.js';

/** What the measures share: the stage, and the editor once a measure has asked for it. */
export class BenchContext {
  readonly stage: BenchStage;
  /** Samples of each series. */
  readonly samples: number;
  readonly #progress: Progress;
  #editor: Promise<EditorStage> | undefined;

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

  /** Takes one sample after the other, and says how far it is. @param take gets the sample's number from 1 on */
  async each(take: (number: number) => Promise<void>, count = this.samples): Promise<void> {
    for (let number = 1; number <= count; number++) {
      this.#progress.note(`  sample ${number} of ${count}`);
      await take(number);
    }
  }

  /** Ends the editor, if there is one. */
  async close(): Promise<void> {
    await (await this.#editor)?.close();
  }
}
