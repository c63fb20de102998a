import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folderNames } from '../../../../src/core/chat/folderNames.js';

function names(...folders: readonly (readonly [name: string, path: string])[]): readonly string[] {
  return [...folderNames(folders.map(([name, path]) => ({ name, path }))).values()];
}

describe('The names of folders', () => {
  it('S9 are as they are where no two are the same', () => {
    expect(names(['api', '/one/api'], ['web', '/one/web'])).toEqual(['api', 'web']);
  });

  it('S9 say as much of the path as tells them apart', () => {
    expect(names(['api', '/one/api'], ['api', '/two/api'], ['web', '/web'])).toEqual(['api (one)', 'api (two)', 'web']);
    expect(names(['api', '/a/x/api'], ['api', '/b/x/api'])).toEqual(['api (a/x)', 'api (b/x)']);
    expect(names(['api', 'C:\\one\\api'], ['api', 'D:\\one\\api'])).toEqual(['api (C:/one)', 'api (D:/one)']);
  });

  it('S9 are the whole path where one is around the other', () => {
    expect(names(['x', '/x'], ['x', '/x/x'])).toEqual(['x (/x)', 'x (x)']);
  });

  it('S9 are never the same', () => {
    const part = fc.constantFrom('a', 'b', 'api');
    const paths = fc.uniqueArray(
      fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(paths, (given) => {
        const made = names(...given.map((path) => [path.slice(path.lastIndexOf('/') + 1), path] as const));
        expect(new Set(made).size).toBe(given.length);
      }),
    );
  });
});
