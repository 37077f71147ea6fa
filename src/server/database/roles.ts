import type pg from 'pg';
import { DATABASE_ROLES } from './connection.ts';

// Roles belong to the whole cluster: two databases migrated at once race, and whoever is second finds the role made.
const createRole = (role: string) => `
  do $$ begin
    create role ${role} nologin;
  exception when duplicate_object or unique_violation then null;
  end $$`;

const missingRoles = async (client: pg.Client): Promise<string[]> => {
  const found = await client.query<{ rolname: string }>('select rolname from pg_roles where rolname = any($1)', [
    DATABASE_ROLES,
  ]);
  const names = new Set(found.rows.map((row) => row.rolname));
  return DATABASE_ROLES.filter((role) => !names.has(role));
};

const grantMembership = async (client: pg.Client): Promise<void> => {
  for (const role of DATABASE_ROLES) {
    const { rows } = await client.query<{ member: boolean }>('select pg_has_role(current_user, $1, $2) as member', [
      role,
      'member',
    ]);
    if (rows[0]?.member !== true) await client.query(`grant ${role} to current_user`);
  }
};

// The read models' schemas belong to the projector, everything else to the owner; what serves may own nothing.
const ROOMS = `
  grant usage, create on schema public to leadzen_owner;
  grant usage on schema public to leadzen_app, leadzen_projector, leadzen_watch;
  create schema if not exists read_model authorization leadzen_projector;
  create schema if not exists crm authorization leadzen_projector;
  grant usage on schema read_model, crm to leadzen_app;
  grant usage on schema crm to leadzen_analyst;
  alter default privileges for role leadzen_projector in schema read_model grant select on tables to leadzen_app;
  alter default privileges for role leadzen_projector in schema crm grant select on tables to leadzen_app;`;

/**
 * Makes the roles, which cannot log in, and the schemas. Needs a login that may create roles, the first time;
 * where an administrator made the roles and granted them to the login, none of that is needed.
 */
export const prepareRoles = async (client: pg.Client): Promise<void> => {
  for (const role of await missingRoles(client)) await client.query(createRole(role));
  await grantMembership(client);
  await client.query(ROOMS);
};
