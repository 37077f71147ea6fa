// What packing and unpacking both know of RFC 1951.

/** One alphabet of 256 bytes, the end of a block and the lengths of copies; another one of how far back they are. */
export const END = 256;
export const LITERALS = 286;
export const DISTANCES = 30;
export const COPY_MIN = 3;

/** A block that tells its codes: the one kind that is made and read here. */
export const DYNAMIC = 2;

/** How long codes may be, and how long those of the code that tells their lengths. */
export const CODE_MAX = 15;
export const META_CODE_MAX = 7;
/** The order in which the lengths of that code stand. */
export const META_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] as const;

/**
 * A number is sent as a symbol for its leading bits, then its other bits as they are. The symbol tells the place of the
 * first one and so many bits behind it: two of a length, one of a distance.
 */
export const LENGTH_FINE = 2;
export const DISTANCE_FINE = 1;

/** How many bits follow the symbol of a number. */
export const restOf = (number: number, fine: number): number => Math.max(0, 31 - Math.clz32(number) - fine);
export const symbolOf = (number: number, fine: number): number => {
  const rest = restOf(number, fine);
  return (rest << fine) + (number >> rest);
};
