import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Problem } from '../../shared/contract/problem.ts';

/** A body must bring this much in every interval, or it is a slow loris; a phone at 1 kB/s still gets through. */
const PACE_INTERVAL_MS = 10_000;
const PACE_BYTES = 4096;

const tooLarge = (limit: number): Problem => new Problem('too_large', `The body is larger than ${limit} bytes.`);
const stalled = (): Problem => new Problem('invalid_request', 'The body stopped arriving. Send it again.');

/** Fails a stream that brings less than 4 KiB in 10 s. Answers what ends the watch. */
export const watchPace = (stream: Readable, fail: (problem: Problem) => void): (() => void) => {
  let sinceLast = 0;
  const count = (chunk: Buffer): void => {
    sinceLast += chunk.length;
  };
  const timer = setInterval(() => {
    if (sinceLast < PACE_BYTES) fail(stalled());
    sinceLast = 0;
  }, PACE_INTERVAL_MS);
  stream.on('data', count);
  return () => {
    clearInterval(timer);
    stream.off('data', count);
  };
};

/** All bytes of a body of at most `limit` bytes. @throws Problem too_large | invalid_request */
export const readBody = (stream: Readable, limit: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (finish: () => void): void => {
      unwatch();
      stream.off('data', take).off('end', end).off('error', broken).off('close', broken);
      finish();
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit) settle(() => reject(tooLarge(limit)));
      else chunks.push(chunk);
    };
    const end = (): void =>
      settle(() => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)));
    const broken = (): void => settle(() => reject(stalled()));
    stream.on('data', take).on('end', end).on('error', broken).on('close', broken);
    const unwatch = watchPace(stream, (problem) => settle(() => reject(problem)));
  });

const inflate = promisify(gunzip);

/** A gzip body inflated to at most `limit` bytes; a bomb is given up at the limit. @throws Problem too_large | invalid_json */
export const inflateBody = async (body: Buffer, limit: number): Promise<Buffer> => {
  try {
    return await inflate(body, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit);
    throw new Problem('invalid_json', 'The body is not a complete gzip stream.');
  }
};
