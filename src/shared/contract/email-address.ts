import * as z from 'zod/mini';

export const EMAIL_MAX = 254;

/** A local part without quotes, at a domain with a dot. Takes time in proportion to the text, whatever that is. */
export const EMAIL = /^[\w'+-]+(?:\.[\w'+-]+)*@(?:[a-z0-9][a-z0-9-]*\.)+[a-z]{2,}$/i;

/** Addresses differ by more than case for nobody, and spaces around one do not count. */
const plain = (text: string): string => text.trim().toLowerCase();

const isAddress = (text: string): boolean => {
  const address = plain(text);
  return address.length <= EMAIL_MAX && EMAIL.test(address);
};

/** An address in an event. `email` of `identity.ts` is the same for requests, in words that their documentation can show. */
export const emailAddress = z.pipe(
  z.string().check(z.refine((text) => isAddress(text), 'must be an e-mail address')),
  z.transform(plain),
);
