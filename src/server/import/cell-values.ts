import { err, ok, type Result } from '../../shared/base/result.ts';
import { isUuid } from '../../shared/base/ids.ts';
import { quoted } from './csv-rows.ts';
import type { FieldSource } from './mapping.ts';
import type { CellKind } from './targets.ts';

/** A cell as its field needs it. Instants are milliseconds since the epoch, money stays decimal text (`1054.5`). */
export type CellValue = string | number | readonly string[];

/** The value of a cell that is not empty; the error is the end of a sentence about it. */
export const cellValue = (text: string, kind: CellKind, source: FieldSource): Result<CellValue, string> => {
  switch (kind) {
    case 'text':
      return ok(text);
    case 'instant':
      return instant(text, source.format);
    case 'day': {
      const time = instant(text, source.format);
      return time.ok ? ok(new Date(time.value).toISOString().slice(0, 10)) : time;
    }
    case 'money':
      return decimal(text, source.decimal ?? '.');
    case 'number':
      return /^\d{1,15}$/.test(text) ? ok(Number(text)) : err(`${quoted(text)} is not a whole number from 0`);
    case 'list':
      return ok(text.split(';').flatMap((part) => part.trim() || []));
    case 'id':
      return isUuid(text) ? ok(text) : err(`${quoted(text)} is not a lower-case UUID`);
  }
};

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** A day is its first moment in UTC, and a time without an offset is in UTC. */
const instant = (text: string, format: string | undefined): Result<number, string> => {
  const iso = format === undefined ? text : isoDay(text, format);
  const match = iso === undefined ? null : ISO.exec(iso);
  if (match === null) return err(`${quoted(text)} is not a date like ${format ?? '2026-11-22'}`);
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', offset = 'Z'] = match;
  const zone = offset.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const date = `${year}-${month}-${day}`;
  const time = Date.parse(`${date}T${hour}:${minute}:${second}${fraction.slice(0, 4)}${zone}`);
  const exists =
    year !== '0000' && !Number.isNaN(time) && new Date(Date.parse(`${date}T00:00:00Z`)).toISOString().startsWith(date);
  return exists ? ok(time) : err(`${quoted(text)} is not a day that exists`);
};

/** `22.11.2026` by `DD.MM.YYYY` as `2026-11-22`. */
const isoDay = (text: string, format: string): string | undefined => {
  if (text.length !== format.length) return undefined;
  const part = (token: string) => text.slice(format.indexOf(token), format.indexOf(token) + token.length);
  const signs = format.split('').every((sign, index) => 'YMD'.includes(sign) || sign === text[index]);
  return signs ? `${part('YYYY')}-${part('MM')}-${part('DD')}` : undefined;
};

const decimal = (text: string, sign: '.' | ','): Result<string, string> => {
  const thousands = sign === '.' ? ',' : '.';
  const pattern = new RegExp(`^(\\d{1,3}(\\${thousands}\\d{3})+|\\d{1,15})(\\${sign}\\d{1,6})?$`);
  if (!pattern.test(text)) return err(`${quoted(text)} is not an amount like 1054${sign}50`);
  return ok(text.replaceAll(thousands, '').replace(sign, '.'));
};

/** Decimal text as minor units of a currency with that many digits, or undefined where it has more digits than those. */
export const minorUnits = (amount: string, digits: number): number | undefined => {
  const [whole, fraction = ''] = amount.split('.') as [string, string?];
  if (/[^0]/.test(fraction.slice(digits))) return undefined;
  const minor = Number(whole + fraction.slice(0, digits).padEnd(digits, '0'));
  return Number.isSafeInteger(minor) ? minor : undefined;
};
