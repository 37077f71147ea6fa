import { randomFillSync } from 'node:crypto';

const SALT_BYTES = 16;
// One call for many salts: a call of its own costs as much as the rest of the row.
const salts = Buffer.alloc(SALT_BYTES * 512);
let saltAt = salts.length;
/** Random bytes that keep a commitment to personal data from being guessed, `\\x…`. */
export const salt = (): string => {
  if (saltAt === salts.length) {
    randomFillSync(salts);
    saltAt = 0;
  }
  saltAt += SALT_BYTES;
  return `\\x${salts.toString('hex', saltAt - SALT_BYTES, saltAt)}`;
};
