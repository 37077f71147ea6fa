import { createHash } from 'node:crypto';
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '../../shared/contract/problem.ts';

/** Bytes of a file that may be imported. */
export const FILE_BYTES_MAX = 256 * 1024 * 1024;

/** A received file, on disk so that its reading can be as slow as the log is busy. */
export interface Upload {
  /** Hex, of all bytes. */
  readonly sha256: string;
  readonly bytes: number;
  /** To be read once. */
  readonly read: () => AsyncIterable<Uint8Array>;
  readonly close: () => Promise<void>;
}

/** Takes a file to a place that has no name and vanishes with the process, however that ends. @throws Problem too_large | invalid_request */
export const receiveUpload = async (source: AsyncIterable<Uint8Array>): Promise<Upload> => {
  const file = await openNameless();
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > FILE_BYTES_MAX)
        throw new Problem('too_large', `The file is larger than ${FILE_BYTES_MAX} bytes: split it.`);
      hash.update(chunk);
      await file.write(chunk);
    }
  } catch (error) {
    await file.close();
    if (error instanceof Problem) throw error;
    throw new Problem('invalid_request', 'The file did not arrive completely. Send it again.');
  }
  const read = () => file.createReadStream({ start: 0, autoClose: false });
  return { sha256: hash.digest('hex'), bytes, read, close: () => file.close() };
};

const openNameless = async (): Promise<FileHandle> => {
  const folder = await mkdtemp(join(tmpdir(), 'leadzen-import-'));
  try {
    return await open(join(folder, 'upload.csv'), 'wx+', 0o600);
  } finally {
    await rm(folder, { recursive: true });
  }
};
