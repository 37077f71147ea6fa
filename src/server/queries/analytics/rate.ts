/** A share, with what it was made of. */
export interface Rate {
  /** null where there is nothing to divide by: no share is not a share of 0. */
  readonly value: number | null;
  readonly numerator: number;
  readonly denominator: number;
  /** How many records it was counted over. */
  readonly n: number;
}

export const rate = (numerator: number, denominator: number, n: number): Rate => ({
  value: denominator === 0 ? null : numerator / denominator,
  numerator,
  denominator,
  n,
});
