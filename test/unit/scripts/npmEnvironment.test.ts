import { expect, it } from 'vitest';
import { npmEnvironment } from '../../../scripts/npmEnvironment.mjs';

it('gives npm the way to the registry and none of an outer npm’s settings', () => {
  const outer = {
    PATH: '/bin',
    NPM_CONFIG_REGISTRY: 'http://registry.test/',
    npm_config_cafile: '/ca.pem',
    'npm_config_//registry.test/:_authToken': 'token',
    npm_config_allow_scripts: '',
    npm_config_omit: 'dev',
    npm_config_prefix: '/usr',
    npm_lifecycle_event: 'start',
    NODE_OPTIONS: '--inspect',
    INIT_CWD: '/somewhere',
  };
  expect(npmEnvironment(outer)).toEqual({
    PATH: '/bin',
    NPM_CONFIG_REGISTRY: 'http://registry.test/',
    npm_config_cafile: '/ca.pem',
    'npm_config_//registry.test/:_authToken': 'token',
  });
});
