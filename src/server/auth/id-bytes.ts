import type { Uuid } from '../../shared/base/ids.ts';

/** The 16 bytes of an id. */
export const bytesOfId = (id: Uuid): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');

export const idOfBytes = (bytes: Buffer): Uuid =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
