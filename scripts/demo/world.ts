/** Somebody of the demo, as the page signs them in. Made up anew at every start, so nothing here is a secret. */
export interface Person {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export const PEOPLE = ['ada', 'ben', 'office'] as const;
export type PersonKey = (typeof PEOPLE)[number];

/** What the page has to know about the workspace that was set up for it. */
export interface World {
  readonly workspaceId: string;
  readonly workspaceName: string;
  readonly people: Readonly<Record<PersonKey, Person>>;
}

/** Where the page finds it. */
export const WORLD_PATH = '/demo/world.json';
