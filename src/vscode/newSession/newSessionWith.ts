import { makeLineVisible } from '../../base/visibleText.js';
import { modeChoices, type FolderView } from '../../core/chat/snapshot.js';
import type { ProgramInfo } from '../../core/ports.js';
import type { SessionOptions } from '../../core/session/sessionOptions.js';
import type { PermissionMode } from '../../protocol/cli/lines.js';
import { folderItems } from '../folderPick.js';
import { askChoice, askText, type StepChoice, type StepPlace, type StepResult } from './multiStep.js';

/** What the steps work with. */
export interface NewSessionParts {
  /** The workspace's folders. */
  readonly folders: readonly FolderView[];
  /** The folder that is offered first, absolute; the first one where it is none of them. */
  readonly preferred: string | null;
  /** What the program says of itself in a folder, or null before it was started. */
  readonly program: (folder: string) => ProgramInfo | null;
}

/** A session that the user wants. */
export interface WantedSession {
  /** Absolute path. */
  readonly folder: string;
  readonly options: SessionOptions;
}

interface Answers {
  folder: string;
  name: string;
  model: string | null;
  mode: PermissionMode;
  instructions: string;
}

type Step = (place: StepPlace, answers: Answers, parts: NewSessionParts) => Promise<StepResult<(to: Answers) => void>>;

/**
 * Asks step by step for what a new session is to have. Enter skips a step, Back returns to the one before with its answer kept.
 * @returns null when the user thought better of it, or when there is no folder
 */
export async function askNewSession(parts: NewSessionParts): Promise<WantedSession | null> {
  const [first] = parts.folders;
  if (!first) return null;
  const { path: folder } = parts.folders.find(({ path }) => path === parts.preferred) ?? first;
  const answers: Answers = { folder, name: '', model: null, mode: 'default', instructions: '' };
  const steps = [...(parts.folders.length > 1 ? [askFolder] : []), askName, askModel, askMode, askInstructions];
  for (let at = 0; at < steps.length;) {
    const place = { title: 'New Session With Options', step: at + 1, totalSteps: steps.length };
    const result = await steps[at]?.(place, answers, parts);
    if (!result || result.kind === 'cancel') return null;
    if (result.kind === 'next') result.value(answers);
    at += result.kind === 'next' ? 1 : -1;
  }
  const { name, model, mode, instructions } = answers;
  return { folder: answers.folder, options: { name, model, mode, appendSystemPrompt: instructions } };
}

const askFolder: Step = async (place, { folder }, { folders }) => {
  const choices = folderItems(folders).map((item) => ({ ...item, value: item.folder }));
  const step = { placeholder: 'The folder that Claude works in', choices, current: folder };
  return taken(await askChoice(place, step), (answers, value) => {
    // Another folder may have other models.
    if (answers.folder !== value) answers.model = null;
    answers.folder = value;
  });
};

const askName: Step = async (place, { name }) => {
  const step = {
    prompt: 'A name, or Enter to have it named after what you say first',
    placeholder: 'Name (optional)',
    value: name,
  };
  return taken(await askText(place, step), (answers, value) => {
    answers.name = value;
  });
};

const askModel: Step = async (place, { folder, model }, { program }) => {
  const step = {
    placeholder: 'The model, or type the name of another one',
    choices: modelChoices(program(folder), model),
    current: model,
    other: (text: string): StepChoice<string | null> => ({ label: text, description: 'this model', value: text }),
  };
  return taken(await askChoice(place, step), (answers, value) => {
    answers.model = value;
  });
};

const askMode: Step = async (place, { mode }) => {
  const choices = modeChoices.map(({ value, label, description }) => ({ label, detail: description, value }));
  const step = { placeholder: 'The permission mode', choices, current: mode };
  return taken(await askChoice(place, step), (answers, value) => {
    answers.mode = value;
  });
};

const askInstructions: Step = async (place, { instructions }) => {
  const step = {
    prompt: 'Added to Claude’s own system prompt for this session; Enter begins the session',
    placeholder: 'Instructions (optional)',
    value: instructions,
  };
  return taken(await askText(place, step), (answers, value) => {
    answers.instructions = value;
  });
};

/** The program's default first, then those that it lists, and one that was typed before. */
function modelChoices(program: ProgramInfo | null, typed: string | null): readonly StepChoice<string | null>[] {
  const listed = program?.models ?? [];
  const byDefault = listed.find(({ value }) => value === 'default');
  const others = listed.filter(({ value }) => value !== 'default');
  const isListed = typed === null || others.some(({ value }) => value === typed);
  return [
    {
      label: 'Default',
      detail: shown(byDefault?.description ?? '') || 'What the program takes by itself.',
      value: null,
    },
    ...others.map(({ value, label, description }) => ({ label: shown(label), detail: shown(description), value })),
    ...(isListed ? [] : [{ label: shown(typed), value: typed }]),
  ];
}

function shown(text: string): string {
  return makeLineVisible(text);
}

function taken<T>(result: StepResult<T>, set: (answers: Answers, value: T) => void): StepResult<(to: Answers) => void> {
  if (result.kind !== 'next') return result;
  const { value } = result;
  return {
    kind: 'next',
    value: (answers) => {
      set(answers, value);
    },
  };
}
