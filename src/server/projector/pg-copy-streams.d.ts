// The part we use; the package brings no types.
declare module 'pg-copy-streams' {
  import type { Submittable } from 'pg';
  import type { Readable, Writable } from 'node:stream';

  export const to: (text: string) => Readable & Submittable;
  export const from: (text: string) => Writable & Submittable;
}
