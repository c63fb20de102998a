import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { URI } from 'vscode-uri';
import { editorLink, extensionId, messageUri, parseAddress } from '../../../../src/core/address/messageUri.js';

const session = '0d6a3e3e-5a3b-4f5e-9d5d-6a1d0d1b7c11';
const message = '1d6a3e3e-5a3b-4f5e-9d5d-6a1d0d1b7c22';
const address = { sessionId: session, messageUuid: message };

describe('the address of a message', () => {
  it('T9 is a URI that stays the same when the editor has read and written it', () => {
    const uri = messageUri(session.toUpperCase(), message);
    expect(uri).toBe(`arbor-session:/${session}/${message}`);
    expect(URI.parse(uri, true).toString()).toBe(uri);
    expect(parseAddress(uri)).toEqual(address);
    expect(parseAddress(`${uri}.md`)).toEqual(address);
  });

  it('T9 is also a link to the editor, to a message or a session', () => {
    const link = editorLink('vscode', address);
    expect(link).toBe(`vscode://arbor-for-claude-code.arbor/session/${session}/${message}`);
    expect(parseAddress(URI.parse(link).toString())).toEqual(address);
    const whole = editorLink('code-oss', { sessionId: session, messageUuid: null });
    expect(parseAddress(whole)).toEqual({ sessionId: session, messageUuid: null });
  });

  it('T9 names the extension as its manifest does', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')) as {
      publisher: string;
      name: string;
    };
    expect(extensionId).toBe(`${manifest.publisher}.${manifest.name}`);
  });

  it.each([
    '',
    'arbor-session:',
    'arbor-session:/x/y',
    `arbor-session:/${session}/../${message}`,
    `arbor-session:/${session}/${message}/more`,
    `arbor-session:/${session}/${message}?x`,
    `file:/${session}/${message}`,
    `vscode://somebody.else/session/${session}/${message}`,
    `vscode://arbor-for-claude-code.arbor/other/${session}`,
    `${session}/${message}`,
  ])('T9 %j is none', (text) => {
    expect(parseAddress(text)).toBeNull();
  });
});
