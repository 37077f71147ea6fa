import type { CrmView } from './crm-view.ts';

/**
 * An activity touches the company that it is about, or whose contact, deal or converted lead it is about. The company is
 * that of today: whoever moves a contact moves its past along, as its page shows it.
 */
export const accountActivity: CrmView = {
  name: 'account_activity',
  comment:
    'When somebody last was in touch with each company, its contacts, its deals or the leads it came from. One row a ' +
    'company; without activity in 30 days: quiet_days >= 30.',
  columns: {
    company_id: { type: 'uuid not null', comment: 'The company.' },
    name: { type: 'text', comment: 'The name of the company.' },
    owner_id: { type: 'uuid', comment: 'The user who owns the company; null: the unassigned pool.' },
    team_id: { type: 'uuid', comment: 'The team it belongs to.' },
    created_at: { type: 'timestamptz not null', comment: 'When the company was created.' },
    last_activity_at: { type: 'timestamptz', comment: 'When the last activity took place; null: there was none yet.' },
    activities: { type: 'bigint not null', comment: 'How many activities took place.' },
    quiet_days: {
      type: 'integer not null',
      comment: 'Whole days since the last activity; since the company was created where there was none.',
    },
  },
  reads: ['company', 'contact', 'deal', 'lead', 'activity'],
  select: (crm, moment) => `
    select c.workspace_id, c.id as company_id, c.name, c.owner_id, c.team_id, c.created_at, t.last_activity_at,
           coalesce(t.activities, 0) as activities,
           greatest(0, floor(extract(epoch from ${moment} - coalesce(t.last_activity_at, c.created_at)) / 86400))::integer
             as quiet_days
      from ${crm}.company c
      left join (
        select a.workspace_id, max(a.happened_at) as last_activity_at, count(*) as activities,
               case a.about_type when 'company' then a.about_id
                 else coalesce(d.company_id, p.company_id, l.company_id) end as company_id
          from ${crm}.activity a
          left join ${crm}.deal d on d.workspace_id = a.workspace_id and d.id = a.about_id
          left join ${crm}.contact p on p.workspace_id = a.workspace_id and p.id = a.about_id
          left join ${crm}.lead l on l.workspace_id = a.workspace_id and l.id = a.about_id
         where a.happened_at <= ${moment}
         group by a.workspace_id, 4
      ) t on t.workspace_id = c.workspace_id and t.company_id = c.id`,
};
