import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  appState,
  batch,
  card,
  claude,
  prose,
  sceneUsage,
  snapshot,
  tool,
  user,
} from '../../../webview-ui/dev/build.js';
import { ViewBench, type View } from './viewPage.js';

let bench: ViewBench;
let view: View;
beforeAll(async () => {
  bench = await ViewBench.start();
  view = await bench.open();
  await view.send(appState());
}, 60_000);
afterAll(async () => {
  await bench.close();
});

/** What a model that means harm, or repeats what a web page told it, could write. */
const hostile: readonly string[] = [
  '<script>window.owned = 1</script>',
  '<img src=x onerror="window.owned = 1">',
  '<svg onload="window.owned = 1"><a xlink:href="javascript:window.owned=1">x</a></svg>',
  '<style>* { display: none }</style>',
  '<iframe srcdoc="<script>parent.owned = 1</script>"></iframe>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.owned=1&gt;">',
  '<form action="https://evil.example"><input name="a"><button>go</button></form>',
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example">',
  '<a href="javascript:window.owned=1">click</a>',
  '<details open ontoggle="window.owned = 1">x</details>',
  '<div id="app" class="composer" style="position:fixed;inset:0">x</div>',
  '[click](javascript:window.owned=1)',
  '[click](JaVaScRiPt:window.owned=1)',
  '[click](java\nscript:window.owned=1)',
  '[click](&#106;avascript:window.owned=1)',
  '[click](\u0001javascript:window.owned=1)',
  '[click](vbscript:x)',
  '[click](data:text/html,<script>window.owned=1</script>)',
  '[run](command:workbench.action.terminal.sendSequence?%7B%7D)',
  '[open](vscode://extension/evil)',
  '[open](vscode-resource:/etc/passwd)',
  '[open](//evil.example/a)',
  '[open](\\\\evil.example\\share)',
  '[blob](blob:https://evil.example/1)',
  '[about](about:blank)',
  '[x](https://)',
  '![track](https://evil.example/pixel.gif)',
  '![x](https://evil.example/"onerror="window.owned=1)',
  '![x" onerror="window.owned=1](https://evil.example/a)',
  '[x](https://evil.example/a "t\\" onmouseover=\\"window.owned=1")',
  '<javascript:window.owned=1>',
  '<command:evil>',
  '```"><script>window.owned=1</script>\ncode\n```',
  '```ts" onclick="window.owned=1\ncode\n```',
  '```js\n</code></pre><script>window.owned = 1</script>\n```',
  '`</code><img src=x onerror=window.owned=1>`',
  '| a" style="x |\n|:--:|\n| <img src=x onerror=window.owned=1> |',
  '[ref]\n\n[ref]: javascript:window.owned=1 "x"',
  '# <img src=x onerror=window.owned=1>',
  '- [x] <script>window.owned=1</script>',
  '&lt;script&gt;window.owned=1&lt;/script&gt;',
  'https://evil.example/<script>window.owned=1</script>',
  '[a](https://evil.example)[b](https://evil.example/\u202egpj.exe)',
];

const addresses = [
  'href',
  'src',
  'srcset',
  'action',
  'formaction',
  'xlink:href',
  'srcdoc',
  'style',
  'id',
  'name',
  'poster',
];

interface Findings {
  readonly elements: readonly string[];
  readonly attributes: readonly string[];
}

/** What is in the conversation that our own code would never put there. */
async function findings(): Promise<Findings> {
  return view.page.evaluate((names) => {
    const found: { elements: string[]; attributes: string[] } = { elements: [], attributes: [] };
    for (const element of document.querySelectorAll('.prose *')) {
      if (
        !/^(P|BR|HR|STRONG|EM|S|CODE|PRE|BLOCKQUOTE|UL|OL|LI|A|H[1-6]|TABLE|THEAD|TBODY|TR|TH|TD|DIV|SPAN|BUTTON)$/.test(
          element.tagName,
        )
      )
        found.elements.push(element.outerHTML);
      for (const { name, value } of element.attributes) {
        if (name.startsWith('on') || names.includes(name)) found.attributes.push(`${name}=${value}`);
        if (/^data-(href|file)$/.test(name) && !/^(https?:\/\/[^/]|mailto:|(?![\\/]{2})[^:]+(:\d+)?$)/.test(value)) {
          found.attributes.push(`${name}=${value}`);
        }
      }
      for (const name of element.classList) {
        if (!/^(code|code-bar|code-chunk|icon|icon-copy|icon-button|table-scroll|colour-\d+)$/.test(name)) {
          found.attributes.push(`class=${name}`);
        }
      }
    }
    return found;
  }, addresses);
}

async function expectHarmless(): Promise<void> {
  expect(await findings()).toEqual({ elements: [], attributes: [] });
  for (const link of await view.page.locator('.prose a').all()) await link.click({ button: 'middle' });
  for (const link of await view.page.locator('.prose a').all()) await link.click();
  await view.frame();
  expect(await view.page.evaluate('window.owned')).toBeUndefined();
  expect(view.page.url()).toBe(bench.address);
  expect(view.page.context().pages().length).toBe(1);
  for (const post of await view.posts()) {
    if (post.type === 'openLink') expect(post.href).toMatch(/^(?:https?:\/\/|mailto:)/);
  }
  expect(view.troubles).toEqual([]);
}

describe('hostile text', () => {
  it('U5 in an answer is only text, links that ask the host, and code', async () => {
    await view.send(
      snapshot([
        claude(
          1,
          hostile.map((text, index) => prose(`p${String(index)}`, text)),
        ),
      ]),
    );
    await view.page.waitForSelector('.prose p');
    await expectHarmless();
  });

  it('U5 is as harmless when it streams in', async () => {
    await view.send(snapshot([]), batch(0, [{ kind: 'start', turn: 't', prompt: null, at: 0 }]));
    let next = 1;
    for (const [index, text] of hostile.entries()) {
      const block = { parent: null, message: 'm', index };
      const events = Array.from(text, (piece) => batch(next++, [{ kind: 'text', block, text: piece, whole: false }]));
      await view.send(...events);
    }
    expect(await findings()).toEqual({ elements: [], attributes: [] });
    await view.send(batch(next, [{ kind: 'complete', turn: 't', usage: sceneUsage }]));
    await expectHarmless();
  });

  it('U5 in prompts, tools, errors and names is shown as it is', async () => {
    const evil = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>';
    await view.send(
      snapshot(
        [
          user(1, evil),
          claude(2, [
            tool('t', evil, { [evil]: evil }, { result: evil, state: 'failed' }),
            tool('b', 'Bash', { command: evil, description: evil }, { state: 'denied', deniedReason: evil }),
            tool('e', 'Edit', { file_path: evil, old_string: evil, new_string: evil }),
            tool('q', 'AskUserQuestion', { questions: [{ question: evil, options: [{ label: evil }] }, 7, null] }),
            tool('w', 'TodoWrite', { todos: [{ content: evil, status: evil }, 'x'] }),
            tool('p', 'ExitPlanMode', { plan: evil }),
            tool('x', 'constructor', { toString: 'x', __proto__: { a: 1 } }),
            card('c', 'error', { what: evil, kept: evil, next: evil, detail: evil }),
          ]),
        ],
        {
          name: evil,
          branch: evil,
          worktree: { name: evil, repository: evil },
          folder: { name: evil, path: evil },
          queue: [{ id: 'q', text: evil }],
        },
      ),
    );
    expect(await view.page.locator('#app :is(img, script, iframe)').count()).toBe(0);
    await expectHarmless();
  });

  it('A1 shows what a command really holds, and copies code as it was written', async () => {
    const turned = 'echo safe \u202e; rm -rf ~ #\u202c\u200b\u0007';
    await view.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await view.send(
      snapshot([claude(1, [tool('b', 'Bash', { command: turned }), prose('p', `\`\`\`sh\n${turned}\n\`\`\``)])]),
    );
    const shown = 'echo safe ⟨U+202E⟩; rm -rf ~ #⟨U+202C⟩⟨U+200B⟩⟨U+0007⟩';
    expect(await view.page.locator('.kind-command').textContent()).toBe(shown);
    expect(await view.page.locator('.code pre').textContent()).toBe(shown);
    await view.page.getByRole('button', { name: 'Copy code' }).click();
    await view.page.waitForSelector('.code .icon-check');
    expect(await view.page.evaluate(() => navigator.clipboard.readText())).toBe(`${turned}\n`);
  });
});
