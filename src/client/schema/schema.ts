/** One thing that is wrong with a value, in zod's words as far as anything here reads them. */
export interface Issue {
  /** Outermost key first. */
  readonly path: (string | number)[];
  readonly message: string;
  readonly code?: 'unrecognized_keys';
  readonly keys?: readonly string[];
  /** The value is of the right kind, so that rules about it may still be asked. */
  readonly continue: boolean;
}

/** Makes the value of a schema out of a given one, and says in `issues` what is wrong. */
export type Parse = (value: unknown, issues: Issue[]) => unknown;

/** A rule about a value of the right kind. */
export interface Check {
  readonly holds: (value: never) => boolean;
  readonly message: string | undefined;
  /** Bounds a length: it is asked of anything that has one, and of a list before its elements are looked at. */
  readonly bounds?: 'min' | 'max';
}

export interface Schema {
  readonly run: Parse;
  readonly check: (...checks: readonly Check[]) => Schema;
  readonly safeParse: (value: unknown) => Parsed;
}
type Parsed =
  | { readonly success: true; readonly data: unknown; readonly error?: undefined }
  | { readonly success: false; readonly data?: undefined; readonly error: { readonly issues: readonly Issue[] } };

export const complain = (issues: Issue[], message = 'Invalid input', more: Partial<Issue> = {}): void => {
  issues.push({ path: [], message, continue: false, ...more });
};

/** Whether what was found since `from` leaves a value that rules can be asked about. */
const isSound = (issues: readonly Issue[], from: number): boolean =>
  issues.slice(from).every((issue) => issue.continue);

const isAsked = ({ bounds }: Check, value: unknown, issues: readonly Issue[], from: number): boolean =>
  bounds === undefined
    ? isSound(issues, from)
    : (value as { readonly length?: number } | null | undefined)?.length !== undefined;

const ask = (checks: readonly Check[], value: unknown, issues: Issue[], from: number): void => {
  for (const check of checks) {
    if (isAsked(check, value, issues, from) && !check.holds(value as never)) {
      complain(issues, check.message, { continue: true });
    }
  }
};

/** A hostile list is as long as it likes, so its length comes before its elements. */
const overlong = (checks: readonly Check[], value: unknown): Check | undefined =>
  Array.isArray(value) ? checks.find((check) => check.bounds === 'max' && !check.holds(value as never)) : undefined;

/** A schema of what `parse` takes. */
export const schema = (parse: Parse, checks: readonly Check[] = []): Schema => {
  const run: Parse = (value, issues) => {
    const tooLong = overlong(checks, value);
    if (tooLong !== undefined) {
      complain(issues, tooLong.message);
      return value;
    }
    const from = issues.length;
    const made = parse(value, issues);
    ask(checks, made, issues, from);
    return made;
  };
  return {
    run,
    check: (...more) => schema(parse, [...checks, ...more]),
    safeParse: (value) => {
      const issues: Issue[] = [];
      const data = run(value, issues);
      return issues.length === 0 ? { success: true, data } : { success: false, error: { issues } };
    },
  };
};

/** Runs the schema of a part, whose issues then name the part. */
export const runPart = (part: Schema, key: string | number, value: unknown, issues: Issue[]): unknown => {
  const from = issues.length;
  const made = part.run(value, issues);
  for (const issue of issues.slice(from)) issue.path.unshift(key);
  return made;
};
