import * as z from 'zod/mini';

/** The state's fields and these. Which fields a state has, the events of its stream say. */
export const record = z.looseObject({
  id: z.string(),
  version: z.int(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

export const recordPage = z.strictObject({ items: z.array(record), next: z.nullable(z.string()) });

const change = z.strictObject({
  field: z.string(),
  old: z.unknown(),
  new: z.unknown(),
  superseded: z.optional(z.literal(true)),
});

export const historyPage = z.strictObject({
  items: z.array(
    z.strictObject({
      position: z.int(),
      version: z.int(),
      id: z.string(),
      type: z.string(),
      actor: z.string(),
      device: z.string(),
      at: z.string(),
      occurredAt: z.string(),
      recordedAt: z.string(),
      superseded: z.array(z.string()),
      changes: z.array(change),
      data: z.record(z.string(), z.unknown()),
      conflict: z.optional(z.record(z.string(), z.unknown())),
      resolution: z.optional(z.record(z.string(), z.unknown())),
    }),
  ),
  next: z.nullable(z.string()),
});

/** The path's id; what is no id names nothing, so it is not found rather than invalid. */
export const idParams = z.strictObject({ id: z.string().check(z.maxLength(100)) });
