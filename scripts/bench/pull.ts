import { finished } from 'node:stream/promises';
import pg from 'pg';
import { to } from 'pg-copy-streams';
import type { BenchServer } from './bench-server.ts';
import { runLoad } from './load.ts';
import { WARM_UP_SECONDS, type Bench } from './row.ts';
import { seedEvents } from './seed.ts';

const PAGE = 500;
const PAGES = 50;
const CONNECTIONS = 4;

export const pull: Bench = async (server, { seconds }) => {
  await seedEvents(server, PAGE * PAGES);
  const cursors = await readCursors(server);
  const asked = { protocol: 1, limit: PAGE, bytes: 4 * 1024 * 1024, mode: 'events' };
  const load = await runLoad({
    port: server.port,
    path: '/api/sync',
    token: server.me.accessToken,
    connections: CONNECTIONS,
    warmUpSeconds: WARM_UP_SECONDS,
    seconds,
    bodies: cursors.map((cursor) => JSON.stringify({ ...asked, cursor })),
    expects: '"op":"event"',
    refuses: '"op":"leave"',
  });
  const raw = await readRaw(server, seconds);
  return {
    name: `pull of ${PAGE} events a page, ${CONNECTIONS} connections, uncompressed`,
    figure: { value: (load.requests * PAGE) / load.seconds, unit: 'events/s', what: 'pulled' },
    yardstick: { value: raw, unit: 'events/s', what: 'the same pages read raw as text' },
    bar: 0.5,
    goal: 0.7,
    notes: [`p50 ${load.p50Ms.toFixed(1)} ms, p99 ${load.p99Ms.toFixed(1)} ms a page`],
  };
};

/** A cursor before each of the first pages. */
const readCursors = async (server: BenchServer): Promise<string[]> => {
  const cursors: string[] = [];
  let cursor: string | null = null;
  while (cursors.length < PAGES) {
    const page = await server.sync({ cursor, limit: PAGE, bytes: 4 * 1024 * 1024, mode: 'events' });
    // The first page is a shorter way in; every page asked for below is full.
    if (cursor !== null && page.ops.length === PAGE) cursors.push(cursor);
    if (page.upToDate) break;
    cursor = page.cursor;
  }
  return cursors;
};

/** What a pull serves of an event. */
export const EVENT_COLUMNS = `event_id, type, schema_version, stream_type, stream_id, version, position, actor_id, device_id, at, clock,
  recorded_at, scope_id, root_id, superseded, data`;

/** Events a second, over as many connections: what a pull serves, by COPY, which neither side has to take apart. */
const readRaw = async ({ database, me }: BenchServer, seconds: number): Promise<number> => {
  const clients = Array.from({ length: CONNECTIONS }, () => new pg.Client({ connectionString: database.url }));
  await Promise.all(clients.map((client) => client.connect()));
  const read = async (client: pg.Client, first: number, until: number): Promise<number> => {
    let pages = 0;
    for (; performance.now() < until; pages += 1) {
      const after = ((first + pages) % (PAGES - 1)) * PAGE;
      const page = `select ${EVENT_COLUMNS} from event where workspace_id = '${me.workspace.id}' and position > ${after} order by position limit ${PAGE}`;
      await finished(client.query(to(`copy (${page}) to stdout`)).resume());
    }
    return pages * PAGE;
  };
  const together = (ms: number) => Promise.all(clients.map((client, n) => read(client, n * 7, performance.now() + ms)));
  await together(WARM_UP_SECONDS * 1000);
  const begun = performance.now();
  const events = await together(seconds * 1000);
  const took = (performance.now() - begun) / 1000;
  await Promise.all(clients.map((client) => client.end()));
  return events.reduce((sum, count) => sum + count, 0) / took;
};
