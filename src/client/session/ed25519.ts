import { sha512 } from '../hash/sha512.ts';

/**
 * Verification of Ed25519 signatures (RFC 8032, section 5.1.7), because no runtime of phones brings it and the whole of
 * it is less than a library. Everything here is public, so nothing needs to run in constant time; signing is the server's.
 */

const P = 2n ** 255n - 19n;
/** The order of the base point. */
const L = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;

const mod = (value: bigint): bigint => {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
};
const power = (base: bigint, exponent: bigint): bigint => {
  let result = 1n;
  let square = mod(base);
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
};
const inverse = (value: bigint): bigint => power(value, P - 2n);

const D = mod(-121_665n * inverse(121_666n));
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);

/** Extended homogeneous coordinates: x = X/Z, y = Y/Z, xy = T/Z. */
type Point = readonly [x: bigint, y: bigint, z: bigint, t: bigint];
const NEUTRAL: Point = [0n, 1n, 1n, 0n];

const add = ([x1, y1, z1, t1]: Point, [x2, y2, z2, t2]: Point): Point => {
  const a = mod((y1 - x1) * (y2 - x2));
  const b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * t1 * D * t2);
  const d = mod(2n * z1 * z2);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
};

const times = (scalar: bigint, point: Point): Point => {
  let result = NEUTRAL;
  let double = point;
  for (let left = scalar; left > 0n; left >>= 1n) {
    if (left & 1n) result = add(result, double);
    double = add(double, double);
  }
  return result;
};

const isSame = ([x1, y1, z1]: Point, [x2, y2, z2]: Point): boolean =>
  mod(x1 * z2 - x2 * z1) === 0n && mod(y1 * z2 - y2 * z1) === 0n;

const littleEndian = (bytes: Uint8Array): bigint => {
  let value = 0n;
  for (let at = bytes.length - 1; at >= 0; at -= 1) value = (value << 8n) | BigInt(bytes[at] ?? 0);
  return value;
};

/** The x for a y on the curve, by its lowest bit (RFC 8032, section 5.1.3). */
const recoverX = (y: bigint, sign: bigint): bigint | undefined => {
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x - square) !== 0n) x = mod(x * ROOT_OF_MINUS_ONE);
  if (mod(x * x - square) !== 0n || (x === 0n && sign === 1n)) return undefined;
  return (x & 1n) === sign ? x : P - x;
};

const decode = (bytes: Uint8Array): Point | undefined => {
  const value = littleEndian(bytes);
  const y = value & (2n ** 255n - 1n);
  if (bytes.length !== 32 || y >= P) return undefined;
  const x = recoverX(y, value >> 255n);
  return x === undefined ? undefined : [x, y, 1n, mod(x * y)];
};

const BASE_Y = mod(4n * inverse(5n));
const BASE_X = recoverX(BASE_Y, 0n) ?? 0n;
const BASE: Point = [BASE_X, BASE_Y, 1n, mod(BASE_X * BASE_Y)];

const joined = (...parts: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

/** Whether `signature` is the key's for `message`. False for anything malformed; never throws. */
export const verifyEd25519 = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean => {
  if (signature.length !== 64) return false;
  const key = decode(publicKey);
  const point = decode(signature.subarray(0, 32));
  const scalar = littleEndian(signature.subarray(32));
  // A key of small order signs everything for everybody.
  if (key === undefined || point === undefined || scalar >= L || isSame(times(8n, key), NEUTRAL)) return false;
  const challenge = littleEndian(sha512(joined(signature.subarray(0, 32), publicKey, message))) % L;
  return isSame(times(scalar, BASE), add(point, times(challenge, key)));
};
