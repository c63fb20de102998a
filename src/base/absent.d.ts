/** What a name leads to that must not be found: see `paths` in `tsconfig.pure.json`. */
export {};
