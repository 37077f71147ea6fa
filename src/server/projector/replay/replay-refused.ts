/** Nothing was built, compared or dropped; the message says what to do. */
export class ReplayRefused extends Error {}
