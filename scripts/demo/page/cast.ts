import type { World } from '../world.ts';
import { openOfficeOf, type Office } from './office/office.ts';
import { switchOn, type Phone } from './phone/phone.ts';

/** Everybody in the demo. */
export interface Cast {
  readonly ada: Phone;
  readonly ben: Phone;
  readonly office: Office;
}

export const assemble = async (world: World): Promise<Cast> => {
  const office = await openOfficeOf(world.people.office, world.workspaceId);
  const [ada, ben] = await Promise.all([switchOn('ada', world), switchOn('ben', world)]);
  return { ada, ben, office };
};
