import { describe, expect, it } from 'vitest';
import { findSession, SessionAmbiguous, SessionNotFound } from '../../../../src/core/tree/findSession.js';

const list = [
  { id: '1a2b', name: 'Parser' },
  { id: '1a3c', name: 'Parser tests' },
  { id: '2b00', name: 'Docs' },
  { id: '3c00', name: 'Docs' },
  { id: '4d00', name: '2b00' },
  { id: '5e00', name: '' },
];

describe('Finding a session', () => {
  it('S2 takes the exact id before the exact name, and that before a beginning', () => {
    expect(findSession(list, '2b00').name).toBe('Docs');
    expect(findSession(list, 'Parser').id).toBe('1a2b');
    expect(findSession(list, 'Parser ').id).toBe('1a3c');
    expect(findSession(list, '1a3').id).toBe('1a3c');
  });

  it('S2 says that none fits', () => {
    for (const query of ['nothing', '', 'parser', 'arser']) {
      expect(() => findSession(list, query)).toThrow(SessionNotFound);
    }
  });

  it('S2 lists the matches when several fit', () => {
    const ids = (query: string): readonly string[] => {
      try {
        findSession(list, query);
      } catch (error) {
        if (error instanceof SessionAmbiguous) return error.matches.map(({ id }) => id);
      }
      return [];
    };
    expect(ids('Docs')).toEqual(['2b00', '3c00']);
    expect(ids('1a')).toEqual(['1a2b', '1a3c']);
    expect(ids('P')).toEqual(['1a2b', '1a3c']);
  });

  it('S2 makes hostile names harmless in its messages', () => {
    const twins = [
      { id: '1', name: 'a\u202Eb\nc' },
      { id: '2', name: 'a\u202Eb\nc' },
    ];
    const error = new SessionAmbiguous('a\u202Eb\nc', twins);
    expect(error.code).toBe('ambiguous');
    expect(error.explanation.detail?.split('\n')).toHaveLength(2);
    expect(JSON.stringify(error.explanation)).not.toContain('\u202E');
  });
});
