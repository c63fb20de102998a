/** The exact versions of every program that `npm start`, `npm test` and `npm run bench` bring along from npm. */

/** code-server: VS Code 1.139 served to a browser. */
export const codeServerVersion = '4.139.1';

/** Node for code-server and for its extension host. */
export const editorNodeVersion = '24.21.0';

/** The release of the `claude` program that the demo and most tests run. */
export const claudeVersion = '2.1.329';

/** An older release, more than a hundred releases before {@link claudeVersion}, that the conformance suite runs as well. */
export const oldClaudeVersion = '2.1.200';
