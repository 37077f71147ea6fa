import type pg from 'pg';

// What PostgreSQL lets every login do and no analyst shall: hold locks that the server waits for, sleep, write large objects
// and the write-ahead log, wake our listeners, make temporary tables and anonymous blocks, look into the schema of the log.
const FUNCTIONS =
  '^(pg_sleep|pg_(try_)?advisory_|lo_|lowrite|loread|pg_notify|pg_logical_emit_message|pg_export_snapshot|set_config)';

const OURS = 'leadzen_owner, leadzen_app, leadzen_projector, leadzen_watch';

interface Right {
  /** Takes the right from everybody and leaves it to us. */
  readonly revoke: string;
}

const RIGHTS = `
select format('revoke execute on function pg_catalog.%s from public; grant execute on function pg_catalog.%1$s to ${OURS}, %I',
              p.oid::regprocedure, current_user) as revoke
  from pg_proc p
 where p.pronamespace = 'pg_catalog'::regnamespace and p.proname ~ $1
   and exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0)
union all
select format('revoke usage on language plpgsql from public; grant usage on language plpgsql to ${OURS}, %I', current_user)
  from pg_language l
 where l.lanname = 'plpgsql' and exists (select from aclexplode(coalesce(l.lanacl, acldefault('l', l.lanowner))) a where a.grantee = 0)
union all
select format('revoke temporary, create on database %I from public', d.datname)
  from pg_database d
 where d.datname = current_database()
   and exists (select from aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
                where a.grantee = 0 and a.privilege_type in ('TEMPORARY', 'CREATE'))
union all
select 'revoke all on schema public from public'
  from pg_namespace n
 where n.nspname = 'public' and exists (select from aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a where a.grantee = 0)
order by 1`;

const remaining = async (client: pg.ClientBase): Promise<string[]> =>
  (await client.query<Right>(RIGHTS, [FUNCTIONS])).rows.map(({ revoke }) => revoke);

/**
 * Takes from everybody in this database what no analyst may do; answers the statements that somebody with more rights than
 * this login has to run before there can be analysts.
 */
export const revokeFromPublic = async (client: pg.ClientBase): Promise<readonly string[]> => {
  for (const revoke of await remaining(client)) await client.query(revoke).catch(() => undefined);
  return remaining(client);
};
