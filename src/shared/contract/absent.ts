import * as z from 'zod/mini';

/** null says the same as leaving the field out, as phones do that send every field of a form; it is never stored. */
export const absentable = <T extends z.ZodMiniType>(schema: T) =>
  z.optional(
    z.pipe(
      z.nullable(schema),
      z.transform((value) => value ?? undefined),
    ),
  );

/** The same, for a field that then has this value. */
export const orDefault = <T extends z.ZodMiniType>(schema: T, value: z.output<T>) =>
  z.pipe(
    z.optional(z.nullable(schema)),
    z.transform((given) => given ?? value),
  );
