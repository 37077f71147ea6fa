// In the bundle this stands in the place of the modules whose events a phone neither makes nor folds (`sync/by-state.ts`).
export const forecastEvents = {};
export const importEvents = {};
export const quotaEvents = {};
export const rateEvents = {};
export const sharingEvents = {};
export const teamEvents = {};
export const userEvents = {};
export const workspaceEvents = {};

const nobodyAsks = undefined;
export {
  nobodyAsks as forecast,
  nobodyAsks as importJob,
  nobodyAsks as quota,
  nobodyAsks as rate,
  nobodyAsks as team,
  nobodyAsks as user,
  nobodyAsks as workspace,
};

export const isSharing = (): boolean => false;
export { nobodyAsks as decideSharing };
