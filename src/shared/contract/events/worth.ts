/** A deal's money, where it has any. */
export interface Owing {
  readonly amountMinor: number | null;
  readonly currency: string | null;
}

/** What an amount was worth in the workspace's base currency when it was won or lost; null where no rate was known. */
export interface Worth {
  readonly baseCurrency: string;
  readonly baseAmountMinor: number | null;
  /** Units of the base currency for one of the deal's, and the day of that rate; null too where both are the same. */
  readonly fxRate: string | null;
  readonly fxAsOf: string | null;
}
