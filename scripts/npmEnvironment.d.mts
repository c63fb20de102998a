/** An environment for npm: the caller's without what an outer npm put there, save for how to reach the registry. */
export function npmEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined>;
