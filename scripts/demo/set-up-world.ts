import { randomBytes } from 'node:crypto';
import type { SignedIn } from '../../src/shared/contract/identity.ts';
import { COMPANIES, DEALS, LEADS } from './made-up-book.ts';
import { restOf, type Rest } from './rest.ts';
import type { Person, World } from './world.ts';

const DAY_MS = 86_400_000;

interface Stored {
  readonly id: string;
}
interface Page {
  readonly items: readonly { readonly stages: readonly { readonly id: string; readonly name: string }[] }[];
}
interface Invited extends Stored {
  readonly invitation: { readonly token: string };
}

const personOf = (name: string, address: string): Person => ({
  name,
  email: `${address}@halden.example`,
  password: randomBytes(18).toString('base64url'),
});

const dayFrom = (now: number, days: number): string => new Date(now + days * DAY_MS).toISOString().slice(0, 10);

interface Sellers {
  readonly ada: SignedIn;
  readonly ben: SignedIn;
  readonly teamId: string;
}

const addCompanies = async (office: Rest, { ada, ben, teamId }: Sellers): Promise<ReadonlyMap<string, string>> => {
  const ids = new Map<string, string>();
  for (const { name, owner } of COMPANIES) {
    const ownerId = { ada, ben }[owner].user.id;
    const { id } = await office<Stored>('POST', '/api/companies', { name, ownerId, teamId });
    ids.set(name, id);
  }
  return ids;
};

const addDeals = async (office: Rest, sellers: Sellers, now: number): Promise<void> => {
  const { ada, ben, teamId } = sellers;
  const companies = await addCompanies(office, sellers);
  const { items } = await office<Page>('GET', '/api/pipelines');
  const stages = new Map(items.flatMap((pipeline) => pipeline.stages.map(({ name, id }) => [name, id])));
  for (const { name, company, stage, amount, owner, closesInDays } of DEALS) {
    await office('POST', '/api/deals', {
      name,
      amountMinor: amount * 100,
      currency: 'EUR',
      stageId: stages.get(stage),
      companyId: companies.get(company),
      expectedCloseDate: dayFrom(now, closesInDays),
      ownerId: { ada, ben }[owner].user.id,
      teamId,
    });
  }
};

const addLeads = async (office: Rest, { ada, ben, teamId }: Sellers): Promise<void> => {
  for (const { email, owner, ...lead } of LEADS) {
    const ownerId = { ada, ben }[owner].user.id;
    await office('POST', '/api/leads', { ...lead, emails: [{ value: email, primary: true }], ownerId, teamId });
  }
};

/** A workspace with two people who sell and a book of business, through the doors that everybody uses. */
export const setUpWorld = async (address: string, now: number): Promise<World> => {
  const people = {
    office: personOf('Iris Vale', 'iris'),
    ada: personOf('Ada Brandt', 'ada'),
    ben: personOf('Ben Okafor', 'ben'),
  };
  const anyone = restOf(address);
  const workspaceName = 'Halden Instruments';
  const admin = await anyone<SignedIn>('POST', '/api/auth/sign-up', { workspaceName, ...people.office });
  const office = restOf(address, admin.accessToken);
  const { id: teamId } = await office<Stored>('POST', '/api/teams', { name: 'Field sales' });
  await office('POST', '/api/users', { ...people.ada, role: 'manager', teamId });
  const ada = await anyone<SignedIn>('POST', '/api/auth/sign-in', {
    email: people.ada.email,
    password: people.ada.password,
  });
  const { name, email, password } = people.ben;
  const { invitation } = await office<Invited>('POST', '/api/users', { name, email, role: 'rep', teamId });
  const ben = await anyone<SignedIn>('POST', '/api/auth/accept-invitation', { token: invitation.token, password });
  const sellers = { ada, ben, teamId };
  await addDeals(office, sellers, now);
  await addLeads(office, sellers);
  return { workspaceId: admin.workspace.id, workspaceName, people };
};
