export type * from './api.ts';
export { createLeadZen } from './create-leadzen.ts';
export type * from './ports.ts';
export { Refusal, type RefusalCode } from './refusal.ts';
export type * from './resources/types.ts';
