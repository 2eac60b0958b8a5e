import type { AnewGround, LockGround } from '../../../domain/subscribers/index.ts';
import type { FieldErrors } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { Choice, PostForm } from '../page-parts.ts';

/** Finds one person, and asks why. */
export interface FindPerson {
  readonly form: PostForm;
  readonly errors: FieldErrors;
  readonly reasons: readonly Choice[];
  readonly note: string;
  readonly notice: Message | null;
}
export const findPersonPage = defineView<FindPerson>('operator/find-person', 'console.people.title');

/** Somebody's locks, and what this operator may do about them. */
export interface PersonLocks {
  readonly locks: readonly {
    readonly id: string;
    readonly ground: LockGround;
    readonly openedAt: Date;
    readonly liftedAt: Date | null;
    readonly lift: PostForm | null;
  }[];
  readonly reasons: readonly Choice[];
  readonly lock: (PostForm & { readonly grounds: readonly Choice[] }) | null;
}

/** A person, as much of them as an office needs. */
export interface Person extends PersonLocks {
  readonly notice: Message | null;
  readonly name: string;
  readonly identityNumber: string | null;
  readonly accountLevel: 1 | 2;
  /** Why level 2 does not count. */
  readonly lowered: AnewGround | null;
  readonly state: 'active' | 'locked' | 'closed';
  readonly reason: string;
  readonly until: Date;
  readonly authenticators: readonly {
    readonly kind: string;
    readonly status: 'active' | 'disabled';
    readonly createdAt: Date;
    readonly lastUsedAt: Date | null;
  }[];
  readonly signIns: readonly { readonly at: Date; readonly clientId: string | null; readonly succeeded: boolean }[];
  /** To an officer who may begin a recovery or a re-proofing. */
  readonly counterUrl: string | null;
  /** To an officer who takes in what an authority asks. */
  readonly lockRequestUrl: string | null;
  readonly journalUrl: string | null;
}
export const personPage = defineView<Person>('operator/person', 'console.person.title');
