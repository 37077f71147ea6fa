import { readFile } from 'node:fs/promises';
import type pg from 'pg';

/** What a session of an analyst may take, whatever it sets: enforced from outside, within a second or two. */
export interface AnalystLimits {
  readonly statementMs: number;
  readonly transactionMs: number;
  readonly idleMs: number;
  /** Of all analysts together. */
  readonly connections: number;
  /** Of a session's backend, where PostgreSQL runs on this machine. */
  readonly memoryBytes: number;
}

export const ANALYST_LIMITS: AnalystLimits = {
  statementMs: 30_000,
  transactionMs: 60_000,
  idleMs: 30 * 60_000,
  connections: 20,
  memoryBytes: 512 * 1024 * 1024,
};

const EVERY_MS = 1000;
/** A statement that does not heed being canceled loses its session. */
const GRACE_MS = 5000;

// Members of a role see its sessions, of every database: a login has no business in another one.
const SESSIONS = `
select pid, usename as login, case
    when ended_at is not null then 'its login was removed'
    when datname <> current_database() then 'it is in another database'
    when row_number() over (order by backend_start, pid) > $1 then 'analysts have too many connections'
    when xact_start < clock_timestamp() - $2 * interval '1 millisecond' then 'its transaction takes too long'
    when state = 'active' and query_start < clock_timestamp() - ($3::float8 + ${GRACE_MS}) * interval '1 millisecond' then 'its statement does not end'
    when state = 'idle' and state_change < clock_timestamp() - $4 * interval '1 millisecond' then 'it is idle'
  end as ends,
  state = 'active' and query_start < clock_timestamp() - $3::float8 * interval '1 millisecond' as slow
  from pg_stat_activity join analyst on login = usename where backend_type = 'client backend'`;

interface Session {
  readonly pid: number;
  readonly login: string;
  /** Why it must end; null: it need not. */
  readonly ends: string | null;
  readonly slow: boolean | null;
}

const memoryOf = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
};

/** Ends or cancels what takes too much, once; answers a sentence a session. */
export const enforceLimits = async (
  watch: pg.Pool,
  limits: AnalystLimits,
  isOnThisMachine: boolean,
): Promise<readonly string[]> => {
  const values = [limits.connections, limits.transactionMs, limits.statementMs, limits.idleMs];
  const { rows } = await watch.query<Session>(SESSIONS, values);
  const told: string[] = [];
  for (const { pid, login, ends, slow } of rows) {
    const isLarge = isOnThisMachine && (await memoryOf(pid)) > limits.memoryBytes;
    const why = ends ?? (isLarge ? 'it takes too much memory' : undefined);
    if (why !== undefined) {
      await watch.query('select pg_terminate_backend($1)', [pid]);
      told.push(`a session of ${login} was ended: ${why}`);
    } else if (slow === true) {
      await watch.query('select pg_cancel_backend($1)', [pid]);
      told.push(`a statement of ${login} was canceled: it took too long`);
    }
  }
  return told;
};

export interface AnalystWatch {
  readonly watch: pg.Pool;
  readonly isOnThisMachine: boolean;
  readonly limits?: AnalystLimits;
  readonly log: { readonly info: (line: string) => void; readonly warn: (details: object, line: string) => void };
}

/** Watches until stopped; any number of servers may. */
export const watchAnalysts = ({
  watch,
  isOnThisMachine,
  limits = ANALYST_LIMITS,
  log,
}: AnalystWatch): { stop: () => Promise<void> } => {
  let last: Promise<void> = Promise.resolve();
  let isBusy = false;
  const look = async (): Promise<void> => {
    isBusy = true;
    try {
      for (const line of await enforceLimits(watch, limits, isOnThisMachine)) log.info(line);
    } catch (error) {
      log.warn({ err: error }, 'the sessions of analysts could not be looked at');
    }
    isBusy = false;
  };
  const timer = setInterval(() => {
    if (!isBusy) last = look();
  }, EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return last;
    },
  };
};
