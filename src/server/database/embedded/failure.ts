/** The embedded PostgreSQL cannot run; the message says why and what to do. */
export class EmbeddedFailed extends Error {}
