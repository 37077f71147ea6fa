/** `64,000.50` as 6400050 cents; undefined where it is no amount. */
export const parseAmount = (text: string): number | undefined => {
  const plain = text.replaceAll(/[,\s€]/g, '');
  return /^\d{1,12}(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : undefined;
};

/** @throws Error that says what to write instead */
export const amountIn = (text: string): number => {
  const amount = parseAmount(text);
  if (amount === undefined) throw new Error('Write the amount in euros, like 64000 or 64000.50.');
  return amount;
};

export const amountText = (amountMinor: number | null): string =>
  amountMinor === null ? '' : String(amountMinor / 100);
