import path from 'node:path';

/**
 * Who may import whom. A folder not named here (test) may import everything that the compiler lets it.
 * Order matters: the first prefix that fits a file's path is its zone.
 * @type {ReadonlyArray<{ zone: string, may: readonly string[] }>}
 */
const zones = [
  { zone: 'src/base/', may: ['src/base/'] },
  { zone: 'src/protocol/', may: ['src/base/', 'src/protocol/'] },
  { zone: 'src/core/', may: ['src/base/', 'src/protocol/', 'src/core/'] },
  { zone: 'src/node/', may: ['src/base/', 'src/protocol/', 'src/core/', 'src/node/'] },
  { zone: 'src/vscode/', may: ['src/base/', 'src/protocol/', 'src/core/', 'src/vscode/'] },
  {
    zone: 'src/compose.ts',
    may: ['src/base/', 'src/protocol/', 'src/core/', 'src/node/', 'src/vscode/', 'src/compose/'],
  },
  {
    zone: 'src/compose/',
    may: ['src/base/', 'src/protocol/', 'src/core/', 'src/node/', 'src/vscode/', 'src/compose/'],
  },
  {
    zone: 'src/extension.ts',
    may: ['src/base/', 'src/protocol/', 'src/core/', 'src/node/', 'src/vscode/', 'src/compose.'],
  },
  { zone: 'src/', may: [] },
  { zone: 'webview-ui/', may: ['src/base/', 'src/protocol/', 'src/core/session/', 'webview-ui/'] },
  { zone: 'test/support/editor/', may: ['src/base/', 'scripts/', 'test/support/'] },
  {
    zone: 'test/support/',
    may: ['src/base/', 'src/protocol/', 'src/core/', 'src/node/', 'test/support/'],
  },
  {
    zone: 'scripts/',
    may: ['src/base/', 'src/protocol/', 'src/core/', 'src/node/', 'test/support/', 'scripts/', 'package.json'],
  },
];

/**
 * Packages that only some files may import. `in`: path prefixes. `types`: where `import type` is allowed as well.
 * `names`: exports that nobody may import; such a package is imported by name only, so that none slips through.
 * @type {ReadonlyArray<{ name: RegExp, in: readonly string[], types?: readonly string[], names?: readonly string[], why: string }>}
 */
const packages = [
  {
    name: /^vscode$/u,
    in: ['src/vscode/', 'src/extension.ts', 'src/compose.ts', 'src/compose/', 'test/'],
    why: 'the editor is for src/vscode, the composition and extension.ts',
  },
  { name: /^node-pty(\/|$)/u, in: ['src/node/claude/ptyTransport.ts', 'test/'], why: 'ptyTransport.ts owns node-pty' },
  { name: /^lowdb(\/|$)/u, in: ['src/node/store/jsonStore.ts'], why: 'jsonStore.ts owns lowdb' },
  {
    name: /^vscode-languageclient(\/|$)/u,
    in: ['src/vscode/languageClient.ts'],
    why: 'languageClient.ts owns vscode-languageclient',
  },
  {
    name: /^(node:)?child_process$/u,
    in: ['src/node/', 'scripts/', 'test/', 'lint/'],
    names: ['exec', 'execSync'],
    why: 'processes are started in src/node, and never through a shell',
  },
  { name: /^(node:)?process$/u, in: ['src/node/', 'scripts/', 'test/'], why: 'the environment is read in src/node' },
  {
    name: /^@anthropic-ai\/claude-agent-sdk(\/|$)/u,
    in: ['test/conformance/', 'test/bench/'],
    types: ['src/protocol/', 'test/'],
    why: 'the Agent SDK gives types to src/protocol and is run in test/conformance and test/bench only',
  },
];

/** Whether `file` is in, or is, one of `places`. */
const isIn = (/** @type {string} */ file, /** @type {readonly string[]} */ places) =>
  places.some((place) => file.startsWith(place));

/**
 * The rule `arbor/boundaries`: each import, static or dynamic, of a value or a type, against the two tables above.
 * @type {import('eslint').Rule.RuleModule}
 */
export const boundaries = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      zone: '{{from}} may not import {{to}}.',
      outside: 'Nothing outside the repository is imported.',
      package: '{{name}} may not be imported here: {{why}}.',
      name: '{{export}} of {{name}} may not be imported: {{why}}.',
      computed: 'The name of an imported module is a plain string.',
    },
  },
  create(context) {
    const file = path.relative(context.cwd, context.filename).split(path.sep).join('/');
    const zone = zones.find((each) => file.startsWith(each.zone));

    /** @param {any} node where to report @param {string} specifier what is imported @param {boolean} isType */
    function checkRelative(node, specifier) {
      const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
      if (target.startsWith('..')) {
        context.report({ node, messageId: 'outside' });
      } else if (zone !== undefined && !isIn(target, zone.may)) {
        context.report({ node, messageId: 'zone', data: { from: zone.zone, to: target } });
      }
    }

    function check(node, source, isType, specifiers) {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') {
        if (file.startsWith('src/') || file.startsWith('webview-ui/')) context.report({ node, messageId: 'computed' });
        return;
      }
      const specifier = source.value;
      if (specifier.startsWith('.')) return checkRelative(node, specifier);
      if (path.isAbsolute(specifier)) return context.report({ node, messageId: 'outside' });
      const entry = packages.find((each) => each.name.test(specifier));
      if (entry === undefined) return;
      const places = isType ? [...entry.in, ...(entry.types ?? [])] : entry.in;
      if (!isIn(file, places)) {
        context.report({ node, messageId: 'package', data: { name: specifier, why: entry.why } });
      }
      if (entry.names === undefined) return;
      for (const name of specifiers) {
        if (name === '*' || entry.names.includes(name)) {
          context.report({ node, messageId: 'name', data: { export: name, name: specifier, why: entry.why } });
        }
      }
    }

    const nameOf = (node) => (node.type === 'Identifier' ? node.name : String(node.value));
    return {
      ImportDeclaration(node) {
        const isType =
          node.importKind === 'type' ||
          (node.specifiers.length > 0 && node.specifiers.every((each) => each.importKind === 'type'));
        const names = node.specifiers.map((each) => (each.type === 'ImportSpecifier' ? nameOf(each.imported) : '*'));
        check(node, node.source, isType, names);
      },
      ExportNamedDeclaration(node) {
        if (node.source === null) return;
        const names = node.specifiers.map((each) => nameOf(each.local));
        check(node, node.source, node.exportKind === 'type', names);
      },
      ExportAllDeclaration(node) {
        check(node, node.source, node.exportKind === 'type', ['*']);
      },
      ImportExpression(node) {
        check(node, node.source, false, ['*']);
      },
      TSImportType(node) {
        check(node, node.source ?? node.argument?.literal, true, []);
      },
      TSImportEqualsDeclaration(node) {
        if (node.moduleReference.type !== 'TSExternalModuleReference') return;
        check(node, node.moduleReference.expression, node.importKind === 'type', ['*']);
      },
      'CallExpression[callee.name="require"]'(node) {
        check(node, node.arguments[0], false, ['*']);
      },
    };
  },
};
