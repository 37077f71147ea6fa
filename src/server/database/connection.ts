/**
 * `leadzen_owner` owns the log and runs migrations; `_app` serves; `_projector` owns the read models; every login of an
 * analyst is a member of `_analyst`, and `_watch` of every such login.
 */
export const DATABASE_ROLES = [
  'leadzen_owner',
  'leadzen_app',
  'leadzen_projector',
  'leadzen_analyst',
  'leadzen_watch',
] as const;

/** Settings of one session, by name: `statement_timeout: '30s'`. Values hold no spaces. */
export type SessionSettings = Readonly<Record<string, string>>;

// Times come and go as UTC text, and nothing of ours lives in a schema named after a user.
const ALWAYS: SessionSettings = { timezone: 'UTC', datestyle: 'ISO', search_path: 'public' };

/**
 * The url with settings for its sessions. They travel as startup options, so they also hold after `discard all`; options
 * that the url brings stay in front, where ours win.
 */
export const withSettings = (url: string, settings: SessionSettings): string => {
  const parsed = new URL(url);
  const ours = Object.entries({ ...ALWAYS, ...settings }).map(([name, value]) => `-c ${name}=${value}`);
  parsed.searchParams.set('options', [parsed.searchParams.get('options') ?? '', ...ours].join(' ').trim());
  return parsed.href;
};

/** The same server, another database. */
export const withDatabase = (url: string, database: string): string =>
  Object.assign(new URL(url), { pathname: `/${encodeURIComponent(database)}` }).href;

/** For messages and logs: without the password. */
export const withoutPassword = (url: string): string => {
  const parsed = new URL(url);
  if (parsed.password !== '') parsed.password = '***';
  return parsed.href;
};
