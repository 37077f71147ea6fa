/** What makes a parsed JSON value unfit for the log, and where. */
export interface Flaw {
  /** Dotted path from the value: `data.emails.0.value`; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

interface Found {
  readonly path: (string | number)[];
  readonly message: string;
}

const stringFlaw = (text: string): string | undefined => {
  if (text.includes('\0')) return 'must not contain a NUL character';
  if (!text.isWellFormed()) return 'must not contain half of a surrogate pair';
  return undefined;
};

const numberFlaw = (number: number): string | undefined => {
  if (!Number.isFinite(number)) return 'is beyond the range of numbers';
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) return 'is an integer beyond 2^53 - 1';
  if (Object.is(number, -0)) return 'must not be a negative zero';
  return undefined;
};

// "__proto__" would become a prototype in the hands of the first careless assignment.
const keyFlaw = (key: string): string | undefined =>
  key === '__proto__' ? 'must not be named __proto__' : stringFlaw(key);

const at = (message: string | undefined): Found | undefined =>
  message === undefined ? undefined : { path: [], message };

// The path is only put together on the way back from a flaw: values without one cost no strings.
const under = (key: string | number, found: Found): Found => {
  found.path.unshift(key);
  return found;
};

const inArray = (items: readonly unknown[]): Found | undefined => {
  for (let index = 0; index < items.length; index += 1) {
    const found = find(items[index]);
    if (found !== undefined) return under(index, found);
  }
  return undefined;
};

const inObject = (object: Readonly<Record<string, unknown>>): Found | undefined => {
  for (const key of Object.keys(object)) {
    const found = at(keyFlaw(key)) ?? find(object[key]);
    if (found !== undefined) return under(key, found);
  }
  return undefined;
};

const find = (value: unknown): Found | undefined => {
  if (typeof value === 'string') return at(stringFlaw(value));
  if (typeof value === 'number') return at(numberFlaw(value));
  if (typeof value !== 'object' || value === null) return undefined;
  return Array.isArray(value) ? inArray(value) : inObject(value as Record<string, unknown>);
};

/**
 * The first thing in a parsed JSON value that is not I-JSON (RFC 7493) or that PostgreSQL cannot keep: a NUL, half a
 * surrogate pair, a number out of range, a key `__proto__`. Recurses, so the depth must be bounded before.
 */
export const firstFlaw = (value: unknown): Flaw | undefined => {
  const found = find(value);
  return (
    found && {
      path: found.path.join('.').toWellFormed().replaceAll('\0', '\uFFFD'),
      message: found.message,
    }
  );
};
