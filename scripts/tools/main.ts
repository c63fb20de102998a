// `tsx scripts/tools/main.ts [what…]`: installs the programs named (`editor`, `claude`, `old-claude`, `chromium`; all
// by default) and prints their paths.
import { chromiumProgram } from './chromium.js';
import { claudeProgram } from './claude.js';
import { editorProgram } from './editor.js';
import { oldClaudeVersion } from './pins.js';
import { lineProgress } from './progress.js';
import { reportAndExit } from './reportAndExit.js';
import { ToolError } from './toolError.js';

const progress = lineProgress();
const recipes: Readonly<Record<string, () => Promise<string>>> = {
  editor: async () => (await editorProgram(progress)).entry,
  claude: () => claudeProgram(progress),
  'old-claude': () => claudeProgram(progress, oldClaudeVersion),
  chromium: () => chromiumProgram(progress),
};

async function main(wanted: readonly string[]): Promise<void> {
  for (const what of wanted.length > 0 ? wanted : Object.keys(recipes)) {
    const recipe = recipes[what];
    if (!recipe) {
      throw new ToolError(`There is no tool "${what}". Known: ${Object.keys(recipes).join(', ')}.`);
    }
    process.stdout.write(`${what}: ${await recipe()}\n`);
  }
}

main(process.argv.slice(2)).catch(reportAndExit);
