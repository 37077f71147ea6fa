import { must } from './assert.ts';
import { currencyExponent } from './money.ts';

/** One unit of `base` is worth `rate` units of `quote`; the rate is a decimal above 0, as text. */
export interface Price {
  readonly base: string;
  readonly quote: string;
  readonly rate: string;
}

/** An exact number: minor units on their way from one currency to another are seldom whole. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export const NO_AMOUNT: Fraction = { numerator: 0n, denominator: 1n };

/** A decimal, as PostgreSQL writes one too. */
export const fractionOf = (decimal: string): Fraction => {
  const [whole = '', digits = ''] = decimal.split('.');
  return { numerator: BigInt(whole + digits), denominator: 10n ** BigInt(digits.length) };
};

export const plus = (one: Fraction, other: Fraction): Fraction => ({
  numerator: one.numerator * other.denominator + other.numerator * one.denominator,
  denominator: one.denominator * other.denominator,
});

/** The whole number next to it, half away from zero; undefined where it is no safe integer. */
export const rounded = ({ numerator, denominator }: Fraction): number | undefined => {
  const magnitude = numerator < 0n ? -numerator : numerator;
  const whole = (2n * magnitude + denominator) / (2n * denominator);
  if (whole > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return numerator < 0n && whole > 0n ? -Number(whole) : Number(whole);
};

const exponent = (currency: string): bigint =>
  BigInt(must(currencyExponent(currency), 'rates are between currencies of ISO 4217'));

/**
 * Minor units of one of the price's currencies in minor units of the other, exactly: whoever adds several up rounds once,
 * behind the sum. 500 JPY are 500 minor units and 500 KWD are 500,000, so both exponents count.
 */
export const converted = (minor: Fraction, from: string, { base, quote, rate }: Price): Fraction => {
  const price = fractionOf(rate);
  const forward = from === base;
  return {
    numerator:
      minor.numerator * (forward ? price.numerator : price.denominator) * 10n ** exponent(forward ? quote : base),
    denominator: minor.denominator * (forward ? price.denominator : price.numerator) * 10n ** exponent(from),
  };
};

const DIGITS = 12;

/**
 * What one unit of `from` is worth in the other currency, as people read it: the price itself, or 1 over it with twelve
 * significant digits. Amounts are converted by the price, never by this.
 */
export const rateFrom = (from: string, { base, rate }: Price): string => {
  if (from === base) return rate;
  const { numerator, denominator } = fractionOf(rate);
  let scale = DIGITS;
  for (let size = denominator; size * 10n < numerator; size *= 10n) scale += 1;
  const digits = String((2n * denominator * 10n ** BigInt(scale) + numerator) / (2n * numerator)).padStart(
    scale + 1,
    '0',
  );
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`.replace(/\.?0+$/, '');
};
