import { existsSync, statSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { createClaudeEnvironment } from '../../support/claudeEnvironment.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('P7 the environment for tests has nothing of its caller but PATH, and private folders that go', () => {
  vi.stubEnv('ANTHROPIC_AUTH_TOKEN', 'of the caller');
  vi.stubEnv('CLAUDE_CODE_USE_BEDROCK', '1');
  const environment = createClaudeEnvironment({ baseUrl: 'http://127.0.0.1:1', variables: { MORE: 'x' } });
  expect(Object.keys(environment.env).sort()).toEqual(
    [
      ...[
        'ANTHROPIC_API_KEY',
        'ANTHROPIC_BASE_URL',
        'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC',
        'CLAUDE_CONFIG_DIR',
        'CLAUDE_CODE_MAX_RETRIES',
      ],
      ...['DISABLE_AUTOUPDATER', 'HOME', 'LANG', 'MORE', 'PATH', 'TMPDIR'],
    ].sort(),
  );
  expect(environment.env['HOME']?.startsWith(environment.root)).toBe(true);
  for (const folder of [environment.root, environment.home, environment.configDir, environment.workspace]) {
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  }
  environment.dispose();
  expect(existsSync(environment.root)).toBe(false);
});
