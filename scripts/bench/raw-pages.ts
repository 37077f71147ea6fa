import { finished } from 'node:stream/promises';
import pg from 'pg';
import { to } from 'pg-copy-streams';
import type { BenchServer } from './bench-server.ts';
import { WARM_UP_SECONDS } from './row.ts';

/** What a pull serves of an event. */
const EVENT_COLUMNS = `event_id, type, schema_version, stream_type, stream_id, version, position, actor_id, device_id, at, clock,
  recorded_at, scope_id, root_id, superseded, data`;

interface RawPages {
  /** Conditions on `event` besides the workspace's, one a page. */
  readonly pages: readonly string[];
  readonly pageEvents: number;
  readonly seconds: number;
}

/**
 * Events a second that one connection reads as text: by COPY, which neither side has to take apart, and with statistics, as
 * after autovacuum; without them PostgreSQL reads and sorts the whole log for each page.
 */
export const readRawPages = async (
  { database, me }: BenchServer,
  { pages, pageEvents, seconds }: RawPages,
): Promise<number> => {
  await database.owner.query('vacuum analyze event');
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const read = async (ms: number): Promise<number> => {
    const begun = performance.now();
    let events = 0;
    for (let page = 0; performance.now() - begun < ms; page += 1, events += pageEvents) {
      const rows = `select ${EVENT_COLUMNS} from event where workspace_id = '${me.workspace.id}'
        and ${pages[page % pages.length] ?? 'true'} order by position limit ${pageEvents}`;
      await finished(client.query(to(`copy (${rows}) to stdout`)).resume());
    }
    return (events / (performance.now() - begun)) * 1000;
  };
  await read(WARM_UP_SECONDS * 1000);
  const rate = await read(seconds * 1000);
  await client.end();
  return rate;
};
