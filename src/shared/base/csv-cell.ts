// What a spreadsheet takes for a formula at the start of a cell, full-width forms included; also behind blanks, quotes and
// separators, where a program with another separator begins a cell.
const FORMULA = /^[\s"';|]*[=+\-@\t\r\0＝＋－＠]/;

/**
 * A cell that every spreadsheet shows as the text it is (RFC 4180, always quoted; ASVS 1.2.10). A text that could be taken
 * for a formula gets an apostrophe in front, a text that would then look like such a one another: `readGuarded` undoes it.
 */
export const csvCell = (text: string): string => `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;

/** The text that a cell, unquoted, stands for. */
export const readGuarded = (cell: string): string =>
  cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell;
