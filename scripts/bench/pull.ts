import type { BenchServer } from './bench-server.ts';
import { runLoad } from './load.ts';
import { readRawPages } from './raw-pages.ts';
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
  const pages = Array.from({ length: PAGES - 1 }, (_, page) => `position > ${page * PAGE}`);
  const raw = await readRawPages(server, { pages, pageEvents: PAGE, seconds });
  return {
    name: `pull of ${PAGE} events a page, ${CONNECTIONS} connections, uncompressed`,
    figure: { value: (load.requests * PAGE) / load.seconds, unit: 'events/s', what: 'pulled' },
    yardstick: { value: raw, unit: 'events/s', what: 'the same pages read raw as text, 1 connection' },
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
