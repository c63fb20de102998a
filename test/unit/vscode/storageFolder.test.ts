import { describe, expect, it } from 'vitest';
import { URI } from 'vscode-uri';
import { sharedStorageFolder } from '../../../src/vscode/storageFolder.js';

describe('the storage of a workspace', () => {
  const cases = [
    ['59764cc4', '59764cc4'],
    ['59764cc4-1', '59764cc4'],
    ['-46ed03fd', '-46ed03fd'],
    ['-46ed03fd-2', '-46ed03fd'],
    ['9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d', '9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d'],
    ['my-folder-1', 'my-folder-1'],
  ] as const;
  it.each(cases)('S8 is one for all of its windows: %s is kept in %s', (given, shared) => {
    const folder = (name: string): string => `/data/workspaceStorage/${name}/publisher.arbor`;
    expect(sharedStorageFolder(URI.file(folder(given)))).toBe(folder(shared));
  });
});
