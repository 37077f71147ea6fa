import type { Logger } from 'pino';
import type { Uuid } from '../../shared/base/ids.ts';
import type { SyncRequest } from '../../shared/contract/sync.ts';
import type { Principal } from '../access/principal.ts';
import type { Auth } from '../auth/auth.ts';
import type { Imports } from '../import/imports.ts';
import type { Analytics } from '../queries/analytics/analytics.ts';
import type { Exports } from '../queries/exports/exports.ts';
import type { RecordReads } from '../queries/record-reads.ts';
import type { RecordWrites } from '../resources/record-writes.ts';
import type { RequestQuotas } from './request-limits.ts';

export interface HttpConfig {
  /** Origins that browsers may call from; none by default. */
  readonly corsOrigins: readonly string[];
  /** Addresses and networks of proxies whose X-Forwarded-* headers count; never "all", never a number of hops. */
  readonly trustProxy: readonly string[];
  /** Undefined: requests are not limited (RATE_LIMIT=off). Wrong passwords are throttled in any case. */
  readonly requestQuotas?: RequestQuotas | undefined;
  /** PEM texts. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined;
}

/** Answers whether this server can do its work right now. */
export interface Health {
  /** Why not, as short sentences; empty when ready. Must answer within seconds whatever the database does. */
  readonly problems: () => Promise<readonly string[]>;
}

/** Tells a principal that there is something to pull. */
export interface LiveHints {
  /** Calls `hint` after commits that change what the principal sees. Returns the way to stop. */
  readonly watch: (principal: Principal, hint: () => void) => () => void;
}

/** How far the read models are behind the log, over all workspaces. */
export interface ProjectionLag {
  readonly events: number;
  readonly seconds: number;
  /** Streams that stand still because a read model cannot fold them. */
  readonly parkedStreams: number;
}

/** One read model over all workspaces, where it is worst. */
export interface ProjectionLagOf {
  readonly name: string;
  readonly version: number;
  readonly behind: number;
  readonly lagEvents: number;
  readonly lagSeconds: number;
  readonly parkedStreams: number;
}

/** The read models of a workspace, for whoever runs it. */
export interface ProjectionsAdmin {
  readonly status: (workspaceId: Uuid) => Promise<object>;
  /** Folds parked streams anew. */
  readonly retry: (
    workspaceId: Uuid,
    choice: { readonly projection?: string | undefined; readonly streamId?: Uuid | undefined },
  ) => Promise<{ readonly freed: number; readonly parked: number }>;
}

export interface JobCounts {
  readonly runs: number;
  readonly failures: number;
  /** Seconds since the epoch; 0 for never. */
  readonly lastSuccess: number;
  /** Seconds that the newest look with anything to do took. */
  readonly duration: number;
}

export interface PoolUse {
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
}

/** Everything that routes may touch. They never see a database or the log themselves. */
export interface AppParts {
  readonly config: HttpConfig;
  readonly log: Logger;
  readonly auth: Auth;
  /** One round of push and pull; the whole answer as JSON text. @throws Problem for what refuses the request */
  readonly sync: (principal: Principal, request: SyncRequest) => Promise<string | Buffer>;
  readonly reads: RecordReads;
  readonly writes: RecordWrites;
  readonly analytics: Analytics;
  readonly imports: Imports;
  readonly exports: Exports;
  readonly live: LiveHints;
  readonly projections: ProjectionsAdmin;
  readonly health: Health;
  /** Tells outages of the database from bugs: a Problem for the former, anything else as it is. */
  readonly asProblem: (error: unknown) => unknown;
  /** Verdicts given since the start, by status. */
  readonly verdicts?: () => Readonly<Record<string, number>>;
  readonly pools?: () => Readonly<Record<string, PoolUse>>;
  /** Copies of read models by columns that are kept, and the statements that they answered or could not. */
  readonly columns?: () => { readonly copies: number; readonly answered: number; readonly failed: number };
  readonly projectionLag?: () => Promise<ProjectionLag>;
  /** Events of a rebuild under way; undefined where there is none. */
  readonly rebuild?: () => Promise<{ readonly events: number; readonly eventsDone: number } | undefined>;
  readonly projectionLags?: () => Promise<readonly ProjectionLagOf[]>;
  /** What each job did since the start. */
  readonly jobs?: () => Readonly<Record<string, JobCounts>>;
}
