import { complain, runPart, schema, type Issue, type Parse, type Schema } from './schema.ts';

type Fields = Readonly<Record<string, unknown>>;
type Shape = Readonly<Record<string, Schema>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value that is taken as it is, or not at all. */
const kind = (fits: (value: unknown) => boolean, message?: string): Schema =>
  schema((value, issues) => {
    if (!fits(value)) complain(issues, message);
    return value;
  });
const oneOf = (values: readonly unknown[]): Schema => kind((value) => values.includes(value));

export const string = (): Schema => kind((value) => typeof value === 'string');
export const number = (): Schema => kind((value) => Number.isFinite(value));
export const boolean = (): Schema => kind((value) => typeof value === 'boolean');
export const unknown = (): Schema => kind(() => true);
export const custom = kind;
export const literal = (value: unknown): Schema => oneOf([value]);
const nothing = (): Schema => oneOf([null]);
export { nothing as null, oneOf as enum };

export const int = (): Schema =>
  schema((value, issues) => {
    if (!Number.isInteger(value)) complain(issues);
    else if (!Number.isSafeInteger(value)) complain(issues, undefined, { continue: true });
    return value;
  });

export const optional = (inner: Schema): Schema =>
  schema((value, issues) => (value === undefined ? value : inner.run(value, issues)));
export const nullable = (inner: Schema): Schema =>
  schema((value, issues) => (value === null ? value : inner.run(value, issues)));

export const transform = (make: (value: unknown) => unknown): Schema => schema((value) => make(value));
/** `after` gets only what `before` takes without a word. */
export const pipe = (before: Schema, after: Schema): Schema =>
  schema((value, issues) => {
    const from = issues.length;
    const made = before.run(value, issues);
    return issues.length === from ? after.run(made, issues) : made;
  });

export const array = (element: Schema): Schema =>
  schema((value, issues) => {
    if (!Array.isArray(value)) complain(issues);
    else return value.map((item, index) => runPart(element, index, item, issues));
    return value;
  });

export const record = (key: Schema, element: Schema): Schema =>
  schema((value, issues) => {
    if (!isFields(value)) complain(issues);
    else return Object.fromEntries(entriesOf(value, key, element, issues));
    return value;
  });
const entriesOf = (value: Fields, key: Schema, element: Schema, issues: Issue[]): (readonly [string, unknown])[] =>
  Object.entries(value).flatMap(([name, item]) => {
    if (name === '__proto__') return [];
    if (key.safeParse(name).success) return [[name, runPart(element, name, item, issues)] as const];
    complain(issues, undefined, { path: [name] });
    return [];
  });

/** The first that takes the value; where none does, the issues of the only one whose kind it is. */
export const union = (options: readonly Schema[]): Schema =>
  schema((value, issues) => {
    const tries = options.map(({ run }) => {
      const found: Issue[] = [];
      return { made: run(value, found), found };
    });
    const right = tries.find(({ found }) => found.length === 0);
    if (right !== undefined) return right.made;
    const [close, ...others] = tries.filter(({ found }) => found.every((issue) => issue.continue));
    if (close === undefined || others.length > 0) complain(issues);
    else issues.push(...close.found);
    return value;
  });

const object =
  (shape: Shape, isStrict: boolean): Parse =>
  (value, issues) => {
    if (!isFields(value)) {
      complain(issues);
      return value;
    }
    const made: Record<string, unknown> = isStrict ? {} : { ...value };
    for (const [key, part] of Object.entries(shape)) {
      const result = runPart(part, key, value[key], issues);
      if (result !== undefined || key in value) made[key] = result;
    }
    const strange = isStrict ? Object.keys(value).filter((key) => !Object.hasOwn(shape, key)) : [];
    if (strange.length > 0) complain(issues, undefined, { code: 'unrecognized_keys', keys: strange, continue: true });
    return made;
  };
export const strictObject = (shape: Shape): Schema => Object.assign(schema(object(shape, true)), { shape });
export const looseObject = (shape: Shape): Schema => Object.assign(schema(object(shape, false)), { shape });
