import { isAbsolute, join } from 'node:path';
import type { Answer, AnswerBlock } from '../script.js';
import { toolUse } from '../answers.js';
import type { DemoContext, DemoSkill } from './demo.js';
import { lively, planDocument } from './texts.js';

/** The file that a prompt names: the first text in backticks, or the first word with a file's ending. */
function fileIn(prompt: string): string | undefined {
  const quoted = /`([^`\n]+)`/.exec(prompt)?.[1];
  return quoted ?? /(?:^|[\s"'(@])([\w./~-]*\w{2,}\.[a-z][a-z0-9]{0,7})\b/i.exec(prompt)?.[1];
}

/** A path as the CLI wants it: absolute, from the folder it works in. */
function absolute({ turn }: DemoContext, file: string): string {
  return isAbsolute(file) ? file : join(turn.workingDirectory === '' ? '/' : turn.workingDirectory, file);
}

/** A short text, then tool calls. */
function announce(text: string, ...tools: AnswerBlock[]): Answer {
  return { blocks: [{ type: 'text', text, chunk: lively }, ...tools] };
}

function bash(command: string, description: string): AnswerBlock {
  return toolUse('Bash', { command, description });
}

/** A TypeScript module or a note, by the ending of the file's name. */
function contentFor(file: string): string {
  if (/\.[cm]?[jt]sx?$/.test(file)) {
    return '/** Greets someone. */\nexport function greet(name) {\n  return `Hello, ${name}!`;\n}\n';
  }
  if (file.endsWith('.json')) return '{\n  "writtenBy": "the demo model"\n}\n';
  return '# Written by the demo model\n\nYou asked for a file, and here it is.\n';
}

function command({ prompt }: DemoContext): Answer {
  const quoted = /`([^`\n]+)`/.exec(prompt)?.[1];
  if (quoted !== undefined) return announce(`I will run \`${quoted}\`.`, bash(quoted, 'Run the command you gave'));
  if (/\btests?\b/i.test(prompt)) return announce('I will run the tests.', bash('npm test', 'Run the tests'));
  if (/\bhuge|\bbig\b/i.test(prompt)) {
    return announce('I will print 20,000 lines.', bash('seq -f "line %g of a very long output" 20000', 'Print a lot'));
  }
  if (/\bsleep|\bwait/i.test(prompt)) return announce('I will wait for 20 seconds.', bash('sleep 20; date', 'Wait'));
  return announce('I will look at the files here.', bash('ls -la', 'List the files'));
}

/** Plan mode is entered, the plan written to the file that the CLI names, and shown for approval. */
export function planStep(context: DemoContext): Answer {
  const { notices } = context.turn;
  const planFile = /(\/\S+\/plans\/[^\s`]+\.md)/.exec(notices)?.[1];
  const planning = /Plan mode (is|still) active/i.test(notices);
  const written = context.turn.toolRounds.some(({ name }) => name === 'Write');
  if (!planning) return announce('I will think first and show you a plan.', toolUse('EnterPlanMode', {}));
  if (planFile !== undefined && !written) {
    return announce('Here is what I would do.', toolUse('Write', { file_path: planFile, content: planDocument }));
  }
  return { blocks: [toolUse('ExitPlanMode', { plan: planDocument })] };
}

function question(): Answer {
  const runners = {
    question: 'Which test runner do you like best?',
    header: 'Runner',
    multiSelect: false,
    options: [
      { label: 'Vitest', description: 'Fast, with TypeScript built in' },
      { label: 'node:test', description: 'Nothing to install' },
      { label: 'Mocha', description: 'Known for long' },
    ],
  };
  const checks = {
    question: 'Which checks shall run before a commit?',
    header: 'Checks',
    multiSelect: true,
    options: [
      { label: 'Types', description: 'The TypeScript compiler' },
      { label: 'Lint', description: 'ESLint' },
      { label: 'Tests', description: 'The whole suite' },
    ],
  };
  return announce(
    'Before I go on, I would like to know two things.',
    toolUse('AskUserQuestion', { questions: [runners, checks] }),
  );
}

function subagent({ request }: DemoContext): Answer {
  // The tool's name differs between releases; the request says which one it is.
  const tool = request.tools.find(({ name }) => name === 'Agent' || name === 'Task');
  const input = {
    description: 'Look at the files',
    prompt: 'Please list files in this folder and say what you found.',
    subagent_type: 'general-purpose',
    // Agents run in the background unless told otherwise, where the CLI knows the difference.
    ...(tool?.parameters.includes('run_in_background') === true ? { run_in_background: false } : {}),
  };
  return announce('I will let a subagent look at that.', toolUse(tool?.name ?? 'Task', input));
}

function parallel(context: DemoContext): Answer {
  return announce(
    'Four things at once. Two of them need your permission.',
    bash('ls -la', 'List the files'),
    toolUse('Read', { file_path: absolute(context, 'README.md') }),
    bash('mkdir -p demo-output', 'Make a folder'),
    toolUse('Write', { file_path: absolute(context, 'demo-notes.md'), content: contentFor('demo-notes.md') }),
  );
}

function read(context: DemoContext, announcement: (file: string) => string): Answer {
  const file = fileIn(context.prompt) ?? 'README.md';
  return announce(announcement(file), toolUse('Read', { file_path: absolute(context, file) }));
}

function write(context: DemoContext): Answer {
  const file = fileIn(context.prompt) ?? 'demo-notes.md';
  const input = { file_path: absolute(context, file), content: contentFor(file) };
  return announce(`I will write \`${file}\`.`, toolUse('Write', input));
}

/** The demo's answers that call tools. */
export const tooling: readonly DemoSkill[] = [
  { name: 'question', words: /\bask me\b|\bquestion\b/i, answer: question },
  { name: 'plan', words: /\bplan\b/i, answer: planStep },
  { name: 'subagent', words: /\bsub-?agents?\b|\b(use|start|spawn) an agent\b/i, answer: subagent },
  { name: 'parallel', words: /\bparallel\b|\bat once\b|\b(several|four|many) tools\b/i, answer: parallel },
  {
    name: 'edit',
    words: /\bedit\b|\b(change|replace|modify|propose)\b/i,
    answer: (context) => read(context, (file) => `I will read \`${file}\` first.`),
  },
  { name: 'command', words: /\b(run|execute|list|bash|shell|output|command)\b|\bls\b/i, answer: command },
  {
    name: 'read',
    words: /\b(read|open|show|look at)\b.*(`[^`]+`|\w{2,}\.[a-z]\w*)/i,
    answer: (context) => read(context, (file) => `I will read \`${file}\`.`),
  },
  {
    name: 'write',
    words: /\b(write|create|make|add)\b.*(\bfile\b|`[^`]+`|\w{2,}\.[a-z]\w*)/i,
    answer: write,
  },
];
