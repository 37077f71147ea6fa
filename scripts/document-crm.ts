// Writes docs/crm.md, the page for analysts. With --check it compares instead, as the dump of the schema does.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crmViews, projections } from '../projections/registry.ts';
import { describeCrm } from './describe-crm.ts';

const FILE = join(import.meta.dirname, '../docs/crm.md');

const present = describeCrm(projections, crmViews);
if (!process.argv.includes('--check')) await writeFile(FILE, present);
else if ((await readFile(FILE, 'utf8').catch(() => '')) !== present) {
  process.stderr.write('docs/crm.md is not what the projections say; run "npm run docs:crm" and commit it.\n');
  process.exitCode = 1;
}
