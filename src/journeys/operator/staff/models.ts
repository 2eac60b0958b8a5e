import type { OperatorState, Role } from '../../../domain/operators/index.ts';
import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { ChangeRow } from '../changes/models.ts';
import type { Spoken } from '../changes/spoken.ts';
import type { Choice, Pages, PostForm } from '../page-parts.ts';

/** An operator in a list. */
export interface OperatorRow {
  readonly url: string;
  readonly name: string;
  readonly email: string;
  readonly office: string;
  readonly roles: readonly Role[];
  readonly state: OperatorState;
  readonly lastSeenAt: Date | null;
}

/** Operators, and where they work. */
export interface Staff extends Pages {
  readonly named: string;
  readonly state: readonly Choice[];
  readonly office: readonly Choice[];
  readonly rows: readonly OperatorRow[];
  readonly inviteUrl: string | null;
  readonly officesUrl: string;
}
export const staffPage = defineView<Staff>('operator/staff', 'console.staff.title');

/** The tree of offices: the nation, its provinces, their communes. */
export interface Offices {
  readonly nation: string;
  readonly provinces: readonly {
    readonly id: string;
    readonly name: string;
    readonly communes: readonly { readonly id: string; readonly name: string; readonly training: boolean }[];
  }[];
  /** Adds a commune; `errors` are of this form. */
  readonly form: PostForm | null;
  readonly parents: readonly Choice[];
  readonly entered: Readonly<Record<'id' | 'vi' | 'en', string>>;
  readonly refused: Message | null;
  readonly notice: Message | null;
}
export const officesPage = defineView<Offices>('operator/offices', 'console.offices.title');

/** A box of a role. */
export interface RoleBox {
  readonly role: Role;
  readonly chosen: boolean;
}

/** Invites somebody, or says something else about somebody who is there. */
export interface OperatorForm {
  /** Of whom, when there is one already. */
  readonly person: string | null;
  readonly form: PostForm;
  readonly backUrl: string;
  readonly entered: Readonly<Record<'name' | 'email' | 'identityNumber' | 'reason', string>>;
  readonly offices: readonly Choice[];
  readonly states: readonly Choice[];
  readonly roles: readonly RoleBox[];
  readonly faults: readonly Spoken[];
  readonly refused: Message | null;
}
export const operatorFormPage = defineView<OperatorForm>('operator/operator-form', 'console.operator-form.title');

/** The second operator was invited by the first alone: the code is shown this once, and handed over by hand. */
export interface InvitedSecond {
  readonly name: string;
  readonly code: string;
  readonly expiresAt: Date;
}
export const invitedSecondPage = defineView<InvitedSecond>('operator/invited-second', 'console.invited.title', [
  'copy.js',
]);

/** One operator, and what may be done about them. */
export interface OperatorPage extends OperatorRow {
  readonly createdAt: Date;
  readonly isSelf: boolean;
  readonly changeUrl: string | null;
  readonly suspend: PostForm | null;
  readonly sendInvitation: PostForm | null;
  readonly requests: readonly ChangeRow[];
  readonly notice: Message | null;
  readonly refused: Message | null;
}
export const operatorPage = defineView<OperatorPage>('operator/operator', 'console.operator.title');
