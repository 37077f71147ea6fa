import { useEffect, useRef, type RefObject } from 'react';
import type { Uuid } from '../../../../src/shared/base/ids.ts';
import { useStore } from '../use-store.ts';
import { usePhone } from './phone-context.ts';

interface Spotlight {
  readonly row: RefObject<HTMLButtonElement | null>;
  readonly isLit: boolean;
}

/** A third from the top, so that the head of its group shows as well. */
const FROM_TOP = 1 / 3;

/** Scrolls a row into sight, within its list alone, while the spotlight is on its record. */
export const useSpotlight = (id: Uuid): Spotlight => {
  const row = useRef<HTMLButtonElement>(null);
  const isLit = useStore(usePhone().view).spotlight === id;
  useEffect(() => {
    const list = row.current?.closest('.scroll');
    if (!isLit || row.current === null || !list) return;
    list.scrollTo({ top: row.current.offsetTop - list.clientHeight * FROM_TOP });
  }, [isLit]);
  return { row, isLit };
};
