import type { ActingRole, Role } from './roles.ts';

/** Where operators work: a tree of the nation, its provinces and their communes. */
export interface Office {
  readonly id: string;
  readonly parentId?: string;
  readonly kind: 'nation' | 'province' | 'commune';
  readonly name: { readonly vi: string; readonly en: string };
  /** People learn there: with invented people, and never about an account. */
  readonly training?: true;
}

/** `invited` until the first passkey is bound; `suspended` opens nothing until two others say so. */
export type OperatorState = 'invited' | 'active' | 'suspended' | 'retired';

/**
 * Somebody who works with this server: never a citizen's account. `person` stands for the human behind it (a keyed hash of the
 * identity number, base64url): two accounts of one human cannot be, and no human approves their own proposal.
 */
export interface Operator {
  readonly id: string;
  readonly person: string;
  readonly name: string;
  readonly email: string;
  readonly office: string;
  /** Their office is one of training. */
  readonly practises?: true;
  readonly roles: readonly Role[];
  readonly state: OperatorState;
  readonly createdAt: Date;
  readonly lastSeenAt?: Date;
}

/** Who acts in a request of the console, the admin API or the command line, read from the database for this request. */
export interface Acting {
  readonly operatorId: string;
  readonly person: string;
  readonly name: string;
  readonly office: string;
  readonly roles: readonly ActingRole[];
  /** How they came in; an API client acts for the operator who registered it, and for no other person. */
  readonly by: 'console' | 'api' | 'command-line';
  /** Of an API client. */
  readonly clientId?: string;
}

/** How they came to do it, for the journal: by the console, or through which API client of theirs. */
export const wayOf = ({ by, clientId }: Acting): Readonly<Record<string, string>> => ({
  way: by,
  ...(clientId === undefined ? {} : { apiClient: clientId }),
});

/** Somebody who is signed in to the console, with what its pages say of them. */
export interface ConsoleActing extends Acting {
  readonly by: 'console';
  readonly officeName: Office['name'];
  /** When the session was opened with a passkey. */
  readonly since: Date;
}
