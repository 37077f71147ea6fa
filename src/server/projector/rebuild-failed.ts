/** A rebuild is strict: what a projection cannot fold, or PostgreSQL refuses, ends it, and the live tables stay. */
export class RebuildFailed extends Error {}
