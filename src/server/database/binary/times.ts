import { type Growing, HIGH, writeInt32 } from './bytes.ts';
import { refuse, type WriteValue } from './value.ts';

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

export const timestamptz: WriteValue = (out, value) => {
  const time = typeof value === 'string' ? timeOf(value) : NaN;
  if (Number.isNaN(time)) refuse(value, 'time');
  writeInt32(out, 8);
  writeThousandfold(out, time - EPOCH_MS);
};
const T = 'T'.charCodeAt(0);
const Z = 'Z'.charCodeAt(0);

export const date: WriteValue = (out, value) => {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  if (Number.isNaN(time)) refuse(value, 'date');
  writeInt32(out, 4);
  writeInt32(out, Math.floor((time - EPOCH_MS) / DAY_MS));
};
