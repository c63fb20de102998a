import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sound } from './breach.js';
import { compilerBreaches } from './compilerBreaches.js';
import { typedBreaches, untypedBreaches } from './lintBreaches.js';
import { Sandbox, lintTexts, type Findings } from './sandbox.js';

const files = (breaches: readonly { at: string; code: string }[]) =>
  Object.fromEntries(breaches.map(({ at, code }) => [at, code]));

describe('architecture', () => {
  let sandbox: Sandbox;
  let compiled: Findings;
  let typed: Findings;
  let untyped: Findings;

  beforeAll(async () => {
    sandbox = new Sandbox({ ...sound, ...files(compilerBreaches), ...files(typedBreaches) });
    [compiled, typed, untyped] = await Promise.all([
      sandbox.compile(),
      sandbox.lint([...Object.keys(sound), ...typedBreaches.map(({ at }) => at)]),
      lintTexts(untypedBreaches),
    ]);
  }, 180_000);

  afterAll(() => {
    sandbox.dispose();
  });

  it('every breach lies in a file of its own', () => {
    const paths = [...compilerBreaches, ...typedBreaches, ...untypedBreaches].map(({ at }) => at);
    expect(paths).toEqual([...new Set(paths)]);
  });

  it.each(Object.keys(sound))('%s, which breaks nothing, passes', (file) => {
    expect(compiled.get(file) ?? []).toEqual([]);
    expect(typed.get(file)).toEqual([]);
  });

  it('the compiler’s configuration itself is sound', () => {
    expect(compiled.get('') ?? []).toEqual([]);
  });

  it.each(compilerBreaches)('the compiler refuses: $rule ($at)', ({ at, caught }) => {
    expect(compiled.get(at)).toContain(caught);
  });

  it.each(typedBreaches)('lint, with types, refuses: $rule', ({ at, caught }) => {
    expect(typed.get(at)).toContain(caught);
  });

  it.each(untypedBreaches)('lint refuses: $rule', ({ at, caught }) => {
    expect(untyped.get(at)).toContainEqual(expect.stringContaining(caught));
  });
});
