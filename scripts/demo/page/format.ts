import type { Json, JsonObject } from '../../../src/shared/base/json.ts';

/** 6400000 EUR cents as `€64,000`; a dash where there is no amount. */
export const money = (amountMinor: number | null | undefined, currency: string | null | undefined): string =>
  amountMinor === null || amountMinor === undefined
    ? '–'
    : new Intl.NumberFormat('en', { style: 'currency', currency: currency ?? 'EUR', maximumFractionDigits: 0 }).format(
        amountMinor / 100,
      );

/** The money of an event's or a conflict's fields. */
export const moneyOf = ({ amountMinor, currency }: JsonObject): string =>
  money(typeof amountMinor === 'number' ? amountMinor : null, typeof currency === 'string' ? currency : null);

/** Text as it is, anything else as JSON. */
export const plain = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null);

const CLOCK = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const DAY = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** `14:03:27`, in the time of whoever looks. */
export const clock = (time: number | string): string => CLOCK.format(new Date(time));

/** `12 Dec` of a date without a time. */
export const day = (date: string | null): string =>
  date === null ? 'no date' : DAY.format(new Date(`${date}T00:00:00Z`));

export const initials = (name: string): string =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word[0]?.toUpperCase() ?? '')
    .join('');

/** `3 changes`, `1 change`. */
export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
