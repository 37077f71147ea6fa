import * as z from 'zod/mini';
import { uuid } from './envelope.ts';
import { instant } from './events/fields.ts';
import { ROLES } from './events/user.ts';
import { label } from './identity.ts';

export const newApiKey = z.strictObject({
  name: label(200),
  role: z.enum(ROLES),
  /** Absent or null: until it is revoked. */
  expiresAt: z.optional(z.nullable(instant)),
});
export type NewApiKey = z.output<typeof newApiKey>;

const time = z.nullable(z.string());

export const apiKeyView = z.strictObject({
  id: uuid,
  name: z.string(),
  /** The user in whose name its requests are made; its role can be changed like anyone's. */
  userId: uuid,
  role: z.string(),
  createdBy: uuid,
  createdAt: z.string(),
  lastUsedAt: z.string(),
  expiresAt: time,
  revokedAt: time,
});
export type ApiKeyView = z.output<typeof apiKeyView>;

export const apiKeyPage = z.strictObject({ items: z.array(apiKeyView), next: z.nullable(uuid) });

/** `key` is shown this once. */
export const madeApiKey = z.strictObject({ ...apiKeyView.shape, key: z.string() });
