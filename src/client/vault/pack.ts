import { deflate } from '../deflate/deflate.ts';
import { inflate } from '../deflate/inflate.ts';
import { fromUtf8, toUtf8 } from '../utf8.ts';

const RAW = 0;
const DEFLATED = 1;
/** Below this, deflate saves less than the base64 around it costs, and takes a tenth of a millisecond. */
const DEFLATE_FROM = 1024;
/** How it is packed, and how long it was. */
const HEAD_BYTES = 5;

const headed = (kind: number, length: number, body: Uint8Array): Uint8Array<ArrayBuffer> => {
  const packed = new Uint8Array(HEAD_BYTES + body.length);
  packed[0] = kind;
  new DataView(packed.buffer).setUint32(1, length);
  packed.set(body, HEAD_BYTES);
  return packed;
};

/** Text as bytes, deflated where that pays: whoever seals does it after this, for noise does not shrink. */
export const pack = (text: string): Uint8Array<ArrayBuffer> => {
  const plain = toUtf8(text);
  return plain.length < DEFLATE_FROM
    ? headed(RAW, plain.length, plain)
    : headed(DEFLATED, plain.length, deflate(plain));
};

/** undefined for what `pack` did not make. Only authenticated bytes come here, so the length is not a trap. */
export const unpack = (packed: Uint8Array): string | undefined => {
  if (packed.length < HEAD_BYTES) return undefined;
  const body = packed.subarray(HEAD_BYTES);
  const length = new DataView(packed.buffer, packed.byteOffset).getUint32(1);
  try {
    if (packed[0] === RAW) return fromUtf8(body);
    return packed[0] === DEFLATED ? fromUtf8(inflate(body, length)) : undefined;
  } catch {
    return undefined;
  }
};
