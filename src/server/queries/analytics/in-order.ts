type Sortable = string | number | boolean | null | undefined;

const compared = (one: Sortable, other: Sortable): number => {
  if (one === other) return 0;
  if (one === null || one === undefined) return 1;
  if (other === null || other === undefined) return -1;
  return one < other ? -1 : 1;
};

/**
 * Compares rows by these fields, the first that differs; what is missing comes last. Rows of an answer are put in order
 * here and not in SQL: each engine and each collation has an order of its own, and an answer about the past never changes.
 */
export const inOrderOf =
  <Field extends string>(...fields: readonly Field[]) =>
  (one: Readonly<Record<Field, Sortable>>, other: Readonly<Record<Field, Sortable>>): number => {
    for (const field of fields) {
      const order = compared(one[field], other[field]);
      if (order !== 0) return order;
    }
    return 0;
  };
