import { deflateSync, inflateSync, strFromU8, strToU8 } from 'fflate';

const RAW = 0;
const DEFLATED = 1;
/** Below this, deflate saves less than the base64 around it costs, and takes a tenth of a millisecond. */
const DEFLATE_FROM = 1024;

/** Text as bytes, deflated where that pays: whoever seals does it after this, for noise does not shrink. */
export const pack = (text: string): Uint8Array<ArrayBuffer> => {
  const plain = strToU8(text);
  const body = plain.length < DEFLATE_FROM ? plain : deflateSync(plain, { level: 3 });
  const packed = new Uint8Array(body.length + 1);
  packed[0] = body === plain ? RAW : DEFLATED;
  packed.set(body, 1);
  return packed;
};

/** undefined for what `pack` did not make. */
export const unpack = (packed: Uint8Array): string | undefined => {
  const body = packed.subarray(1);
  if (packed[0] === RAW) return strFromU8(body);
  if (packed[0] !== DEFLATED) return undefined;
  try {
    return strFromU8(inflateSync(body));
  } catch {
    return undefined;
  }
};
