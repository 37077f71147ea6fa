import * as z from 'zod/mini';
import { uuid } from './envelope.ts';

const time = z.nullable(z.string());

export const deviceView = z.strictObject({
  id: uuid,
  userId: uuid,
  name: z.nullable(z.string()),
  platform: z.nullable(z.string()),
  createdAt: z.string(),
  lastSeenAt: z.string(),
  /** Ordered to wipe once its outbox is empty. */
  retiredAt: time,
  /** Signed out for good and ordered to wipe. */
  revokedAt: time,
  /** Reported that it did. */
  wipedAt: time,
  /** Unsent events that the wipe destroyed. */
  destroyedEvents: z.nullable(z.int()),
});
export type DeviceView = z.output<typeof deviceView>;

export const devicePage = z.strictObject({ items: z.array(deviceView), next: z.nullable(uuid) });

export const wipeReport = z.strictObject({
  /** The order that was obeyed, as it was received. */
  order: z.string().check(z.minLength(1), z.maxLength(4096)),
  destroyedEvents: z.int().check(z.minimum(0), z.maximum(2_147_483_647)),
});
export type WipeReport = z.output<typeof wipeReport>;
