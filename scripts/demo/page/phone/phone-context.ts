import { createContext, useContext } from 'react';
import type { Phone } from './phone.ts';

export const PhoneContext = createContext<Phone | undefined>(undefined);

/** The phone on whose screen this is drawn. */
export const usePhone = (): Phone => {
  const phone = useContext(PhoneContext);
  if (phone === undefined) throw new Error('this is drawn outside of a phone');
  return phone;
};
