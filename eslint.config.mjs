import tseslint from 'typescript-eslint';
import { boundaries } from './lint/boundaries.mjs';
import { docstring, fileName } from './lint/house.mjs';

const typescript = ['**/*.ts', '**/*.tsx', '**/*.mts'];
/** What ships: the extension and the chat view. */
const product = ['src/**/*.ts', 'webview-ui/**/*.ts', 'webview-ui/**/*.tsx'];
const configFiles = ['**/*.config.ts', '**/*.config.mts', '**/*.config.mjs'];

/** Syntax that is refused, by what it is for; a later block of the configuration replaces an earlier one, so they are joined. */
const refused = {
  shell: {
    selector: 'CallExpression Property[key.name="shell"]:not([value.value=false])',
    message: 'No shell ever sees text of the user.',
  },
  enums: { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
  namespaces: { selector: 'TSModuleDeclaration[kind="namespace"]', message: 'Use a module.' },
  defaultExport: {
    selector: 'ExportDefaultDeclaration, ExportSpecifier[exported.name="default"]',
    message: 'Exports are named.',
  },
  barrel: {
    selector: 'ExportAllDeclaration, ExportNamedDeclaration[source.value=/^\\./]',
    message: 'No barrels: import from the file that declares it.',
  },
  environment: {
    selector:
      'MemberExpression[object.name="process"][property.name="env"], VariableDeclarator[init.name="process"] Property[key.name="env"]',
    message: 'The environment is read in src/node and passed on as a parameter.',
  },
  moduleState: {
    selector: [
      'Program > VariableDeclaration[kind=/^(let|var)$/]',
      'Program > ExportNamedDeclaration > VariableDeclaration[kind=/^(let|var)$/]',
      ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator > NewExpression[callee.name=/^(Weak)?(Map|Set)$/][arguments.length=0]',
    ].join(', '),
    message: 'No state in modules: an object that somebody owns and disposes of holds it.',
  },
  importMeta: { selector: 'MetaProperty', message: 'The bundle is CommonJS and has no import.meta.' },
  skippedTest: {
    selector:
      'CallExpression[callee.object.name=/^(it|test|describe)$/][callee.property.name=/^(skip|only|todo|fails)$/]',
    message: 'Every test runs.',
  },
  sleep: {
    selector: 'CallExpression[callee.property.name="waitForTimeout"]',
    message: 'A test waits for a condition, not for time to pass.',
  },
};
const everywhere = [refused.shell, refused.enums, refused.namespaces, refused.defaultExport];
const inProduct = [...everywhere, refused.barrel, refused.environment, refused.moduleState];

export default tseslint.config(
  {
    ignores: ['dist/', 'out/', 'node_modules/', 'test/fixtures/', '.ci/', '**/*.d.ts', '**/*.d.mts'],
  },
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { arbor: { rules: { boundaries, docstring, 'file-name': fileName } } },
    rules: {
      'arbor/boundaries': 'error',
      'arbor/file-name': 'error',
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      'no-restricted-syntax': ['error', ...everywhere],
    },
  },
  {
    files: typescript,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { checkThenables: true, ignoreVoid: false }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-assertions': [
        'error',
        { assertionStyle: 'as', objectLiteralTypeAssertions: 'never' },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'interface', format: ['PascalCase'], custom: { regex: '^I[A-Z][a-z]', match: false } },
        { selector: 'typeLike', format: ['PascalCase'] },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
    },
  },
  {
    files: product,
    rules: {
      'arbor/docstring': 'error',
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...inProduct, refused.importMeta],
      '@typescript-eslint/no-unsafe-type-assertion': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
    },
  },
  {
    // The one place that reads the environment.
    files: ['src/node/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...inProduct.filter((each) => each !== refused.environment),
        refused.importMeta,
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'test/**/*.tsx'],
    rules: {
      'no-restricted-syntax': ['error', ...everywhere, refused.skippedTest, refused.sleep],
      // Expectations on mocks name methods without calling them.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: configFiles,
    rules: {
      'no-restricted-syntax': ['error', ...everywhere.filter((each) => each !== refused.defaultExport)],
    },
  },
);
