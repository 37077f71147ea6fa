import type { Uuid } from '../shared/base/ids.ts';
import { toHex } from './hash/hex.ts';

interface Runtime {
  readonly crypto?: { getRandomValues<T extends Uint8Array>(bytes: T): T };
}

/** Cryptographically random. */
export const randomBytes = (count: number): Uint8Array<ArrayBuffer> => {
  const { crypto } = globalThis as unknown as Runtime;
  if (crypto === undefined) {
    throw new Error(
      'createLeadZen: this runtime has no crypto.getRandomValues; import react-native-get-random-values first',
    );
  }
  return crypto.getRandomValues(new Uint8Array(count));
};

/** A UUID of 32 hex digits, of which the version is in its place and the variant is not yet. */
export const uuidOf = (hex: string): Uuid => {
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}`;
};

const COUNTER_END = 0x1000;
let time = 0;
let counter = 0;

/** A UUID of version 7 (RFC 9562) that sorts after all that came before it, in the same millisecond too. */
export const newId = (now = Date.now()): Uuid => {
  const random = randomBytes(10);
  if (now > time) {
    time = now;
    // The upper half of the range is left for those of the same millisecond.
    counter = (((random[0] as number) << 8) | (random[1] as number)) & (COUNTER_END / 2 - 1);
  } else {
    counter += 1;
    if (counter === COUNTER_END) {
      time += 1;
      counter = 0;
    }
  }
  return uuidOf(time.toString(16).padStart(12, '0') + (0x7000 + counter).toString(16) + toHex(random.subarray(2)));
};
