import * as z from 'zod/mini';
import { each, eventsOf, type Writes } from './definition.ts';
import * as field from './fields.ts';

export const SHARINGS = ['everyone', 'team', 'owner'] as const;
/** What happens to a critical register that somebody else changed meanwhile: ask the people, or let the last write win. */
export const REGISTER_POLICIES = ['conflict', 'merge'] as const;
export type RegisterPolicy = (typeof REGISTER_POLICIES)[number];

export interface WorkspaceState {
  readonly name: string | null;
  /** An IANA name: the days, weeks and quarters of analytics are this zone's. */
  readonly timeZone: string;
  readonly baseCurrency: string;
  readonly sharing: (typeof SHARINGS)[number];
  readonly registers: {
    readonly money: RegisterPolicy;
    readonly progress: RegisterPolicy;
    readonly ownership: RegisterPolicy;
  };
  /** The month in which the fiscal year begins, 1 to 12. */
  readonly fiscalYearStart: number;
}

export const initialWorkspace: WorkspaceState = {
  name: null,
  timeZone: 'UTC',
  baseCurrency: 'USD',
  sharing: 'everyone',
  registers: { money: 'conflict', progress: 'conflict', ownership: 'conflict' },
  fiscalYearStart: 1,
};

/**
 * PostgreSQL must take it as well: a bare offset is refused, because there `+02:00` means two hours west.
 * Intl is ECMA-402, which Node, browsers and Hermes all bring.
 */
const isTimeZone = (name: string): boolean => {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
};

const define = eventsOf<WorkspaceState>('workspace');
const policy = z.optional(z.enum(REGISTER_POLICIES));
const PLAIN = ['name', 'timeZone', 'baseCurrency', 'sharing', 'fiscalYearStart'] as const;

const settings = {
  timeZone: field.absentable(
    z.string().check(
      z.maxLength(100),
      z.refine((name) => isTimeZone(name), 'must be an IANA time zone like Europe/Berlin'),
    ),
  ),
  baseCurrency: field.absentable(field.currency),
  sharing: field.absentable(z.enum(SHARINGS)),
  registers: field.absentable(z.strictObject({ money: policy, progress: policy, ownership: policy })),
  fiscalYearStart: field.absentable(z.int().check(z.minimum(1), z.maximum(12))),
};

const registerWrites = (registers: object | undefined, state: WorkspaceState): Writes =>
  registers === undefined ? {} : { registers: { registers: { ...state.registers, ...registers } } };

export const workspaceEvents = {
  WorkspaceCreated: define({
    creates: true,
    schema: z.strictObject({ name: field.name, ...settings }),
    writes: (data, state) => ({ ...each(data, PLAIN), ...registerWrites(data.registers, state) }),
  }),
  WorkspaceSettingsChanged: define({
    schema: z.strictObject({ name: field.absentable(field.name), ...settings }),
    writes: (data, state) => ({ ...each(data, PLAIN), ...registerWrites(data.registers, state) }),
  }),
};
