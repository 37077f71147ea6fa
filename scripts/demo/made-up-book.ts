/** A stage of the pipeline that a new workspace starts with. */
type StageName = 'Qualification' | 'Discovery' | 'Proposal' | 'Negotiation';
type Seller = 'ada' | 'ben';

interface MadeUpDeal {
  readonly name: string;
  readonly company: string;
  readonly stage: StageName;
  /** Euros. */
  readonly amount: number;
  readonly owner: Seller;
  readonly closesInDays: number;
}

interface MadeUpLead {
  readonly name: string;
  readonly companyName: string;
  readonly title: string;
  readonly email: string;
  readonly source: string;
  readonly status: 'new' | 'contacted' | 'qualified';
  readonly priority: 'low' | 'normal' | 'high';
  readonly note: string;
  readonly owner: Seller;
}

interface MadeUpCompany {
  readonly name: string;
  readonly owner: Seller;
}

export const COMPANIES: readonly MadeUpCompany[] = [
  { name: 'Maritsa Waterworks', owner: 'ben' },
  { name: 'Kestrel Air Cargo', owner: 'ada' },
  { name: 'Tanaka Ceramics', owner: 'ben' },
  { name: 'Solvang Clinics', owner: 'ben' },
  { name: 'Oakridge Dairy', owner: 'ada' },
  { name: 'Lumen Optics', owner: 'ben' },
  { name: 'Bellweather Foods', owner: 'ben' },
  { name: 'Vega Robotics', owner: 'ada' },
];

/** The book of a seller of laboratory instruments; nobody in it exists. */
export const DEALS: readonly MadeUpDeal[] = [
  {
    name: 'Plankton counters',
    company: 'Maritsa Waterworks',
    stage: 'Qualification',
    amount: 18_400,
    owner: 'ben',
    closesInDays: 64,
  },
  {
    name: 'Cold-chain sensors',
    company: 'Kestrel Air Cargo',
    stage: 'Qualification',
    amount: 42_000,
    owner: 'ada',
    closesInDays: 81,
  },
  {
    name: 'Kiln monitoring pilot',
    company: 'Tanaka Ceramics',
    stage: 'Qualification',
    amount: 9600,
    owner: 'ben',
    closesInDays: 40,
  },
  {
    name: 'Portable meters',
    company: 'Solvang Clinics',
    stage: 'Discovery',
    amount: 27_500,
    owner: 'ben',
    closesInDays: 52,
  },
  {
    name: 'Milk-line analyser',
    company: 'Oakridge Dairy',
    stage: 'Discovery',
    amount: 64_000,
    owner: 'ada',
    closesInDays: 47,
  },
  {
    name: 'Clean-room retrofit',
    company: 'Lumen Optics',
    stage: 'Discovery',
    amount: 118_000,
    owner: 'ada',
    closesInDays: 95,
  },
  {
    name: 'Taste-lab renewal',
    company: 'Bellweather Foods',
    stage: 'Proposal',
    amount: 53_200,
    owner: 'ben',
    closesInDays: 31,
  },
  {
    name: 'Gripper calibration',
    company: 'Vega Robotics',
    stage: 'Proposal',
    amount: 31_900,
    owner: 'ada',
    closesInDays: 26,
  },
  {
    name: 'Five-year service plan',
    company: 'Oakridge Dairy',
    stage: 'Negotiation',
    amount: 86_000,
    owner: 'ada',
    closesInDays: 12,
  },
  {
    name: 'Spectrometer upgrade',
    company: 'Lumen Optics',
    stage: 'Negotiation',
    amount: 142_500,
    owner: 'ben',
    closesInDays: 18,
  },
];

export const LEADS: readonly MadeUpLead[] = [
  {
    name: 'Nora Lindqvist',
    companyName: 'Brightwater Brewery',
    title: 'Head of quality',
    email: 'nora@brightwater.example',
    source: 'Trade fair',
    status: 'contacted',
    priority: 'high',
    note: 'Wants a demo in the new bottling hall.',
    owner: 'ben',
  },
  {
    name: 'Tomás Arriaga',
    companyName: 'Cobre Verde',
    title: 'Plant manager',
    email: 'tomas@cobreverde.example',
    source: 'Referral',
    status: 'new',
    priority: 'normal',
    note: 'Referred by Vega Robotics.',
    owner: 'ada',
  },
  {
    name: 'Aiko Morita',
    companyName: 'Hoshino Paper',
    title: 'Process engineer',
    email: 'aiko@hoshino.example',
    source: 'Website',
    status: 'qualified',
    priority: 'normal',
    note: 'Budget approved for spring.',
    owner: 'ben',
  },
  {
    name: 'Femi Adeyemi',
    companyName: 'Lagoon Fisheries',
    title: 'Operations lead',
    email: 'femi@lagoon.example',
    source: 'Webinar',
    status: 'new',
    priority: 'low',
    note: 'Asked for the price list.',
    owner: 'ada',
  },
  {
    name: 'Greta Hollander',
    companyName: 'Polder Seeds',
    title: 'Laboratory manager',
    email: 'greta@polderseeds.example',
    source: 'Trade fair',
    status: 'contacted',
    priority: 'normal',
    note: 'Call after the harvest.',
    owner: 'ada',
  },
  {
    name: 'Samir Haddad',
    companyName: 'Cedar Pharma',
    title: 'Purchasing',
    email: 'samir@cedarpharma.example',
    source: 'Cold call',
    status: 'new',
    priority: 'high',
    note: 'Compares three vendors.',
    owner: 'ben',
  },
  {
    name: 'Lucia Ferri',
    companyName: 'Molino Ferri',
    title: 'Owner',
    email: 'lucia@molinoferri.example',
    source: 'Referral',
    status: 'qualified',
    priority: 'normal',
    note: 'Prefers leasing.',
    owner: 'ada',
  },
];
