/**
 * The version of the wire format, newest first.
 * 1 · 2026-11: push, pull and first sync by `POST /api/sync`.
 */
export const PROTOCOL_VERSION = 1;
