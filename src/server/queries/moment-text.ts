import { sql } from 'kysely';
import type { Uuid } from '../../shared/base/ids.ts';
import type { AsOf } from './moment.ts';
import { utc } from './parameters.ts';
import { readModel } from './read-model.ts';
import { rowsOf, type Fragment, type Runner } from './sql.ts';

const POSITION = /^\d{1,15}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export const isPosition = (text: string): boolean => POSITION.test(text);

/** The instant at which a text's moment begins: its own, or the start of the day in `zone`, an SQL expression. */
export const instantOf = (text: string | undefined, zone: Fragment): Fragment => {
  if (text === undefined || isPosition(text)) return sql`null::timestamptz`;
  if (!DAY.test(text)) return sql`${utc(text)}::timestamptz`;
  return sql`${text}::date::timestamp at time zone ${zone}`;
};

/** The instant that "as of" a text means: its own, or the end of the day; of the day that is not over, now. */
export const asOfInstant = (text: string | undefined, zone: Fragment): Fragment => {
  if (text === undefined || !DAY.test(text)) return instantOf(text, zone);
  return sql`case when ${text}::date = (now() at time zone ${zone})::date then date_trunc('milliseconds', clock_timestamp())
                  else (${text}::date + 1)::timestamp at time zone ${zone} end`;
};

/** The workspace's settings that numbers depend on; the defaults until the read model knows them. */
export const settingsRow = (workspaceId: Uuid): Fragment => sql`
  select coalesce(max(w.time_zone), 'UTC') as time_zone, coalesce(max(w.base_currency), 'USD') as base_currency,
         coalesce(max(w.fiscal_year_start), 1) as fiscal_year_start
  from ${readModel('workspace')} w where w.workspace_id = ${workspaceId}::uuid`;

/** `asOf` as it was asked: a position, a time, or a day of the workspace's time zone, which means its end. */
export const momentOf = async (runner: Runner, workspaceId: Uuid, text: string): Promise<AsOf> => {
  if (isPosition(text)) return { position: Number(text) };
  if (!DAY.test(text)) return { time: utc(text) };
  const [row] = await rowsOf<{ time: string }>(
    runner,
    sql`select ${asOfInstant(text, sql`s.time_zone`)} as time from (${settingsRow(workspaceId)}) s`,
  );
  return { time: row?.time ?? text };
};
