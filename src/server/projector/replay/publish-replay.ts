import pg from 'pg';
import type { Projection } from '../../../../projections/projection.ts';
import { withSettings } from '../../database/connection.ts';
import { each, letVacuum } from '../side-tables.ts';
import { createViews, literal } from '../views.ts';
import { digestViews } from './digest-views.ts';
import { noteFinished, type Replay } from './replay-notes.ts';
import { ReplayRefused } from './replay-refused.ts';

type Published = Pick<Replay, 'workspaceId' | 'id' | 'schema' | 'suffix' | 'moment' | 'position'>;

const DUPLICATE_SCHEMA = '42P06';

/** Roles may not make schemas; the login of the url made those of the read models, too. */
const asLogin = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({
    connectionString: withSettings(url, { lock_timeout: '15s', statement_timeout: '30min' }),
    application_name: 'leadzen_replay',
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

const makeSchema = async (client: pg.Client, { schema, moment, position }: Published): Promise<void> => {
  try {
    await client.query(`create schema ${schema} authorization leadzen_projector`);
  } catch (error) {
    const isTaken = error instanceof pg.DatabaseError && error.code === DUPLICATE_SCHEMA;
    throw isTaken ? new ReplayRefused(`there is a schema ${schema} already`, { cause: error }) : error;
  }
  await client.query('set local role leadzen_projector');
  await client.query(`grant usage on schema ${schema} to leadzen_app, leadzen_analyst`);
  const what = `What crm showed as of ${moment}, position ${position} of the log.`;
  await client.query(`comment on schema ${schema} is ${literal(what)}`);
};

const show = async (client: pg.Client, projections: readonly Projection[], replay: Published): Promise<void> => {
  const { schema, suffix, moment } = replay;
  await client.query('begin');
  await makeSchema(client, replay);
  for (const [projection, table] of each(projections)) await client.query(letVacuum([projection, table, suffix], true));
  await createViews(client, projections, { schema, suffix, moment: `${literal(moment)}::timestamptz` });
  const digest = await digestViews(client, projections, schema);
  await client.query('set local role leadzen_owner');
  await noteFinished(client, replay, digest);
  await client.query('commit');
};

/**
 * Makes the schema with its views over tables that are filled, and the end of its note, in one transaction: a schema that is
 * there is whole. Every analyst may look into it, and the tables' policies show him his own workspace's rows, as in `crm`.
 */
export const publishReplay = (url: string, projections: readonly Projection[], replay: Published): Promise<void> =>
  asLogin(url, (client) => show(client, projections, replay));
