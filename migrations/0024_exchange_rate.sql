-- A closing freezes the newest rate of its currencies at its day: asked for by the few closings in a foreign currency, of
-- the log itself, since decisions do not rest on read models. No other event pays for the index.
create index event_of_rates on event
  (workspace_id, (data ->> 'base'), (data ->> 'quote'), (data ->> 'asOf') collate "C", position)
  where type = 'ExchangeRateRecorded';
