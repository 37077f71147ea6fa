import { accountActivity } from './account-activity.ts';
import { activity } from './activity.ts';
import { appUser } from './app-user.ts';
import { company } from './company.ts';
import { contact } from './contact.ts';
import type { CrmView } from './crm-view.ts';
import { deal } from './deal.ts';
import { exchangeRate } from './exchange-rate.ts';
import { forecastSubmission } from './forecast-submission.ts';
import { lead } from './lead.ts';
import { pipeline } from './pipeline.ts';
import type { Projection } from './projection.ts';
import { quota } from './quota.ts';
import { team } from './team.ts';
import { workspace } from './workspace.ts';

/** Every read model that the projector keeps. A new one is a file of its own and a line here. */
export const projections: readonly Projection[] = [
  lead,
  contact,
  company,
  deal,
  activity,
  pipeline,
  appUser,
  team,
  workspace,
  exchangeRate,
  quota,
  forecastSubmission,
];

/** Every view that joins them for analysts. Here, too: a file and a line. */
export const crmViews: readonly CrmView[] = [accountActivity];
