/** Bytes that grow as values are written behind each other. */
export interface Growing {
  bytes: Buffer;
  /** Over the same bytes: four at a time take a third of the time. */
  view: DataView;
  size: number;
}

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer): DataView => new DataView(buffer, byteOffset, byteLength);

export const growing = (bytes: Buffer): Growing => ({ bytes, view: viewOf(bytes), size: 0 });

/**
 * Writes a value as PostgreSQL's binary form of its type, its length in front. There is room for values of fixed size;
 * others make it.
 *
 * @throws ValueRefused where the type has no such value
 */
export type WriteValue = (out: Growing, value: unknown) => void;

/** What a value of fixed size takes at most. */
export const FIXED_BYTES = 4 + 16;

/** Makes room for so many bytes more. */
export const makeRoom = (out: Growing, bytes: number): void => {
  if (out.size + bytes <= out.bytes.length) return;
  const larger = Buffer.allocUnsafe(Math.max(out.bytes.length * 2, out.size + bytes));
  out.bytes.copy(larger, 0, 0, out.size);
  out.bytes = larger;
  out.view = viewOf(larger);
};

export const writeInt16 = (out: Growing, value: number): void => {
  out.view.setInt16(out.size, value);
  out.size += 2;
};

export const writeInt32 = (out: Growing, value: number): void => {
  out.view.setInt32(out.size, value);
  out.size += 4;
};

const HIGH = 2 ** 32;
const writeInt64 = (out: Growing, value: number): void => {
  writeInt32(out, Math.floor(value / HIGH));
  writeInt32(out, value | 0);
};

/** A type has no such value; with the SQLSTATE of what PostgreSQL itself refuses as data. */
export class ValueRefused extends TypeError {
  readonly code = '22000';
}

const refuse = (value: unknown, type: string): never => {
  throw new ValueRefused(`${JSON.stringify(value)} is no ${type}`);
};

/** The same refusal, saying where. */
export const refusedAt = (place: string, error: unknown): unknown =>
  error instanceof ValueRefused ? new ValueRefused(`${place}: ${error.message}`, { cause: error }) : error;

const integer: WriteValue = (out, value) => {
  const number = typeof value === 'number' ? value : Number(value);
  if ((number | 0) !== number) refuse(value, 'integer');
  writeInt32(out, 4);
  writeInt32(out, number);
};

const smallint: WriteValue = (out, value) => {
  const number = typeof value === 'number' ? value : Number(value);
  if ((number << 16) >> 16 !== number) refuse(value, 'smallint');
  writeInt32(out, 2);
  writeInt16(out, number);
};

const bigint: WriteValue = (out, value) => {
  const number = typeof value === 'number' ? value : Number(value);
  if (!Number.isSafeInteger(number)) refuse(value, 'bigint that is exact as a number');
  writeInt32(out, 8);
  writeInt64(out, number);
};

const boolean: WriteValue = (out, value) => {
  writeInt32(out, 1);
  out.bytes[out.size++] = value === true ? 1 : 0;
};

/** Up to so many characters, a loop in JavaScript is faster than the call that encodes them. */
const SHORT = 32;

const writeText: WriteValue = (out, value) => {
  if (typeof value !== 'string') return refuse(value, 'text');
  // No UTF-16 unit takes more than three bytes of UTF-8.
  makeRoom(out, 4 + value.length * 3);
  const begin = out.size + 4;
  let size = begin;
  const short = value.length <= SHORT;
  for (let index = 0; short && index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if (code > 0x7f) break;
    out.bytes[size++] = code;
  }
  if (size - begin < value.length) size = begin + out.bytes.write(value, begin);
  writeInt32(out, size - begin);
  out.size = size;
};

const json: WriteValue = (out, value) => writeText(out, JSON.stringify(value));

const NIBBLES = new Int8Array(128).fill(-1);
for (let digit = 0; digit < 16; digit += 1) {
  NIBBLES[digit.toString(16).charCodeAt(0)] = digit;
  NIBBLES[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}
const UUID_LENGTH = 36;
const byteAt = (text: string, at: number): number =>
  ((NIBBLES[text.charCodeAt(at)] ?? -1) << 4) | (NIBBLES[text.charCodeAt(at + 1)] ?? -1);

const writeUuid = (out: Growing, value: unknown): void => {
  if (typeof value !== 'string' || value.length !== UUID_LENGTH) return refuse(value, 'uuid');
  writeInt32(out, 16);
  let { size } = out;
  // Negative as soon as one of them was no digit.
  let seen = 0;
  for (let at = 0; at < UUID_LENGTH; at += 2) {
    if (at === 8 || at === 13 || at === 18 || at === 23) at += 1;
    const byte = byteAt(value, at);
    seen |= byte;
    out.bytes[size++] = byte;
  }
  out.size = size;
  if (seen < 0) refuse(value, 'uuid');
};

/** A column mostly repeats the id of the row before, whose bytes are then written again without a look at the text. */
const uuidColumn = (): WriteValue => {
  const words = [0, 0, 0, 0] as const as [number, number, number, number];
  let last: unknown;
  return (out, value) => {
    const { view, size } = out;
    if (value === last) {
      view.setInt32(size, 16);
      view.setInt32(size + 4, words[0]);
      view.setInt32(size + 8, words[1]);
      view.setInt32(size + 12, words[2]);
      view.setInt32(size + 16, words[3]);
      out.size = size + FIXED_BYTES;
      return;
    }
    writeUuid(out, value);
    last = value;
    for (let word = 0; word < 4; word += 1) words[word] = view.getInt32(size + 4 + word * 4);
  };
};

const UUID_OID = 2950;

/** From its text form, `\\x` and hexadecimal digits. */
const bytea: WriteValue = (out, value) => {
  if (typeof value !== 'string' || !value.startsWith('\\x') || value.length % 2 !== 0) return refuse(value, 'bytea');
  const length = value.length / 2 - 1;
  makeRoom(out, 4 + length);
  writeInt32(out, length);
  let { size } = out;
  let seen = 0;
  for (let at = 2; at < value.length; at += 2) {
    const byte = byteAt(value, at);
    seen |= byte;
    out.bytes[size++] = byte;
  }
  out.size = size;
  if (seen < 0) refuse(value, 'bytea');
};

const uuids: WriteValue = (out, value) => {
  if (!Array.isArray(value)) return refuse(value, 'array of uuid');
  const header = value.length === 0 ? 12 : 20;
  makeRoom(out, 4 + header + value.length * FIXED_BYTES);
  writeInt32(out, header + value.length * FIXED_BYTES);
  writeInt32(out, value.length === 0 ? 0 : 1);
  writeInt32(out, 0);
  writeInt32(out, UUID_OID);
  if (value.length === 0) return;
  writeInt32(out, value.length);
  writeInt32(out, 1);
  for (const id of value) writeUuid(out, id);
};

const TEXT_OID = 25;

const texts: WriteValue = (out, value) => {
  if (!Array.isArray(value)) return refuse(value, 'array of text');
  makeRoom(out, 4 + 20);
  const begin = out.size;
  out.size += 4;
  writeInt32(out, value.length === 0 ? 0 : 1);
  writeInt32(out, 0);
  writeInt32(out, TEXT_OID);
  if (value.length > 0) {
    writeInt32(out, value.length);
    writeInt32(out, 1);
    for (const text of value) writeText(out, text);
  }
  out.view.setInt32(begin, out.size - begin - 4);
};

const DAY_MS = 86_400_000;
/** PostgreSQL counts from here. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

/** Microseconds of years after 2285 are beyond what a number holds exactly: the halves are multiplied apart. */
const writeThousandfold = (out: Growing, value: number): void => {
  const high = Math.floor(value / HIGH);
  const low = (value - high * HIGH) * 1000;
  writeInt32(out, high * 1000 + Math.floor(low / HIGH));
  writeInt32(out, low | 0);
};

const two = (text: string, at: number): number => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528;

/** Milliseconds of `2026-11-22T10:00:00.000Z`, the only shape that the log holds; Date.parse takes four times as long. */
const parseTime = (text: string): number => {
  const century = two(text, 0);
  // Date.UTC takes the years of the first century for those of the twentieth.
  if (text.length !== 24 || century === 0 || text.charCodeAt(10) !== T || text.charCodeAt(23) !== Z)
    return Date.parse(text);
  const date = Date.UTC(century * 100 + two(text, 2), two(text, 5) - 1, two(text, 8));
  const seconds = (two(text, 11) * 60 + two(text, 14)) * 60 + two(text, 17);
  return date + seconds * 1000 + two(text, 20) * 10 + text.charCodeAt(22) - 48;
};

/** A time stands in up to six fields of neighbouring rows: it is read once, and found by its milliseconds. */
const TIMES = 256;
const knownTexts = Array.from({ length: TIMES }, () => '');
const knownTimes = Array.from({ length: TIMES }, () => 0);

const timeOf = (text: string): number => {
  const place = (text.charCodeAt(20) * 10 + text.charCodeAt(21) * 100 + text.charCodeAt(22)) & (TIMES - 1);
  if (knownTexts[place] === text) return knownTimes[place] as number;
  const time = parseTime(text);
  knownTexts[place] = text;
  knownTimes[place] = time;
  return time;
};

const timestamptz: WriteValue = (out, value) => {
  const time = typeof value === 'string' ? timeOf(value) : NaN;
  if (Number.isNaN(time)) refuse(value, 'time');
  writeInt32(out, 8);
  writeThousandfold(out, time - EPOCH_MS);
};
const T = 'T'.charCodeAt(0);
const Z = 'Z'.charCodeAt(0);

/** Of `2026-11-22`. */
const dayOf = (text: string): number => {
  const century = two(text, 0);
  if (text.length !== 10 || century === 0 || text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH)
    return Date.parse(text);
  const [month, day] = [two(text, 5), two(text, 8)];
  // Date.UTC takes the 32nd of a month, too.
  return month > 12 || day > 31 ? NaN : Date.UTC(century * 100 + two(text, 2), month - 1, day);
};
const DASH = '-'.charCodeAt(0);

const date: WriteValue = (out, value) => {
  const time = typeof value === 'string' ? dayOf(value) : NaN;
  if (Number.isNaN(time)) refuse(value, 'date');
  writeInt32(out, 4);
  writeInt32(out, Math.floor((time - EPOCH_MS) / DAY_MS));
};

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;
const NEGATIVE = 0x4000;

/** In groups of four decimal digits, `weight` of them after the first and before the point. */
const numeric: WriteValue = (out, value) => {
  const [, sign, whole, fraction = ''] = DECIMAL.exec(String(value)) ?? refuse(value, 'numeric');
  const before = (whole as string).padStart(Math.ceil((whole as string).length / 4) * 4, '0');
  const digits = before + fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0');
  makeRoom(out, 12 + digits.length / 2);
  writeInt32(out, 8 + digits.length / 2);
  writeInt16(out, digits.length / 4);
  writeInt16(out, before.length / 4 - 1);
  writeInt16(out, sign === '-' ? NEGATIVE : 0);
  writeInt16(out, fraction.length);
  for (let at = 0; at < digits.length; at += 4) writeInt16(out, Number(digits.slice(at, at + 4)));
};

/** The OIDs are those of PostgreSQL's src/include/catalog/pg_type.dat, which never change. */
const TYPES: Readonly<Record<string, { readonly oid: number; readonly writer: () => WriteValue }>> = {
  integer: { oid: 23, writer: () => integer },
  bigint: { oid: 20, writer: () => bigint },
  boolean: { oid: 16, writer: () => boolean },
  text: { oid: TEXT_OID, writer: () => writeText },
  'text[]': { oid: 1009, writer: () => texts },
  smallint: { oid: 21, writer: () => smallint },
  bytea: { oid: 17, writer: () => bytea },
  json: { oid: 114, writer: () => json },
  uuid: { oid: UUID_OID, writer: uuidColumn },
  'uuid[]': { oid: 2951, writer: () => uuids },
  timestamptz: { oid: 1184, writer: () => timestamptz },
  date: { oid: 1082, writer: () => date },
  numeric: { oid: 1700, writer: () => numeric },
};

const typeNamed = (type: string) => {
  const known = TYPES[type.replace(/\(.*\)$/, '')];
  if (known === undefined) throw new TypeError(`values of type ${type} cannot be written: add it to binary-values.ts`);
  return known;
};

/**
 * How the values of one column are written. Sources: the types' `recv` functions in PostgreSQL's src/backend/utils/adt.
 *
 * @param type as a column names it, without constraints: `numeric(24, 4)`
 */
export const valueWriter = (type: string): WriteValue => typeNamed(type).writer();

/** PostgreSQL's number of the type. */
export const oidOf = (type: string): number => typeNamed(type).oid;
