import { createStore, type Store } from '../store.ts';
import type { LogEntry, LogPage } from './log-entry.ts';
import type { OfficeSession } from './office-session.ts';

export interface LogTail {
  /** Ascending by position, from the first one. */
  readonly entries: Store<readonly LogEntry[]>;
  /** Why the log cannot be read at the moment. */
  readonly failure: Store<string | undefined>;
  /** Reads on to the head. */
  readonly pull: () => Promise<void>;
}

/** Hints may be lost with a connection. */
const POLL_MS = 5000;

/** Follows the log of the workspace: every event, in the order of its position. */
export const tailLog = ({ call, onHint }: Pick<OfficeSession, 'call' | 'onHint'>): LogTail => {
  const entries = createStore<readonly LogEntry[]>([]);
  const failure = createStore<string | undefined>(undefined);
  let cursor: string | null = null;
  let running: Promise<void> | undefined;
  let isAskedAgain = false;

  const readToHead = async (): Promise<void> => {
    for (let upToDate = false; !upToDate;) {
      const page: LogPage = await call('POST', '/api/sync', { protocol: 1, cursor, mode: 'events', limit: 500 });
      const news = page.ops.filter((op) => op.op === 'event');
      if (news.length > 0) entries.set([...entries.get(), ...news]);
      ({ cursor, upToDate } = page);
    }
  };
  // A hint during a pull may be about what that pull has passed already.
  const run = async (): Promise<void> => {
    do {
      isAskedAgain = false;
      await readToHead();
    } while (isAskedAgain);
  };
  const pull = (): Promise<void> => {
    isAskedAgain = true;
    running ??= run().finally(() => (running = undefined));
    return running;
  };
  const follow = (): void =>
    void pull().then(
      () => failure.set(undefined),
      (error: unknown) => failure.set(error instanceof Error ? error.message : String(error)),
    );
  onHint(follow);
  setInterval(follow, POLL_MS);
  return { entries, failure, pull };
};
