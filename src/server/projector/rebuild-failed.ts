/** A rebuild is strict: what a projection cannot fold, or PostgreSQL refuses, ends it, and the live tables stay. */
export class RebuildFailed extends Error {}

/** The shadow tables have one name: only one rebuild at a time. */
export class RebuildBusy extends RebuildFailed {}

/** Somebody wants it to end for now, or for good. */
export class RebuildStopped extends RebuildFailed {
  readonly isPause: boolean;

  constructor(message: string, isPause: boolean) {
    super(message);
    this.isPause = isPause;
  }
}
