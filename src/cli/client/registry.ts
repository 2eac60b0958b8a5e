import type { ChangeRequest, Finding } from '../../domain/approvals/index.ts';
import type { ParsedRegistration } from '../../domain/relying-parties/index.ts';

/** A client as the server has it now. */
export interface Current {
  readonly registration: Readonly<Record<string, unknown>>;
  readonly disabled: boolean;
  /** The number of this version. */
  readonly number: number;
}

/** A change request as its drafter needs it. */
export type Request = Pick<
  ChangeRequest,
  'id' | 'number' | 'state' | 'revision' | 'baseVersion' | 'after' | 'draftedBy' | 'amendedBy'
>;

/** What became of a wish to draft or to propose. */
export type Put =
  | { readonly done: true; readonly request: Request }
  | { readonly done: false; readonly faults: readonly { readonly path: string; readonly message: string }[] };

/**
 * What files are compared with, and what differences are handed to: the parts of this server, or the admin API of any.
 */
export interface Registry {
  current(clientId: string): Promise<Current | undefined>;
  /**
   * What a registration says of its relying party beside what is registered of it, and which other clients that changes. Missing in
   * a sandbox, where one person says it at whichever client.
   */
  readonly beside?: (registration: ParsedRegistration) => Promise<readonly Finding[]>;
  /** Every client, by id. */
  ids(): Promise<string[]>;
  /** Whether this is the client's secret; missing where nobody can know. */
  readonly isSecret?: (clientId: string, secret: string) => Promise<boolean>;
  /** Who drafts here: what a change request names. */
  drafter(): Promise<string>;
  /** Change requests of a client that nobody has decided on. */
  open(clientId: string): Promise<readonly Request[]>;
  draft(value: unknown, reason: string): Promise<Put>;
  /** Puts a draft before others; missing where whoever drafts is no operator. */
  readonly propose?: (request: Request) => Promise<Put>;
}
