-- A closing freezes the newest rate of its currencies at its day: asked for by the few closings in a foreign currency, of
-- the log itself, since decisions do not rest on read models. No other event pays for the index. Days are texts of one
-- form, which are in their order in any collation.
create index event_of_rates on event
  (workspace_id, (data ->> 'base'), (data ->> 'quote'), (data ->> 'asOf'), position)
  where type = 'ExchangeRateRecorded';

-- Policies are conditions that come first, and what reads into JSON may not go before them: asked by the serving role, the
-- index was read from end to end, 30 ms for 3,000 rates. So the lookup runs as the owner, for the session's own workspace
-- alone. Of either direction it is one step in the index; of both, the later day, and of one day what was recorded last.
-- Never by a sort: a planner without statistics takes three thousand rates for one.
create function newest_rates(p_workspace uuid, p_from text[], p_to text[], p_days text[])
returns table ("from" text, "to" text, day text, data json)
language sql stable security definer set search_path = public, pg_temp set enable_sort = off
as $$
  select w.a, w.b, w.day, r.data
    from unnest(p_from, p_to, p_days) w(a, b, day), lateral (
      select n.data from (
        (select e.data, e.data ->> 'asOf' as as_of, e.position from event e
          where e.workspace_id = p_workspace and e.type = 'ExchangeRateRecorded'
            and e.data ->> 'base' = w.a and e.data ->> 'quote' = w.b and e.data ->> 'asOf' <= w.day
          order by e.data ->> 'base' desc, e.data ->> 'quote' desc, e.data ->> 'asOf' desc, e.position desc limit 1)
        union all
        (select e.data, e.data ->> 'asOf', e.position from event e
          where e.workspace_id = p_workspace and e.type = 'ExchangeRateRecorded'
            and e.data ->> 'base' = w.b and e.data ->> 'quote' = w.a and e.data ->> 'asOf' <= w.day
          order by e.data ->> 'base' desc, e.data ->> 'quote' desc, e.data ->> 'asOf' desc, e.position desc limit 1)) n
      order by n.as_of desc, n.position desc limit 1) r
   where p_workspace = nullif(current_setting('leadzen.workspace_id', true), '')::uuid
$$;

revoke execute on function newest_rates from public;
grant execute on function newest_rates to leadzen_app;
