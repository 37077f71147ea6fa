import { isUuid, type Uuid } from '../../shared/base/ids.ts';
import { toHex } from '../hash/hex.ts';
import { sha256 } from '../hash/sha256.ts';
import { uuidOf } from '../random.ts';
import { toUtf8 } from '../utf8.ts';

/**
 * Our id for an id of the old app, the same at every run: a UUID of version 8 (RFC 9562) made of the user, the old key
 * and the old id. Two phones may both have a `temp_1`, so another user's is another record.
 */
export const adoptedId = (userId: Uuid, key: string, oldId: string): Uuid => {
  const own: unknown = oldId;
  if (isUuid(own)) return own;
  const hex = toHex(sha256(toUtf8(['leadzen/adopt/1', userId, key, oldId].join('\n'))));
  return uuidOf(`${hex.slice(0, 12)}8${hex.slice(13)}`);
};
