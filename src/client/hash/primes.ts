/**
 * The first primes. The constants of SHA-2 are fractions of their roots (FIPS 180-4, sections 4.2 and 5.3): computed,
 * they take a tenth of the room of their digits, which no compression shrinks.
 */
export const primes = (count: number): number[] => {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate += 1) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  }
  return found;
};
