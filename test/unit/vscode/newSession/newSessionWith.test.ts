import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { FolderView } from '../../../../src/core/chat/snapshot.js';
import type { ProgramInfo } from '../../../../src/core/ports.js';
import {
  askNewSession,
  type NewSessionParts,
  type WantedSession,
} from '../../../../src/vscode/newSession/newSessionWith.js';
import { settled } from '../../../support/fakes/manualClock.js';
import { FakeQuickInputs, type FakeInput } from '../fakeQuickInput.js';

const hoisted = vi.hoisted(() => ({ inputs: null as FakeQuickInputs | null }));
vi.mock('vscode', () => ({
  QuickInputButtons: { Back: 'back' },
  window: {
    createQuickPick: () => hoisted.inputs?.module.window.createQuickPick(),
    createInputBox: () => hoisted.inputs?.module.window.createInputBox(),
  },
}));

const one: FolderView = { name: 'one', path: '/work/one', branch: 'main', worktree: null };
const two: FolderView = {
  name: 'two $(bug)',
  path: '/work/two',
  branch: null,
  worktree: { name: 'two', repository: '/work/one' },
};
const program: ProgramInfo = {
  version: '2.1.329',
  commands: 0,
  models: [
    { value: 'default', label: 'Default (recommended)', description: 'What is best for you' },
    { value: 'opus', label: 'Opus', description: 'For hard work' },
    { value: 'haiku', label: 'Haiku', description: 'Fast' },
  ],
};

let inputs: FakeQuickInputs;

beforeEach(() => {
  inputs = new FakeQuickInputs();
  hoisted.inputs = inputs;
});

function ask(parts: Partial<NewSessionParts> = {}): Promise<WantedSession | null> {
  return askNewSession({ folders: [one], preferred: null, program: () => program, ...parts });
}

/** Does something in the step that shows, and gives the next. */
async function then(act: (input: FakeInput) => void): Promise<FakeInput | null> {
  act(inputs.now);
  await settled();
  return inputs.all.find(({ isDisposed }) => !isDisposed) ?? null;
}

function place({ title, step, totalSteps }: FakeInput): string {
  return `${title} (${String(step)}/${String(totalSteps)})`;
}

describe('New Session With Options', () => {
  it('S1 asks in four steps, each of which Enter skips', async () => {
    const wanted = ask();
    const places: string[] = [];
    for (let step = 0; step < 4; step += 1) {
      places.push(place(inputs.now));
      await then((input) => {
        input.enter();
      });
    }
    expect(places).toEqual([1, 2, 3, 4].map((step) => `New Session With Options (${String(step)}/4)`));
    expect(await wanted).toEqual({
      folder: '/work/one',
      options: { name: '', model: null, mode: 'default', appendSystemPrompt: '' },
    });
    expect(inputs.all.every(({ isLeft, ignoreFocusOut }) => isLeft && ignoreFocusOut)).toBe(true);
  });

  it('S1 takes what was chosen and typed', async () => {
    const wanted = ask();
    await then((input) => {
      input.type(' Review ');
      input.enter();
    });
    expect(inputs.now.labels).toEqual(['Default', 'Opus', 'Haiku']);
    await then((input) => {
      input.enter('Opus');
    });
    expect(inputs.now.labels).toEqual(['Ask', 'Accept Edits', 'Plan', "Don't Ask"]);
    await then((input) => {
      input.enter('Plan');
    });
    await then((input) => {
      input.type('Answer in verse.');
      input.enter();
    });
    expect((await wanted)?.options).toEqual({
      name: 'Review',
      model: 'opus',
      mode: 'plan',
      appendSystemPrompt: 'Answer in verse.',
    });
  });

  it('S1 takes the name of a model that the program does not list, and all where it said nothing yet', async () => {
    const wanted = ask({ program: () => null });
    await then((input) => {
      input.enter();
    });
    expect(inputs.now.labels).toEqual(['Default']);
    inputs.now.type('claude-next');
    expect(inputs.now.items).toMatchObject([{ label: 'Default' }, { label: 'claude-next', alwaysShow: true }]);
    inputs.now.type('');
    expect(inputs.now.labels).toEqual(['Default']);
    inputs.now.type('claude-next');
    await then((input) => {
      input.enter('claude-next');
    });
    await then((input) => {
      input.back();
    });
    expect([inputs.now.labels, inputs.now.marked]).toEqual([['Default', 'claude-next'], 'claude-next']);
    for (let step = 0; step < 3; step += 1) {
      await then((input) => {
        input.enter();
      });
    }
    expect((await wanted)?.options.model).toBe('claude-next');
  });

  it('S1 goes back with the answers kept; the first step has no way back', async () => {
    const wanted = ask();
    expect(inputs.now.buttons).toEqual([]);
    await then((input) => {
      input.type('Review');
      input.enter();
    });
    expect(inputs.now.buttons).toEqual(['back']);
    await then((input) => {
      input.enter('Haiku');
    });
    await then((input) => {
      input.back();
    });
    expect([place(inputs.now), inputs.now.marked]).toEqual(['New Session With Options (2/4)', 'Haiku']);
    await then((input) => {
      input.back();
    });
    expect([place(inputs.now), inputs.now.value]).toEqual(['New Session With Options (1/4)', 'Review']);
    for (let step = 0; step < 4; step += 1) {
      await then((input) => {
        input.enter();
      });
    }
    expect((await wanted)?.options).toMatchObject({ name: 'Review', model: 'haiku' });
  });

  it('S1 makes nothing when any step is left with Escape', async () => {
    for (let leave = 0; leave < 4; leave += 1) {
      const wanted = ask();
      for (let step = 0; step < leave; step += 1) {
        await then((input) => {
          input.enter();
        });
      }
      await then((input) => {
        input.escape();
      });
      expect(await wanted).toBeNull();
    }
    expect(inputs.all.every(({ isLeft }) => isLeft)).toBe(true);
  });

  it('S9 asks for the folder first where there are several, with the one at hand marked', async () => {
    const asked: string[] = [];
    const wanted = ask({
      folders: [one, two],
      preferred: two.path,
      program: (folder) => {
        asked.push(folder);
        return program;
      },
    });
    expect(place(inputs.now)).toBe('New Session With Options (1/5)');
    expect(inputs.now.items).toMatchObject([
      { label: 'one', description: 'branch main', detail: '/work/one' },
      { description: 'worktree of /work/one', detail: '/work/two' },
    ]);
    expect(inputs.now.marked).toMatch(/^two .*bug/);
    for (let step = 0; step < 5; step += 1) {
      await then((input) => {
        input.enter();
      });
    }
    expect((await wanted)?.folder).toBe('/work/two');
    expect(asked).toEqual(['/work/two']);
  });

  it('S9 forgets the model when another folder is chosen, which may have others', async () => {
    const wanted = ask({ folders: [one, two] });
    for (const label of ['one', undefined, 'Opus']) {
      await then((input) => {
        input.enter(label);
      });
    }
    for (let step = 0; step < 3; step += 1) {
      await then((input) => {
        input.back();
      });
    }
    await then((input) => {
      input.enter(input.labels[1]);
    });
    for (let step = 0; step < 4; step += 1) {
      await then((input) => {
        input.enter();
      });
    }
    expect(await wanted).toMatchObject({ folder: '/work/two', options: { model: null } });
  });

  it('S9 asks nothing where there is no folder', async () => {
    expect(await ask({ folders: [] })).toBeNull();
    expect(inputs.all).toEqual([]);
  });
});
