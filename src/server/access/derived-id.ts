import { createHash } from 'node:crypto';
import type { Uuid } from '../../shared/base/ids.ts';

/**
 * An id made from what it stands for (RFC 9562 version 8), so that reading the same row again names the same record and
 * the same events, and the log recognises them. The parts are told apart by their lengths: `ab`,`c` is not `a`,`bc`.
 */
export const derivedId = (...parts: readonly string[]): Uuid => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:${part}`);
  const hex = hash.digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
