import { useEffect, useState } from 'react';
import { fingerprintOf } from './fingerprint.ts';
import type { Phone } from './phone/phone.ts';

/** The fingerprint of a phone, kept up to date; undefined before the first reading. */
export const useFingerprint = (phone: Phone): string | undefined => {
  const [fingerprint, setFingerprint] = useState<string>();
  useEffect(() => {
    let isShown = true;
    const read = (): void =>
      void fingerprintOf(phone).then((found) => {
        if (isShown) setFingerprint(found);
      });
    read();
    const ends = [phone.leadzen.subscribe('deals', read), phone.leadzen.subscribe('leads', read)];
    return () => {
      isShown = false;
      for (const end of ends) end();
    };
  }, [phone]);
  return fingerprint;
};
