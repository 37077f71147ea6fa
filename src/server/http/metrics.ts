import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AppParts, ProjectionLag } from './parts.ts';

type Measured = Pick<
  AppParts,
  'columns' | 'jobs' | 'pools' | 'projectionLag' | 'projectionLags' | 'rebuild' | 'verdicts'
>;

const SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const measureRequests = (app: FastifyInstance, registers: Registry[]): void => {
  const durations = new Histogram({
    name: 'leadzen_http_request_seconds',
    help: 'How long requests took, by the pattern of their route',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers,
  });
  app.addHook('onResponse', (request, reply, done) => {
    // The pattern, never the path: paths hold ids, and every id would be a time series of its own.
    const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
    durations.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    done();
  });
};

const measurePools = (pools: NonNullable<Measured['pools']>, registers: Registry[]): void => {
  void new Gauge({
    name: 'leadzen_database_connections',
    help: 'Connections to PostgreSQL by pool; waiting ones are requests without a connection',
    labelNames: ['pool', 'state'],
    registers,
    collect() {
      for (const [pool, use] of Object.entries(pools())) {
        for (const [state, count] of Object.entries(use)) this.set({ pool, state }, count as number);
      }
    },
  });
};

const measureColumns = (columns: NonNullable<Measured['columns']>, registers: Registry[]): void => {
  void new Gauge({
    name: 'leadzen_columns_copies',
    help: 'Workspaces whose read models are kept by columns, for analytics',
    registers,
    collect() {
      this.set(columns().copies);
    },
  });
  void new Counter({
    name: 'leadzen_columns_statements_total',
    help: 'Statements of analytics that columns answered, and those that PostgreSQL had to answer after all',
    labelNames: ['result'],
    registers,
    collect() {
      const { answered, failed } = columns();
      this.reset();
      this.inc({ result: 'answered' }, answered);
      this.inc({ result: 'failed' }, failed);
    },
  });
};

const LAG: readonly (readonly [keyof ProjectionLag, name: string, help: string])[] = [
  ['events', 'leadzen_projection_lag_events', 'Events that no read model shows yet'],
  ['seconds', 'leadzen_projection_lag_seconds', 'Age of the oldest event that no read model shows yet'],
  ['parkedStreams', 'leadzen_parked_streams', 'Streams that stand still because a read model cannot fold them'],
];

const measureLag = (projectionLag: NonNullable<Measured['projectionLag']>, registers: Registry[]): void => {
  for (const [part, name, help] of LAG) {
    void new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set((await projectionLag())[part]);
      },
    });
  }
};

const PROJECTIONS = [
  ['behind', 'leadzen_projection_behind_workspaces', 'Workspaces with events that the read model has not seen'],
  ['lagEvents', 'leadzen_projection_events_behind', 'Events that the read model has not seen, where that is worst'],
  [
    'lagSeconds',
    'leadzen_projection_seconds_behind',
    'Age of the oldest event that it has not seen, where that is worst',
  ],
  ['parkedStreams', 'leadzen_projection_parked_streams', 'Streams that the read model cannot fold'],
] as const;

/** By read model and version, never by workspace: every workspace would be a time series of its own. */
const measureProjections = (lags: NonNullable<Measured['projectionLags']>, registers: Registry[]): void => {
  let asked: ReturnType<typeof lags> | undefined;
  for (const [index, [part, name, help]] of PROJECTIONS.entries()) {
    void new Gauge({
      name,
      help,
      labelNames: ['projection', 'version'],
      registers,
      async collect() {
        // All are collected at once, and asked once.
        if (index === 0 || asked === undefined) asked = lags();
        this.reset();
        for (const lag of await asked) this.set({ projection: lag.name, version: lag.version }, lag[part]);
      },
    });
  }
};

const measureVerdicts = (verdicts: NonNullable<Measured['verdicts']>, registers: Registry[]): void => {
  void new Counter({
    name: 'leadzen_push_verdicts_total',
    help: 'Events that were pushed, by verdict',
    labelNames: ['status'],
    registers,
    collect() {
      this.reset();
      for (const [status, count] of Object.entries(verdicts())) this.inc({ status }, count);
    },
  });
};

const measureRebuild = (rebuild: NonNullable<Measured['rebuild']>, registers: Registry[]): void => {
  void new Gauge({
    name: 'leadzen_rebuild_events',
    help: 'Events of the rebuild under way: to be folded, and folded so far; 0 without one',
    labelNames: ['state'],
    registers,
    async collect() {
      const { events = 0, eventsDone = 0 } = (await rebuild()) ?? {};
      this.set({ state: 'all' }, events);
      this.set({ state: 'done' }, eventsDone);
    },
  });
};

const JOBS = [
  ['runs', 'leadzen_job_runs_total', 'Runs of each job that succeeded, since the start'],
  ['failures', 'leadzen_job_failures_total', 'Runs of each job that failed and are tried again, since the start'],
  ['lastSuccess', 'leadzen_job_last_success_seconds', 'When each job last had nothing left to do, since the epoch'],
  ['duration', 'leadzen_job_duration_seconds', 'How long each job took, the last time that it had anything to do'],
] as const;

const measureJobs = (jobs: NonNullable<Measured['jobs']>, registers: Registry[]): void => {
  for (const [part, name, help] of JOBS) {
    void new Gauge({
      name,
      help,
      labelNames: ['job'],
      registers,
      collect() {
        for (const [job, counts] of Object.entries(jobs())) this.set({ job }, counts[part]);
      },
    });
  }
};

/** Measures all routes that are added after this call, and serves `/metrics` in the format of Prometheus. */
export const serveMetrics = (
  app: FastifyInstance,
  { columns, jobs, pools, projectionLag, projectionLags, rebuild, verdicts }: Measured,
): void => {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  measureRequests(app, registers);
  if (verdicts !== undefined) measureVerdicts(verdicts, registers);
  if (jobs !== undefined) measureJobs(jobs, registers);
  if (columns !== undefined) measureColumns(columns, registers);
  if (pools !== undefined) measurePools(pools, registers);
  if (rebuild !== undefined) measureRebuild(rebuild, registers);
  if (projectionLags !== undefined) measureProjections(projectionLags, registers);
  if (projectionLag !== undefined) measureLag(projectionLag, registers);
  app.get('/metrics', { schema: { tags: ['operation'], summary: 'Measurements for Prometheus' } }, async (_, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
  app.addHook('onClose', async () => registry.clear());
};
