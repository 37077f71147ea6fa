import type { Uuid } from '../../shared/base/ids.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { PushResult, SyncRequest } from '../../shared/contract/sync.ts';
import type { Access } from '../access/access.ts';
import type { Principal } from '../access/principal.ts';
import { createStoredRules } from '../access/stored-rules.ts';
import { asProblem } from '../database/failure.ts';
import { readHead } from '../log/workspace-head.ts';
import { openCursor, openMark, sealCursor, sealMark, type Cursor, type Mark } from './cursor.ts';
import { checkFingerprints, readPage, type Page } from './pull.ts';
import type { Push } from './push.ts';
import { utf8Of } from './utf8.ts';
import type { Pushed } from './waiting-requests.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';

export interface SyncParts {
  readonly pool: WorkspacePool;
  readonly push: Push;
  readonly access: Access;
  readonly cursorKey: Buffer;
  /** Told the verdicts of every push, for the metrics. */
  readonly onResults?: (results: readonly PushResult[]) => void;
}

export interface Sync {
  /** Pushes, then pulls; the answer is JSON, with a page as UTF-8. Throws a Problem where the request as a whole is refused. */
  readonly sync: (principal: Principal, request: SyncRequest) => Promise<Buffer | string>;
}

interface Told {
  readonly cursor: Cursor | null;
  readonly mark: Mark | undefined;
}

export const createSync = (parts: SyncParts): Sync => {
  const cursorKey = parts.cursorKey.toString('hex');
  const pulling = { ...parts, storedRules: createStoredRules(parts.pool) };
  const told = (principal: Principal, { cursor, mark }: SyncRequest): Told => ({
    cursor: typeof cursor === 'string' ? openCursor(cursorKey, principal, cursor) : null,
    mark: mark === undefined ? undefined : openMark(cursorKey, principal, mark),
  });

  const run = async (principal: Principal, request: SyncRequest): Promise<Buffer | string> => {
    const { cursor, mark } = told(principal, request);
    if (request.cursor === undefined && (request.want?.length ?? 0) > 0) {
      throw new Problem('invalid_request', 'want needs a cursor: send the one of the last answer, or null');
    }
    await checkBefore(parts.pool, principal.workspaceId, { cursor, mark, pushes: (request.events?.length ?? 0) > 0 });
    const pushed = request.events?.length ? await parts.push.events(principal, request.events) : undefined;
    if (pushed !== undefined) parts.onResults?.(pushed.results);
    const page = request.cursor === undefined ? undefined : await readPage(pulling, principal, cursor, request);
    const head =
      page?.head ??
      pushed?.head ??
      (await readHead(parts.pool.for(principal.workspaceId), principal.workspaceId))?.head ??
      0;
    const texts = [
      `{"serverTime":"${new Date().toISOString()}","head":${head},"results":${JSON.stringify(pushed?.results ?? [])}`,
      markText(cursorKey, principal, pushed),
      ...pageTexts(cursorKey, principal, request, page),
      '}',
    ];
    // Node writes a short text in one piece with its headers, bytes apart from them.
    return page === undefined ? texts.join('') : utf8Of(texts);
  };

  return {
    sync: async (principal, request) => {
      try {
        return await run(principal, request);
      } catch (error) {
        throw asProblem(error);
      }
    },
  };
};

interface Before extends Told {
  readonly pushes: boolean;
}

/** A pure pull of events checks its cursor in the statement that reads them, which saves a round trip. */
const checkBefore = async (pool: WorkspacePool, workspaceId: Uuid, { cursor, mark, pushes }: Before): Promise<void> => {
  const statements = pool.for(workspaceId);
  const claims = mark === undefined ? [] : [mark];
  if (cursor !== null && (pushes || cursor.mode !== 'events'))
    await checkFingerprints(statements, workspaceId, [...claims, cursor]);
  else await checkFingerprints(statements, workspaceId, claims);
};

/** The newest position that the results name, for the client to send back until it has pulled that far. */
const markText = (key: string, principal: Principal, pushed: Pushed | undefined): string => {
  let newest: Mark | undefined;
  for (const result of pushed?.results ?? []) {
    if (!('position' in result) || result.id === null) continue;
    if (newest === undefined || result.position > newest.position)
      newest = { position: result.position, fingerprint: result.id };
  }
  return newest === undefined ? '' : `,"mark":"${sealMark(key, principal, newest)}"`;
};

const pageTexts = (key: string, principal: Principal, request: SyncRequest, page: Page | undefined): string[] => {
  if (page === undefined) return [];
  const from = request.cursor === null ? 'null' : `"${request.cursor}"`;
  const cursor = sealCursor(key, principal, page.cursor);
  const reached = `"cursor":"${cursor}","through":${page.cursor.through},"upToDate":${page.upToDate}`;
  const ops = page.ops.flatMap((op, index) => (index === 0 ? [op] : [',', op]));
  return [`,"from":${from},${reached},"ops":[`, ...ops, ']'];
};
