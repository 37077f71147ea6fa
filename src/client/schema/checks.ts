import type { Check } from './schema.ts';

type Measured = string | readonly unknown[];

/** Characters, as zod counts them: a pair of surrogates is one. */
const lengthOf = (value: Measured): number => Array.from(value).length;

export const refine = (holds: Check['holds'], message?: string): Check => ({ holds, message });
export const minLength = (min: number, message?: string): Check => ({
  holds: (value: Measured) => lengthOf(value) >= min,
  message,
  bounds: 'min',
});
export const maxLength = (max: number, message?: string): Check => ({
  // A string has no more characters than units: only what might be too long is counted.
  holds: (value: Measured) => value.length <= max || lengthOf(value) <= max,
  message,
  bounds: 'max',
});
export const minimum = (min: number, message?: string): Check => refine((value: number) => value >= min, message);
export const maximum = (max: number, message?: string): Check => refine((value: number) => value <= max, message);
export const regex = (pattern: RegExp, message?: string): Check =>
  refine((value: string) => pattern.test(value), message);
