/**
 * The decimal places of each currency of ISO 4217 that is not 2. Amounts are integers of the minor unit, so 500 JPY is
 * 500 and 500 BHD is 500 000.
 */
const NOT_TWO: Readonly<Record<string, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

/** Those with 2, and the ones withdrawn since 2020 that imported records still name (ANG BGN CUC HRK SLL ZWL). */
const TWO =
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF ' +
  'CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK ' +
  'HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR ' +
  'MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP ' +
  'SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ' +
  'ZAR ZMW ZWG ZWL';

const exponents: ReadonlyMap<string, number> = new Map([
  ...TWO.split(' ').map((code): [string, number] => [code, 2]),
  ...Object.entries(NOT_TWO).flatMap(([exponent, codes]) =>
    codes.split(' ').map((code): [string, number] => [code, Number(exponent)]),
  ),
]);

/** The decimal places of a currency's minor unit, or undefined for what is no currency of ISO 4217. */
export const currencyExponent = (code: string): number | undefined => exponents.get(code);

export const isCurrency = (code: string): boolean => exponents.has(code);

/** What a line of a deal multiplies: `quantity` × `unitMinor`, less `discountBp` basis points. */
export interface Line {
  readonly quantity: number;
  readonly unitMinor: number;
  readonly discountBp: number;
}

/**
 * The sum of the lines in minor units, each line rounded once, half up. Undefined where it is no safe integer: a number
 * would silently lose its last digits there, which is why the sum is made of bigints.
 */
export const sumOfLines = (lines: readonly Line[]): number | undefined => {
  let sum = 0n;
  for (const { quantity, unitMinor, discountBp } of lines) {
    sum += (BigInt(quantity) * BigInt(unitMinor) * BigInt(10_000 - discountBp) + 5000n) / 10_000n;
  }
  return sum <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(sum) : undefined;
};
