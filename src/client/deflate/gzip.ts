import { deflate } from './deflate.ts';

const HEAD = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255] as const;
const TAIL_BYTES = 8;

const CRCS = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});
const crcOf = (bytes: Uint8Array): number => {
  let crc = -1;
  for (const byte of bytes) crc = (CRCS[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
  return ~crc;
};

/** Packs bytes as RFC 1952 says: what HTTP calls gzip. */
export const gzip = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
  const packed = deflate(bytes);
  const whole = new Uint8Array(HEAD.length + packed.length + TAIL_BYTES);
  whole.set(HEAD);
  whole.set(packed, HEAD.length);
  const tail = new DataView(whole.buffer, HEAD.length + packed.length);
  tail.setInt32(0, crcOf(bytes), true);
  tail.setUint32(4, bytes.length, true);
  return whole;
};
