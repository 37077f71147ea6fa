import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import type { Uuid } from '../../../shared/base/ids.ts';
import { Problem } from '../../../shared/contract/problem.ts';
import type { Role } from '../../../shared/contract/events/user.ts';
import type { Access, Viewer } from '../../access/access.ts';
import type { Principal } from '../../access/principal.ts';
import type { Connection, Statements, WorkspacePool } from '../../database/workspace-pool.ts';
import { readHead } from '../../log/workspace-head.ts';
import { LISTS, type ListName } from '../list-fields.ts';
import { readModel, type ReadModelTable } from '../read-model.ts';
import { allOf, rowsOf, type Fragment } from '../sql.ts';
import { withVisible } from '../visible.ts';
import { waitForPosition } from '../wait-for-position.ts';
import { linesOf, type ExportFormat, type Lines } from './export-format.ts';
import { finishNote, noteExport } from './export-notes.ts';

export interface ExportOrder {
  readonly type: ListName;
  readonly format: ExportFormat;
  readonly deleted: boolean;
}

export interface Export {
  readonly mediaType: string;
  /** Breaks off with an error where anything fails: only what ends in a manifest is whole. */
  readonly bytes: Readable;
}

export interface Exports {
  /**
   * All records of a type that the principal may see, of one moment. Nothing was sent where it throws.
   *
   * @param minPosition what the read models must have reached; 0 for whatever they hold
   * @throws Problem forbidden | overloaded | projection_behind
   */
  open(principal: Principal, order: ExportOrder, minPosition: number): Promise<Export>;
}

export interface ExportsParts {
  readonly pool: WorkspacePool;
  readonly access: Access;
  readonly positionOf: (workspaceId: Uuid) => Promise<number>;
  /** That one read model has reached, as a transaction sees it. */
  readonly positionOfTable: (statements: Statements, workspaceId: Uuid, table: ReadModelTable) => Promise<number>;
  readonly newId: () => Uuid;
}

const MAY_EXPORT: readonly Role[] = ['admin', 'manager', 'auditor'];

/** Each holds a connection of the pool for as long as its reader takes. */
const AT_ONCE_MAX = 2;
const FETCH_ROWS = 500;

// A reader who is slow keeps the transaction idle between two fetches; one who stopped reading loses it.
const BEGIN = `begin isolation level repeatable read read only;
  set local idle_in_transaction_session_timeout = '120s'; set local cursor_tuple_fraction = 1`;
const FETCH = `fetch ${FETCH_ROWS} from export_rows`;

/** In the order of the key, so that the rows stream off its index and two exports of the same data are the same bytes. */
const rowsStatement = (viewer: Viewer, { type, deleted }: ExportOrder): Fragment => {
  const spec = LISTS[type];
  const shown = deleted || !spec.deletable ? [] : [sql`r.deleted_at is null`];
  return sql`select r.record from ${readModel(spec.table)} r
    where ${allOf([withVisible(viewer, 'r'), ...shown])} order by r.workspace_id, r.id`;
};

interface Row {
  readonly record: string;
}

/** The connection with a cursor on the rows, and the first of them; rights are those of the moment that they are read at. */
const begin = async ({ pool, access, positionOfTable }: ExportsParts, principal: Principal, order: ExportOrder) => {
  const client = await pool.for(principal.workspaceId).connect();
  try {
    await client.query(BEGIN);
    const head = await readHead(client, principal.workspaceId);
    const viewer = { ...principal, rights: await access.at(client, principal, head?.access ?? 0) };
    const position = await positionOfTable(client, principal.workspaceId, LISTS[order.type].table);
    await rowsOf(client, sql`declare export_rows no scroll cursor for ${rowsStatement(viewer, order)}`);
    return { client, position, first: await fetchRows(client) };
  } catch (error) {
    client.release(true);
    throw error;
  }
};

const fetchRows = async (client: Connection): Promise<Row[]> => (await client.query<Row>(FETCH)).rows;

interface Running {
  readonly client: Connection;
  readonly position: number;
  readonly first: Row[];
  readonly lines: Lines;
  /** Once every row was handed over and the transaction has ended. */
  readonly finished: (rows: number, sha256: Buffer) => Promise<void>;
}

/** A chunk a fetch; the next is fetched when the reader has taken the last. */
async function* chunks({ client, position, first, lines, finished }: Running): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  const hashed = (text: string): Buffer => {
    const bytes = Buffer.from(text);
    hash.update(bytes);
    return bytes;
  };
  let rows = 0;
  if (lines.head !== '') yield hashed(lines.head);
  for (let page = first; page.length > 0; page = await fetchRows(client)) {
    rows += page.length;
    yield hashed(page.map(({ record }) => lines.row(record)).join(''));
  }
  await client.query('commit');
  const digest = hash.digest();
  await finished(rows, digest);
  yield Buffer.from(lines.tail({ rows, position, sha256: digest.toString('hex') }));
}

export const createExports = (parts: ExportsParts): Exports => {
  const { pool, positionOf, newId } = parts;
  let running = 0;
  const leave = (): void => void (running -= 1);
  const enter = (): void => {
    if (running >= AT_ONCE_MAX) throw new Problem('overloaded', 'Other exports are under way. Try again soon.');
    running += 1;
  };
  const start = async (principal: Principal, order: ExportOrder, released: () => void): Promise<Export> => {
    const { workspaceId } = principal;
    const id = newId();
    await noteExport(pool, principal, id, order);
    const begun = await begin(parts, principal, order);
    const lines = linesOf(order.type, order.format);
    let held = true;
    const letGo = (broken: boolean): void => {
      if (!held) return;
      held = false;
      begun.client.release(broken);
      released();
    };
    // At once: a reader may take for ever over the last chunk, and no time-out of the transaction ends that.
    const finished = async (rows: number, sha256: Buffer): Promise<void> => {
      letGo(false);
      await finishNote(pool, { workspaceId, id }, rows, sha256);
    };
    const bytes = Readable.from(chunks({ ...begun, lines, finished }), { objectMode: false });
    // Not in the generator: one whose reader left before its first chunk never ran.
    bytes.once('close', () => letGo(true));
    return { mediaType: lines.mediaType, bytes };
  };
  return {
    open: async (principal, order, minPosition) => {
      if (!MAY_EXPORT.includes(principal.role)) {
        throw new Problem('forbidden', `This is for people with the role ${MAY_EXPORT.join(' or ')}.`);
      }
      if (minPosition > 0) await waitForPosition(() => positionOf(principal.workspaceId), minPosition);
      enter();
      try {
        return await start(principal, order, leave);
      } catch (error) {
        leave();
        throw error;
      }
    },
  };
};
