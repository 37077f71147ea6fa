import { createHmac } from 'node:crypto';
import { Problem } from '../../shared/contract/problem.ts';
import type { Statements } from '../database/workspace-pool.ts';
import { createTurns } from './turns.ts';

/** Who attempts something that takes a secret; what is not known is left out. */
export interface Attempt {
  readonly account?: string | undefined;
  readonly device?: string | undefined;
  /** A network, see network.ts. */
  readonly address?: string | undefined;
}

export interface Throttle {
  /**
   * Runs `judge`, whose false or undefined is a failure. The attempt counts from before it begins, so that a thousand at
   * once are not all judged; a success takes it back. Known and unknown accounts are counted alike.
   *
   * @throws Problem rate_limited with the seconds to wait
   */
  judged<T>(attempt: Attempt, judge: () => Promise<T>): Promise<T>;
}

/** Failures of one account that cost nothing; then 1, 2, 4 … seconds, at most 15 minutes, and never for good. */
const ACCOUNT = `
insert into throttle as t (kind, subject, failures, free_at) values ('account', $1, 1, now())
on conflict (kind, subject) do update
   set failures = t.failures + 1, last_at = now(),
       free_at = now() + case when t.failures < 4 then 0 else least(900, 2 ^ least(t.failures - 4, 10)) end * interval '1 second'
 where t.free_at <= now()`;

// A leaky bucket in one column: every attempt pushes free_at by its seconds, and a burst may run that far ahead.
const BUCKET = `
insert into throttle as t (kind, subject, failures, free_at) values ($2, $1, 1, now() + $3 * interval '1 second')
on conflict (kind, subject) do update
   set failures = t.failures + 1, last_at = now(), free_at = greatest(t.free_at, now()) + $3 * interval '1 second'
 where t.free_at <= now() + $4 * interval '1 second'`;

/** An office behind one address, and a phone on which somebody tries: 20 and 10 a minute. */
const BUCKETS = {
  address: { seconds: 3, burst: 60 },
  device: { seconds: 6, burst: 10 },
} as const;

const WAIT = `
select ceil(extract(epoch from free_at - now()))::int as seconds from throttle where kind = $1 and subject = $2`;
const SUCCEEDED = `delete from throttle where kind = 'account' and subject = $1`;
const TAKE_BACK = `
update throttle set failures = greatest(failures - 1, 0), free_at = free_at - $3 * interval '1 second'
 where kind = $1 and subject = $2`;
const UNJUDGED = `
update throttle set failures = greatest(failures - 1, 0), free_at = now() where kind = 'account' and subject = $1`;
const FORGET = `delete from throttle where last_at < now() - interval '1 day'`;
const FORGET_EVERY = 100;

type Kind = 'address' | 'device' | 'account';
interface Counted {
  readonly kind: Kind;
  readonly subject: Buffer;
}

const ORDER = ['address', 'device', 'account'] as const;

/** `key` keeps the subjects unreadable; the same on every server. */
export const createThrottle = (statements: Statements, key: Buffer): Throttle => {
  const inTurn = createTurns();
  let attempts = 0;
  const countedOf = (attempt: Attempt): Counted[] =>
    ORDER.flatMap((kind) => {
      const value = attempt[kind];
      if (value === undefined) return [];
      return { kind, subject: createHmac('sha256', key).update(`leadzen throttle ${kind}\0${value}`).digest() };
    });

  const count = async ({ kind, subject }: Counted): Promise<boolean> => {
    if (kind === 'account') return (await statements.query(ACCOUNT, [subject])).rowCount === 1;
    const { seconds, burst } = BUCKETS[kind];
    return (await statements.query(BUCKET, [subject, kind, seconds, seconds * (burst - 1)])).rowCount === 1;
  };

  const refusal = async ({ kind, subject }: Counted): Promise<Problem> => {
    const { rows } = await statements.query<{ seconds: number }>(WAIT, [kind, subject]);
    const ahead = kind === 'account' ? 0 : BUCKETS[kind].seconds * (BUCKETS[kind].burst - 1);
    const retryAfter = Math.max(1, (rows[0]?.seconds ?? 1) - ahead);
    return new Problem('rate_limited', `Too many failed attempts. Try again in ${retryAfter} s.`, { retryAfter });
  };

  // One by one, the widest first: what an address may not do must not count against an account.
  const admit = async (counted: readonly Counted[]): Promise<void> => {
    for (const one of counted) if (!(await count(one))) throw await refusal(one);
    attempts += 1;
    if (attempts % FORGET_EVERY === 0) await statements.query(FORGET);
  };

  const takeBack = async (counted: readonly Counted[], accountSql: string): Promise<void> => {
    for (const { kind, subject } of counted) {
      if (kind === 'account') await statements.query(accountSql, [subject]);
      else await statements.query(TAKE_BACK, [kind, subject, BUCKETS[kind].seconds]);
    }
  };

  const judged: Throttle['judged'] = async (attempt, judge) => {
    const counted = countedOf(attempt);
    await admit(counted);
    const outcome = await judge().catch(async (error: unknown) => {
      // Nobody looked at the secret (the server was busy), so nothing was learnt by trying.
      await takeBack(counted, UNJUDGED);
      throw error;
    });
    if (outcome !== false && outcome !== undefined) await takeBack(counted, SUCCEEDED);
    return outcome;
  };
  // One at a time an account: ten phones that sign in at once with the right password are no attack.
  return { judged: (attempt, judge) => inTurn(attempt.account ?? '', () => judged(attempt, judge)) };
};
