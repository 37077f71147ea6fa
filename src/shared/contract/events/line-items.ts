import type { Uuid } from '../../base/ids.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Line } from '../../base/money.ts';
import type { Writes } from './definition.ts';

export interface LineItem extends Line {
  readonly id: Uuid;
  readonly name: string;
}

/** At most this many lines a deal, so that a state stays far below its limit of bytes. */
export const LINE_ITEMS_MAX = 100;

interface Added extends Omit<Line, 'discountBp'> {
  readonly lineItemId: Uuid;
  readonly name: string;
  readonly discountBp?: number | undefined;
}
interface Changed {
  readonly lineItemId: Uuid;
  readonly name?: string | undefined;
  readonly quantity?: number | undefined;
  readonly unitMinor?: number | undefined;
  readonly discountBp?: number | undefined;
}

export const linesWithout = (lines: readonly LineItem[], id: Uuid): readonly LineItem[] =>
  lines.filter((line) => line.id !== id);

export const linesWith = (lines: readonly LineItem[], data: Added): readonly LineItem[] => {
  const { lineItemId: id, name, quantity, unitMinor, discountBp = 0 } = data;
  return [...linesWithout(lines, id), { id, name, quantity, unitMinor, discountBp }];
};

export const linesChanged = (lines: readonly LineItem[], data: Changed): readonly LineItem[] =>
  lines.map((line) =>
    line.id !== data.lineItemId
      ? line
      : {
          id: line.id,
          name: data.name ?? line.name,
          quantity: data.quantity ?? line.quantity,
          unitMinor: data.unitMinor ?? line.unitMinor,
          discountBp: data.discountBp ?? line.discountBp,
        },
  );

/** Lines and their sum are one register, so the amount can never drift from the lines. */
export const lineItemWrites = (
  lines: readonly LineItem[],
  { amountMinor, currency }: { readonly amountMinor: number; readonly currency: string },
): Writes => ({ money: { lineItems: lines as unknown as readonly JsonObject[], amountMinor, currency } });
