/** Every kind of stream. The first five hold the records that people work on. */
export const STREAM_TYPES = [
  'lead',
  'contact',
  'company',
  'deal',
  'activity',
  'pipeline',
  'user',
  'team',
  'workspace',
  'import',
  'rate',
  'quota',
  'forecast',
] as const;
export type StreamType = (typeof STREAM_TYPES)[number];

/** Records with an owner and a team; each is the root of its own visibility. */
export const OWNED_TYPES = ['lead', 'contact', 'company', 'deal'] as const satisfies readonly StreamType[];
