/**
 * Amount × probability in minor units with the four decimals that basis points need: `12345.6700`. Exact beyond 2^53;
 * null without an amount.
 */
export const weightedMinor = (amountMinor: number | null, probabilityBp: number): string | null => {
  if (amountMinor === null) return null;
  const product = amountMinor * probabilityBp;
  const exact = Number.isSafeInteger(product) ? product : BigInt(amountMinor) * BigInt(probabilityBp);
  const digits = String(exact).padStart(5, '0');
  return `${digits.slice(0, -4)}.${digits.slice(-4)}`;
};
