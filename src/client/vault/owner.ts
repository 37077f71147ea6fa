import { sha256 } from '../hash/sha256.ts';
import { toUtf8 } from '../utf8.ts';
import { word } from './word.ts';

interface Ids {
  readonly workspaceId: string;
  readonly userId: string;
}

/** What every seal of a user is bound to. */
export const ownerText = ({ workspaceId, userId }: Ids): string => `leadzen/1/${workspaceId}/${userId}`;

/** The user in names of keys and databases: two users never meet under one, and it names nobody. */
export const ownerTag = (owner: Ids): string => word(sha256(toUtf8(ownerText(owner))));
