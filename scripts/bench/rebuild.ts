import { pipeline } from 'node:stream/promises';
import { Writable } from 'node:stream';
import pg from 'pg';
import { to } from 'pg-copy-streams';
import { runChild } from './child.ts';
import type { RebuildResult } from './rebuild-child.ts';
import type { Bench } from './row.ts';
import { seedEvents } from './seed.ts';

const MEGABYTE = 1024 * 1024;

export const rebuildAll: Bench = async (server, { events }) => {
  await seedEvents(server, events);
  const { rows } = await server.database.projector.query<{ count: number }>('select count(*) as count from event');
  const count = rows[0]?.count ?? 0;
  await atRest(server.database.url);
  const copied = await copyOut(server.database.url);
  const rebuilt = await runChild<RebuildResult>('./rebuild-child.ts', { url: server.database.url });
  return {
    name: `rebuild of all projections from ${count.toLocaleString('en')} events`,
    figure: { value: count / rebuilt.seconds, unit: 'events/s', what: 'rebuilt, the server running' },
    yardstick: { value: count / copied, unit: 'events/s', what: 'copy event to stdout' },
    bar: 0.2,
    goal: 0.3,
    notes: [`${rebuilt.seconds.toFixed(1)} s, peak memory ${Math.round(rebuilt.peakBytes / MEGABYTE)} MB (limit 400)`],
  };
};

/** What the million pushes before left to be written is written first, or the rebuild would pay for it. */
const atRest = async (url: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('vacuum');
  await client.query('checkpoint');
  await client.end();
};

/** Seconds; the second of two, so that neither reads from a cold cache. */
const copyOut = async (url: string): Promise<number> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  let seconds = 0;
  for (let run = 0; run < 2; run += 1) {
    const begun = performance.now();
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
    await pipeline(client.query(to('copy event to stdout')), sink);
    seconds = (performance.now() - begun) / 1000;
  }
  await client.end();
  return seconds;
};
