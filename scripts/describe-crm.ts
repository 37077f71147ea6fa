import type { CrmView } from '../projections/crm-view.ts';
import type { Column, Projection, Table } from '../projections/projection.ts';

type Described = Pick<Table, 'name' | 'comment' | 'columns'>;

/** What analysts may copy; a test runs each. */
interface ExampleQuery {
  readonly title: string;
  readonly sql: string;
}

const EXAMPLES: readonly ExampleQuery[] = [
  {
    title: 'Accounts without activity in 30 days, the longest silence first',
    sql: `select company_id, name, last_activity_at, quiet_days
  from crm.account_activity
 where quiet_days >= 30
 order by quiet_days desc, name`,
  },
  {
    title: 'Win rate and median sales cycle by quarter and owner, of deals that are closed',
    sql: `select date_trunc('quarter', closed_at at time zone 'UTC')::date as quarter, owner_id,
       count(*) filter (where outcome = 'won') as won, count(*) as closed,
       round(count(*) filter (where outcome = 'won') / count(*)::numeric, 4) as win_rate,
       percentile_cont(0.5) within group (order by cycle_days) filter (where outcome = 'won') as median_days
  from crm.sales_metrics
 where not reopened
 group by 1, 2
 order by 1, 2`,
  },
  {
    title: 'The open pipeline by stage as it was recorded a month ago',
    sql: `select h.stage_id, s.name, h.currency, count(*) as deals, sum(h.amount_minor) as amount_minor
  from crm.deal_history h
  left join crm.pipeline_stage s on s.pipeline_id = h.pipeline_id and s.stage_id = h.stage_id
 where h.from_recorded_at < now() - interval '1 month'
   and (h.to_recorded_at >= now() - interval '1 month' or h.to_recorded_at is null)
   and h.outcome = 'open'
 group by 1, 2, 3
 order by 2, 3`,
  },
];

const HEAD = `# The schema crm

Made by \`npm run docs:crm\` of the comments in \`projections/\`; \`npm run check\` compares it.

What analysts and BI tools read, over a login of \`leadzen analyst add\`: views of one workspace's rows, kept up with the log.
Their names and columns stay through rebuilds and only ever grow. \`workspace_id\` stands in front of each. Deleted records are
left out.

- **Money** is an integer of minor units (\`…_minor\`: 12345 is 123.45 EUR) beside its ISO 4217 \`currency\`; probabilities are
  basis points (\`…_bp\`: 2500 is 25 %).
- **Times** are \`timestamptz\`, days are \`date\`. \`…_at\` is when something occurred by the clock of who did it, \`…recorded_at\`
  when the server learned of it, \`…position\` the same as a place in the log.
- **Personal** columns are null unless the login was made with \`--personal-data\`.
- **A past moment**, whole: \`leadzen replay --to 2026-01-31\` builds the same tables as of then into \`as_of_2026_01_31\`.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');

const columnLine = ([name, { type, comment, personal }]: readonly [string, Column]): string => {
  const isRequired = type.endsWith(' not null');
  const marks = [isRequired ? '' : 'null', personal === true ? 'personal' : '']
    .filter((mark) => mark !== '')
    .join(', ');
  return `| \`${name}\` | ${type.replace(/ not null$/, '')} | ${marks} | ${cell(comment)} |`;
};

const tableText = ({ name, comment, columns }: Described): string => {
  const shown = Object.entries(columns).filter(([, { internal }]) => internal !== true);
  return [
    `### ${name}`,
    '',
    comment,
    '',
    '| column | type | | what it holds |',
    '|---|---|---|---|',
    ...shown.map(columnLine),
    '',
  ].join('\n');
};

const exampleText = ({ title, sql }: ExampleQuery): string => `${title}:\n\n\`\`\`sql\n${sql};\n\`\`\`\n`;

/** The page for analysts, as Markdown. */
export const describeCrm = (projections: readonly Projection[], views: readonly CrmView[]): string =>
  [
    HEAD,
    '## Examples\n',
    ...EXAMPLES.map(exampleText),
    '## Tables\n',
    ...projections.flatMap(({ tables }) => tables.map(tableText)),
    '## Views that join them\n',
    ...views.map(tableText),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
