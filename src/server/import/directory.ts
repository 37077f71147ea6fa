import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import { err, ok, type Result } from '../../shared/base/result.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import type { Viewer } from '../access/access.ts';
import { streamCondition } from '../access/visibility.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import { quoted, type RowProblem } from './csv-rows.ts';
import { derivedId } from '../access/derived-id.ts';

/** The creation of a record that a name in the file stands for. */
export interface HelperEvent {
  readonly stream: { readonly type: StreamType; readonly id: Uuid };
  readonly type: 'UserInvited' | 'TeamCreated' | 'CompanyCreated';
  readonly data: JsonObject;
}

/** Finds records by their name, and makes users, teams and companies that do not exist yet. Case does not matter. */
export interface Directory {
  readonly user: (name: string, teamId: Uuid | undefined) => Result<Uuid, RowProblem>;
  /** `Central / Dustin Brinkmann`: a team below its parent. */
  readonly team: (path: string) => Result<Uuid, RowProblem>;
  readonly company: (name: string) => Result<Uuid, RowProblem>;
  /** Only finds. */
  readonly record: (type: StreamType, name: string) => Result<Uuid, RowProblem>;
  readonly find: (type: StreamType, name: string) => Uuid | undefined;
  /** A record that a row of this import makes. */
  readonly add: (type: StreamType, name: string, id: Uuid) => void;
  /** The creations that names asked for since the last call, parents first. */
  readonly takeHelpers: () => readonly HelperEvent[];
  /** A creation was refused: whoever names it again asks again. */
  readonly forget: (id: Uuid) => void;
}

interface Entry {
  readonly id: Uuid;
  readonly deleted: boolean;
}

interface NamedRow {
  readonly stream_id: Uuid;
  readonly stream_type: StreamType;
  readonly name: string | null;
  readonly parent_id: Uuid | null;
  readonly deleted_at: string | null;
}

const NAMED = `
  select stream_id, stream_type, coalesce(state->>'name', state->>'companyName') as name,
         state->>'parentId' as parent_id, state->>'deletedAt' as deleted_at
    from stream
   where workspace_id = $1 and stream_type = any($2) and `;

/** Reads the names of all records of the types that a mapping may ask for, about 200 bytes each. */
export const openDirectory = async (
  pool: WorkspacePool,
  { workspaceId, rights }: Viewer,
  types: readonly StreamType[],
): Promise<Directory> => {
  const visible = `${streamCondition({ workspaceId, rules: rights.sees })} order by position`;
  const { rows } = await pool.for(workspaceId).query<NamedRow>(NAMED + visible, [workspaceId, types]);
  return createDirectory(workspaceId, rows);
};

const createDirectory = (workspaceId: Uuid, rows: readonly NamedRow[]): Directory => {
  const index = createNameIndex(rows);
  let helpers: HelperEvent[] = [];

  const findOrMake = (named: Named, data: JsonObject): Result<Uuid, RowProblem> => {
    const found = index.only(named);
    if (!found.ok) return found;
    if (found.value !== undefined) return ok(found.value);
    const { type, name } = named;
    const id = derivedId(workspaceId, 'import', keyOf(named));
    // Known under another name by now: it was renamed, and is still what the file means.
    if (!index.holds(id))
      helpers.push({ stream: { type, id }, type: CREATION[type], data: { name: name.trim(), ...data } });
    index.enter(named, { id, deleted: false });
    return ok(id);
  };
  const team = (path: string): Result<Uuid, RowProblem> => {
    let parentId: Uuid | undefined;
    for (const name of path.split('/')) {
      if (name.trim() === '')
        return err(problem('invalid', `${quoted(path)} is not a path of teams like "Central / Alice"`));
      const parent = parentId === undefined ? {} : { parentId };
      const found = findOrMake({ type: 'team', name, ...parent }, parent);
      if (!found.ok) return found;
      parentId = found.value;
    }
    return parentId === undefined ? err(problem('invalid', 'the team has no name')) : ok(parentId);
  };
  return {
    team,
    user: (name, teamId) =>
      findOrMake({ type: 'user', name }, { role: 'rep', ...(teamId === undefined ? {} : { teamId }) }),
    company: (name) => findOrMake({ type: 'company', name }, { ownerId: null }),
    record: (type, name) => {
      const found = index.only({ type, name });
      if (!found.ok || found.value !== undefined) return found as Result<Uuid, RowProblem>;
      return err(problem('unknown_stream', `no ${type} is called ${quoted(name)}`));
    },
    find: (type, name) => {
      const found = index.only({ type, name });
      return found.ok ? found.value : undefined;
    },
    add: (type, name, id) => {
      if (!index.holds(id)) index.enter({ type, name }, { id, deleted: false });
    },
    takeHelpers: () => {
      const taken = helpers;
      helpers = [];
      return taken;
    },
    forget: index.forget,
  };
};

interface Named<Type extends StreamType = 'user' | 'team' | 'company'> {
  readonly type: Type;
  readonly name: string;
  /** Names of teams are told apart by their parent, all others by their type. */
  readonly parentId?: Uuid;
}

const normal = (name: string): string => name.trim().replaceAll(/\s+/g, ' ').toLowerCase();
const keyOf = ({ type, name, parentId }: Named<StreamType>): string =>
  JSON.stringify([type, normal(name), parentId ?? null]);

const createNameIndex = (rows: readonly NamedRow[]) => {
  const entries = new Map<string, readonly Entry[]>();
  const ids = new Map<Uuid, string>();

  const enter = (named: Named<StreamType>, entry: Entry): void => {
    const key = keyOf(named);
    entries.set(key, [...(entries.get(key) ?? []), entry]);
    ids.set(entry.id, key);
  };
  for (const row of rows) {
    const parent = row.stream_type === 'team' && row.parent_id !== null ? { parentId: row.parent_id } : {};
    const entry = { id: row.stream_id, deleted: row.deleted_at !== null };
    enter({ type: row.stream_type, name: row.name ?? '', ...parent }, entry);
  }
  return {
    enter,
    holds: (id: Uuid): boolean => ids.has(id),
    /** The one living record of that name, if any. */
    only: (named: Named<StreamType>): Result<Uuid | undefined, RowProblem> => {
      const found = entries.get(keyOf(named)) ?? [];
      const living = found.filter((entry) => !entry.deleted);
      const what = `${named.type} ${quoted(named.name)}`;
      if (living.length > 1)
        return err(problem('invalid', `the name of the ${what} stands for ${living.length} records`));
      if (living.length === 0 && found.length > 0)
        return err(problem('archived', `the ${what} was deleted: restore it`));
      return ok(living[0]?.id);
    },
    forget: (id: Uuid): void => {
      const key = ids.get(id);
      ids.delete(id);
      if (key === undefined) return;
      entries.set(
        key,
        (entries.get(key) ?? []).filter((entry) => entry.id !== id),
      );
    },
  };
};

const CREATION = { user: 'UserInvited', team: 'TeamCreated', company: 'CompanyCreated' } as const;
const problem = (code: RowProblem['code'], message: string): RowProblem => ({ code, message: `${message}.` });
