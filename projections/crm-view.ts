import type { Column } from './projection.ts';

/**
 * What analysts ask across read models, as a view of `crm`: rows of a table belong to one stream, and what is told from
 * several streams is joined when it is asked for. Nothing is kept of it, so nothing of it can be behind or wrong.
 */
export interface CrmView {
  readonly name: string;
  /** One sentence for analysts. */
  readonly comment: string;
  /** In order. workspace_id comes by itself, in front of all. */
  readonly columns: Readonly<Record<string, Column>>;
  /** The tables of `crm` that it reads; no other view of this kind. */
  readonly reads: readonly string[];
  /**
   * The select of workspace_id and the columns.
   *
   * @param crm the schema of what it reads: `crm`, or one that holds the same as of a past moment
   * @param moment the present there, as SQL: `now()`
   */
  readonly select: (crm: string, moment: string) => string;
}
