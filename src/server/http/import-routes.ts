import type { FastifyRequest } from 'fastify';
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import * as z from 'zod/mini';
import { uuid } from '../../shared/contract/envelope.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { Auth } from '../auth/auth.ts';
import { DELIMITERS } from '../import/csv-rows.ts';
import type { ImportRequest, Imports } from '../import/imports.ts';
import { VERDICTS, type ImportJob } from '../import/jobs.ts';
import { MAPPING_BYTES_MAX, parseMapping } from '../import/mapping.ts';
import { IMPORT_TYPES } from '../import/targets.ts';
import { receiveUpload, type Upload } from '../import/upload.ts';
import { principalOf, requireSession } from './authenticated.ts';
import { watchPace } from './read-body.ts';
import { invalidRequest, type App } from './zod-schemas.ts';

/** A small file is answered with its outcome; a large one goes on and is asked for. */
const WAIT_MS = 3_000;
const PAGE_DEFAULT = 100;
const PAGE_MAX = 1000;
const tags = ['imports'];

const pair = z.string().check(z.maxLength(300), z.regex(/^.+:[A-Za-z.0-9_]+$/s, 'must be column:field'));
const startQuery = z.strictObject({
  type: z.enum(IMPORT_TYPES),
  dryRun: z.optional(z.enum(['true', 'false', '1', '0'])),
  /** JSON, as in the mapping files of the command line. */
  mapping: z.optional(z.string().check(z.maxLength(MAPPING_BYTES_MAX))),
  /** `column:field`, any number of times. */
  map: z.optional(z.union([pair, z.array(pair).check(z.maxLength(100))])),
  delimiter: z.optional(z.enum(DELIMITERS)),
  fileName: z.optional(z.string().check(z.minLength(1), z.maxLength(300))),
});

const pageQuery = z.strictObject({
  after: z.optional(z.coerce.number().check(z.int(), z.minimum(0))),
  limit: z.optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(PAGE_MAX))),
  verdict: z.optional(z.enum(VERDICTS)),
});
const jobPath = z.strictObject({ id: uuid });

const count = z.int();
const job = z.object({
  id: uuid,
  type: z.enum(IMPORT_TYPES),
  fileName: z.string(),
  sha256: z.string(),
  dryRun: z.boolean(),
  status: z.enum(['running', 'completed', 'failed', 'reverted']),
  error: z.nullable(z.string()),
  counts: z.object({ rows: count, created: count, updated: count, unchanged: count, refused: count }),
  ignoredColumns: z.array(z.string()),
  createdBy: uuid,
  startedAt: z.string(),
  finishedAt: z.nullable(z.string()),
});
const verdict = z.object({
  row: count,
  line: count,
  verdict: z.enum(VERDICTS),
  code: z.optional(z.string()),
  message: z.optional(z.string()),
  column: z.optional(z.string()),
  stream: z.optional(z.object({ type: z.string(), id: uuid })),
});
/** `next` is the `after` of the page that follows. */
const jobWithVerdicts = z.extend(job, { verdicts: z.array(verdict), next: z.nullable(count) });

const IMPORTERS: ReadonlySet<string> = new Set(['admin', 'manager']);

/** Before the body is read, so that nobody uploads in vain. */
const requireImporter = (app: App): void => {
  app.addHook('onRequest', async (request) => {
    if (IMPORTERS.has(principalOf(request).role)) return;
    throw new Problem('forbidden', 'Imports are for admins and managers.');
  });
};

/** A query that makes no sense is refused before the file is read, and so before there is a copy to be thrown away. */
const checkQueryFirst = (app: App): void => {
  app.addHook('preParsing', async (request) => {
    const parsed = z.safeParse(startQuery, request.query);
    if (!parsed.success) throw invalidRequest(parsed.error, 'query');
  });
};

/** The file goes to disk as it comes; 4 KiB in 10 s is the least pace, as for every body. */
const acceptCsv = (app: App): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) =>
    done(new Problem('unsupported_media_type', 'Send the file itself, as text/csv.')),
  );
  app.addContentTypeParser(/^(text|application)\/csv\s*(;|$)/i, async (request: FastifyRequest, payload: Readable) => {
    const body = new PassThrough();
    const ended = (error: unknown): void => void (error === undefined || body.destroy(error as Error));
    if (isGzip(request)) pipeline(payload, createGunzip(), body, ended);
    else pipeline(payload, body, ended);
    const stopWatching = watchPace(payload, (problem) => payload.destroy(problem));
    return receiveUpload(body).finally(stopWatching);
  });
};

const isGzip = (request: FastifyRequest): boolean => {
  const coding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (coding === 'identity' || coding === 'gzip') return coding === 'gzip';
  throw new Problem('unsupported_media_type', 'Send the file as it is or with Content-Encoding: gzip.');
};

type StartQuery = z.output<typeof startQuery>;

const importRequest = (query: StartQuery, { sha256 }: Upload): ImportRequest => {
  const mapping = query.mapping === undefined ? undefined : parseMapping(query.mapping);
  if (mapping?.ok === false) throw refused(mapping.error);
  const pairs = [query.map ?? []].flat().map((text): readonly [string, string] => {
    const colon = text.lastIndexOf(':');
    return [text.slice(0, colon), text.slice(colon + 1)];
  });
  return {
    type: query.type,
    fileName: query.fileName ?? 'upload.csv',
    sha256,
    dryRun: query.dryRun === 'true' || query.dryRun === '1',
    delimiter: query.delimiter,
    mapping: mapping?.value,
    pairs,
  };
};

const refused = (mistakes: readonly string[]): Problem => {
  const errors = mistakes.slice(0, 50).map((message) => ({ path: 'file', message }));
  return new Problem('invalid_request', mistakes[0] ?? 'The file cannot be imported.', { errors });
};

const jobOf = async (imports: Imports, request: FastifyRequest, id: string): Promise<ImportJob> => {
  const found = await imports.job(principalOf(request), id);
  if (found === undefined) throw new Problem('not_found', 'There is no such import.');
  return found;
};

/** Begins the import of an uploaded file; its copy is gone when the import has ended. */
const startImport = async (imports: Imports, request: FastifyRequest, query: StartQuery): Promise<ImportJob> => {
  const upload = request.body as Upload | undefined;
  if (upload === undefined) throw new Problem('unsupported_media_type', 'Send the file as text/csv.');
  try {
    const started = await imports.start(principalOf(request), importRequest(query, upload), upload.read());
    if (!started.ok) throw refused(started.error);
    const { id, ended } = started.value;
    void ended.then(() => upload.close());
    await Promise.race([ended, delay(WAIT_MS, undefined, { ref: false })]);
    return await jobOf(imports, request, id);
  } catch (error) {
    await upload.close().catch(() => undefined);
    throw error;
  }
};

type PageRequest = z.output<typeof pageQuery> & z.output<typeof jobPath>;

const jobPage = async (imports: Imports, request: FastifyRequest, { id, ...query }: PageRequest) => {
  const { after = 0, limit = PAGE_DEFAULT, verdict: only } = query;
  const found = await jobOf(imports, request, id);
  const verdicts = await imports.verdicts(principalOf(request), id, { after, limit, verdict: only });
  const last = verdicts.at(-1);
  return { ...found, verdicts, next: last !== undefined && verdicts.length === limit ? last.row : null };
};

const revertJob = async (imports: Imports, request: FastifyRequest, id: string) => {
  const found = await jobOf(imports, request, id);
  const reverted = await imports.revert(principalOf(request), found);
  if (!reverted.ok) throw new Problem('invalid_request', reverted.error);
  return { ...(await jobOf(imports, request, id)), ...reverted.value };
};

const startRoute = (app: App, imports: Imports): void => {
  app.post(
    '/api/imports',
    {
      schema: {
        tags,
        summary: 'Import a CSV file',
        consumes: ['text/csv'],
        querystring: startQuery,
        response: { 201: job },
      },
    },
    async (request, reply) => {
      const started = await startImport(imports, request, request.query);
      return reply
        .code(201)
        .header('location', `/api/imports/${started.id}`)
        .header('x-log-position', await imports.position(principalOf(request)))
        .send(started);
    },
  );
};

const readRoutes = (app: App, imports: Imports): void => {
  app.get(
    '/api/imports/:id',
    {
      schema: {
        tags,
        summary: 'Counts and verdicts by row',
        params: jobPath,
        querystring: pageQuery,
        response: { 200: jobWithVerdicts },
      },
    },
    async (request, reply) => {
      const page = await jobPage(imports, request, { id: request.params.id, ...request.query });
      return reply.header('x-log-position', await imports.position(principalOf(request))).send(page);
    },
  );
  app.post(
    '/api/imports/:id/revert',
    {
      schema: {
        tags,
        summary: 'Undo what an import made',
        params: jobPath,
        response: { 200: z.extend(job, { reverted: count, kept: count }) },
      },
    },
    async (request, reply) => {
      const reverted = await revertJob(imports, request, request.params.id);
      return reply.header('x-log-position', await imports.position(principalOf(request))).send(reverted);
    },
  );
};

/** CSV files in, a verdict for every row out. */
export const importRoutes =
  ({ auth, imports }: { readonly auth: Auth; readonly imports: Imports }) =>
  async (app: App): Promise<void> => {
    requireSession(app, auth);
    requireImporter(app);
    readRoutes(app, imports);
    await app.register(async (uploads: App) => {
      checkQueryFirst(uploads);
      acceptCsv(uploads);
      startRoute(uploads, imports);
    });
  };
