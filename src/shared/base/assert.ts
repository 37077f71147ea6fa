/** For bugs, never for input: a failed assertion means our reasoning is wrong, so the request stops. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** The value, which our reasoning says is there. */
export const must = <T>(value: T | null | undefined, message: string): T => {
  assert(value !== null && value !== undefined, message);
  return value;
};
