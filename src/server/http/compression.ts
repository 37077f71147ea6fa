import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { promisify } from 'node:util';
import { constants, gzip, zstdCompress } from 'node:zlib';

/** Smaller answers fit one packet as they are. */
const COMPRESS_FROM_BYTES = 1024;

const zstd = promisify(zstdCompress);
const deflate = promisify(gzip);

type Coding = 'zstd' | 'gzip';

const COMPRESS: Readonly<Record<Coding, (body: Buffer) => Promise<Buffer>>> = {
  zstd: (body) => zstd(body, { params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
  gzip: (body) => deflate(body, { level: 5 }),
};

const qualities = (header: string): Map<string, number> => {
  const found = new Map<string, number>();
  for (const item of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim());
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    found.set(name, quality === undefined ? 1 : Number(quality) || 0);
  }
  return found;
};

/** The best coding that an Accept-Encoding header takes (RFC 9110, 12.5.3): zstd, where both are as welcome. */
export const codingFor = (header: string | undefined): Coding | undefined => {
  if (header === undefined || header === '') return undefined;
  const accepted = qualities(header);
  const rest = accepted.get('*') ?? 0;
  const zstdQuality = accepted.get('zstd') ?? rest;
  const gzipQuality = accepted.get('gzip') ?? accepted.get('x-gzip') ?? rest;
  const best = Math.max(zstdQuality, gzipQuality);
  // "identity" is only preferred where the client says so.
  if (best === 0 || best < (accepted.get('identity') ?? 0)) return undefined;
  return zstdQuality >= gzipQuality ? 'zstd' : 'gzip';
};

const COMPRESSIBLE = /^(application\/(json|problem\+json)|text\/)/;

const isCompressible = (reply: FastifyReply, payload: unknown): payload is string | Buffer => {
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return false;
  // Characters are at least a byte each, so this never measures a long text.
  if (payload.length < COMPRESS_FROM_BYTES && Buffer.byteLength(payload) < COMPRESS_FROM_BYTES) return false;
  return (
    reply.getHeader('content-encoding') === undefined && COMPRESSIBLE.test(String(reply.getHeader('content-type')))
  );
};

const addVary = (reply: FastifyReply): void => {
  const vary = reply.getHeader('vary');
  reply.header('vary', vary === undefined ? 'Accept-Encoding' : `${String(vary)}, Accept-Encoding`);
};

const compress = async (
  request: FastifyRequest,
  reply: FastifyReply,
  body: string | Buffer,
): Promise<Buffer | string> => {
  addVary(reply);
  const coding = codingFor(request.headers['accept-encoding']);
  if (coding === undefined || request.method === 'HEAD') return body;
  const compressed = await COMPRESS[coding](typeof body === 'string' ? Buffer.from(body) : body);
  reply.header('content-encoding', coding).removeHeader('content-length');
  return compressed;
};

/** Compresses text of 1 KiB and more off the event loop, as the client accepts it. */
export const compressAnswers = (app: FastifyInstance): void => {
  app.addHook('onSend', (request, reply, payload, done) => {
    if (!isCompressible(reply, payload)) return done(null, payload);
    compress(request, reply, payload).then(
      (body) => done(null, body),
      (error: Error) => done(error),
    );
  });
};
