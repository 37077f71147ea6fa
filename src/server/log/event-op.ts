/**
 * How the JSON of an event op is put together from the row; every column but `data` is safe text by its schema, and none
 * is null. By `||`: 3.6 ms a page of 500, where `concat` took 3.8.
 */
export const EVENT_OP = `'{"op":"event","position":' || position || ',"version":' || version ||
  ',"stream":{"type":"' || stream_type || '","id":"' || stream_id || '"},"scope":"' || scope_id || '","root":"' || root_id ||
  '","id":"' || event_id || '","type":"' || type || '","schemaVersion":' || schema_version ||
  ',"actor":"' || actor_id || '","device":"' || device_id || '","at":"' || at || '","clock":"' || coalesce(clock, at) ||
  '","recordedAt":"' || to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') ||
  '","superseded":' || coalesce(array_to_json(superseded)::text, '[]') || ',"data":' || data || '}'`;
