/**
 * What the contract's schemas use of zod/mini, for phones: the bundle of the SDK has this in its place, an eighth of its
 * size. The sources are typed by zod, the server runs zod, and `test/client/schema.test.ts` holds both to the same
 * verdicts.
 */
export * from './checks.ts';
export * from './kinds.ts';
