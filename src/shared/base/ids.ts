/** A lower-case RFC 9562 UUID; clients make version 7, whose order is the order of creation. */
export type Uuid = string;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const isUuid = (text: unknown): text is Uuid => typeof text === 'string' && UUID.test(text);

/** The device of events that the server itself makes. */
export const SERVER_DEVICE: Uuid = '00000000-0000-0000-0000-000000000000';
