import { METRICS } from '../../src/server/queries/metrics/registry.ts';
import type { BenchServer } from '../bench/bench-server.ts';
import { call, post } from '../bench/call.ts';
import type { Session } from '../bench/session.ts';
import type { Seeded } from './seed.ts';

/** A metric asked in one way: how long its answers took, in milliseconds; none where it refuses to be asked so. */
export interface Measured {
  readonly metric: string;
  readonly way: Way;
  readonly p50: number;
  readonly p95: number;
  readonly refusal?: string;
}

/** Bar and goal of the p95, in milliseconds (design, page 5). */
export const WAYS = {
  unfiltered: { bar: 100, goal: 50 },
  'one team': { bar: 500, goal: 200 },
  'seen by a rep': { bar: 500, goal: 200 },
  'a year ago, recorded': { bar: 1000, goal: 500 },
  'a year ago, occurred': { bar: 1000, goal: 500 },
} as const;
export type Way = keyof typeof WAYS;

const WARM_UP = 2;
const YEAR_MS = 365 * 86_400_000;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** What a metric asks besides the filter that all share. */
const OWN_PARAMETERS: Readonly<Record<string, string>> = {};

const queryOf = (metric: string, way: Way, { teams }: Seeded): string => {
  const yearAgo = Date.now() - YEAR_MS;
  const past = way.startsWith('a year ago');
  const [from, to] = past ? [yearAgo - YEAR_MS + 86_400_000, yearAgo] : [yearAgo, Date.now()];
  const parts = [`from=${dayOf(from)}`, `to=${dayOf(to)}`, OWN_PARAMETERS[metric] ?? ''];
  if (way === 'one team') parts.push(`teamId=${teams[0]}`);
  if (past) parts.push(`asOf=${dayOf(yearAgo)}`, `clock=${way.endsWith('recorded') ? 'recorded' : 'occurred'}`);
  return parts.filter((part) => part !== '').join('&');
};

const at = (sorted: readonly number[], part: number): number => sorted[Math.ceil(sorted.length * part) - 1] ?? NaN;

const measureOne = async (server: BenchServer, who: Session, path: string, times: number): Promise<number[]> => {
  const took: number[] = [];
  for (let n = 0; n < WARM_UP + times; n += 1) {
    const begun = performance.now();
    await call(server, path, { method: 'GET' }, await who.token());
    if (n >= WARM_UP) took.push(performance.now() - begun);
  }
  return took.toSorted((a, b) => a - b);
};

const measured = async (server: BenchServer, seeded: Seeded, asked: { metric: string; way: Way; times: number }) => {
  const { metric, way, times } = asked;
  const who = way === 'seen by a rep' ? (seeded.sellers[0] as Session) : seeded.admin;
  const path = `/analytics/${metric}?${queryOf(metric, way, seeded)}`;
  try {
    const took = await measureOne(server, who, path, times);
    return { metric, way, p50: at(took, 0.5), p95: at(took, 0.95) };
  } catch (error) {
    return { metric, way, p50: NaN, p95: NaN, refusal: (error as Error).message };
  }
};

const COPY_TIMEOUT_MS = 180_000;

/** Asks once and waits until the read models are copied by columns; answers how many milliseconds that took. */
export const copied = async (server: BenchServer, { admin }: Pick<Seeded, 'admin'>): Promise<number> => {
  const begun = performance.now();
  await call(server, '/analytics/win-rate', { method: 'GET' }, await admin.token());
  const isThere = async (): Promise<boolean> =>
    (await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text()).includes('leadzen_columns_copies 1');
  while (!(await isThere())) {
    if (performance.now() - begun > COPY_TIMEOUT_MS) throw new Error('the read models were not copied by columns');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return performance.now() - begun;
};

/** Each metric in each way, one question at a time. The rep sees what is their team's: a fifth. */
export const measureMetrics = async (
  server: BenchServer,
  seeded: Seeded,
  { metrics = Object.keys(METRICS), times }: { metrics?: readonly string[] | undefined; times: number },
): Promise<Measured[]> => {
  await call(server, '/workspace', post({ sharing: 'team' }, 'PATCH'), await seeded.admin.token());
  const rows: Measured[] = [];
  for (const metric of metrics) {
    process.stderr.write(`${metric} …\n`);
    for (const way of Object.keys(WAYS) as Way[]) rows.push(await measured(server, seeded, { metric, way, times }));
  }
  return rows;
};
