import type { OrganisationReason, WaitingFor } from '../../../domain/organisations/index.ts';
import type { FieldErrors } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { PostForm } from '../page-parts.ts';

type Role = 'legal_representative' | 'head' | 'authorised';

/** An organisation that I act for, or acted for. `leave` posts `csrf` and `id`. */
export interface ActingRow {
  readonly id: string;
  readonly name: string;
  readonly code: string;
  readonly role: Role;
  readonly since: Date;
  /** The organisation does not stand for now: nobody acts for it. */
  readonly suspended: boolean;
  readonly ended: { readonly at: Date; readonly reason: 'own_wish' | 'left_the_list' | 'dissolved' } | null;
}

/** How an application stands, in one word: `organisations.state.<word>`. */
export type StateWord = 'checking' | 'register' | 'registration' | 'consents' | 'approved' | 'refused' | 'withdrawn';

/** An application of mine. */
export interface ApplicationRow {
  readonly reference: string;
  /** As the register has it, once it has said so. */
  readonly name: string | null;
  readonly code: string;
  readonly state: StateWord;
  readonly submittedAt: Date;
  readonly url: string;
}

/** One of another representative that waits for my answer. */
export interface AskingRow {
  readonly name: string;
  readonly code: string;
  readonly applicant: string | null;
  readonly url: string;
}

/** Organisations: which I act for, what I have applied for, whose consent is asked of me. */
export interface Organisations {
  readonly acting: readonly ActingRow[];
  readonly applications: readonly ApplicationRow[];
  readonly asking: readonly AskingRow[];
  readonly leave: PostForm;
  readonly newUrl: string;
  /** Only an account of level 2 applies. */
  readonly mayApply: boolean;
  readonly notice: Message | null;
}
export const organisationsPage = defineView<Organisations>('self-service/organisations', 'organisations.title');

/** Applying: `code`, button `continue`. */
export interface NewOrganisation extends PostForm {
  readonly errors: FieldErrors;
  readonly code: string;
  readonly backUrl: string;
}
export const newOrganisationPage = defineView<NewOrganisation>(
  'self-service/organisation-new',
  'organisations.new.title',
);

/** An application of mine. The form withdraws it, where that is still possible: posts `csrf` and `id`. */
export interface OrganisationApplication extends ApplicationRow {
  readonly id: string;
  readonly reason: OrganisationReason | null;
  readonly waitingFor: WaitingFor | null;
  readonly dueAt: Date;
  readonly overdue: boolean;
  readonly answerBefore: Date | null;
  readonly asked: readonly {
    readonly name: string;
    readonly role: Role;
    readonly answer: 'given' | 'declined' | null;
  }[];
  readonly withdraw: PostForm | null;
  readonly backUrl: string;
}
export const organisationApplicationPage = defineView<OrganisationApplication>(
  'self-service/organisation-application',
  'organisations.application.title',
);

/** Whether another representative may act. Buttons `give`, `decline`; posts `csrf` and `id`. */
export interface OrganisationConsent extends AskingRow {
  readonly id: string;
  readonly form: PostForm;
  readonly answerBefore: Date | null;
  /** Only an account of level 2 consents; anybody who is asked may decline. */
  readonly mayGive: boolean;
  readonly backUrl: string;
}
export const organisationConsentPage = defineView<OrganisationConsent>(
  'self-service/organisation-consent',
  'organisations.consent.title',
);
