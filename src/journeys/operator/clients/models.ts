import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { ChangeRow, DiffLine } from '../changes/models.ts';
import type { Spoken } from '../changes/spoken.ts';
import type { DeliveryRow } from '../ledger/models.ts';
import type { Choice, Pages, PostForm } from '../page-parts.ts';
import type { PurposeFields } from './purposes.ts';

/** A client in a list. */
export interface ClientRow {
  readonly clientId: string;
  readonly url: string;
  /** In the language of the page. */
  readonly name: string;
  readonly relyingParty: string;
  readonly relyingPartyUrl: string;
  readonly sector: string | null;
  readonly environment: 'sandbox' | 'production';
  readonly fapi: boolean;
  readonly disabled: boolean;
}

/** The list of clients and what it was searched by. */
export interface Clients extends Pages {
  readonly text: string;
  readonly environment: readonly Choice[];
  readonly sector: readonly Choice[];
  readonly rows: readonly ClientRow[];
  readonly newUrl: string | null;
}
export const clientsPage = defineView<Clients>('operator/clients', 'console.clients.title');

/** A relying party and its clients. */
export interface RelyingPartyPage extends Pages {
  readonly id: string;
  readonly name: string;
  readonly mark: string;
  readonly colour: string;
  readonly legalEntity: string;
  readonly entityName: string;
  readonly sector: string | null;
  readonly contacts: readonly { readonly role: string; readonly address: string }[];
  readonly rows: readonly ClientRow[];
}
export const relyingPartyPage = defineView<RelyingPartyPage>('operator/relying-party', 'console.relying-party.title');

/** A floor in words: `floor.accountLevel` and its value. */
export interface FloorLine {
  /** `null`: of the client as a whole; else the scope, claim or resource. */
  readonly of: string | null;
  readonly floor: Message;
}

/** A key of a client, by value. */
export interface KeyLine {
  readonly kid: string;
  readonly kind: string;
  readonly expiresAt: Date | null;
  readonly expired: boolean;
}

/** What data is for, and which. */
export interface PurposeLine {
  readonly id: string;
  readonly text: string;
  readonly legalBasis: string | null;
  readonly scopes: readonly string[];
  readonly claims: readonly { readonly claim: string; readonly sensitive: boolean }[];
}

/** What people at a counter may be checked for. */
export interface InPersonLine extends Omit<PurposeLine, 'scopes'> {
  readonly legalBasis: string;
  readonly face: 'required' | 'optional';
}

/** A client in words, its versions, and what is under way about it. */
export interface ClientPage {
  readonly clientId: string;
  readonly name: string;
  readonly relyingParty: string;
  readonly relyingPartyUrl: string;
  readonly environment: 'sandbox' | 'production';
  readonly fapi: boolean;
  readonly disabledAt: Date | null;
  readonly purpose: string;
  readonly authMethod: string;
  readonly redirectUris: readonly string[];
  readonly logoutUri: string | null;
  /** Where security events are pushed to. */
  readonly eventsUri: string | null;
  /** How many people have linked an account, and when the last ones took the link away. Never who. */
  readonly links: { readonly linked: number; readonly unlinkedAt: readonly Date[] };
  readonly jwksUri: string | null;
  readonly keys: readonly KeyLine[];
  readonly secretExpiresAt: Date | null;
  readonly floors: readonly FloorLine[];
  readonly purposes: readonly PurposeLine[];
  /** None: the client checks nobody in presence. */
  readonly inPerson: readonly InPersonLine[];
  readonly scopes: readonly string[];
  readonly claims: readonly { readonly claim: string; readonly sensitive: boolean }[];
  readonly versions: readonly {
    readonly number: number;
    readonly at: Date;
    readonly by: string;
    readonly disabled: boolean;
    readonly changeUrl: string | null;
  }[];
  readonly olderVersions: string | null;
  readonly compareUrl: string;
  readonly restore: PostForm | null;
  readonly changeUrl: string | null;
  readonly disable: PostForm | null;
  readonly enableUrl: string | null;
  readonly requests: readonly ChangeRow[];
  readonly deliveries: readonly DeliveryRow[];
  readonly deliveriesUrl: string | null;
  readonly notice: Message | null;
  readonly refused: Message | null;
}
export const clientPage = defineView<ClientPage>('operator/client', 'console.client.title');

/** What changed between two versions of a client. */
export interface Compare {
  readonly clientId: string;
  readonly backUrl: string;
  readonly from: number;
  readonly to: number;
  readonly diff: readonly DiffLine[];
}
export const comparePage = defineView<Compare>('operator/compare', 'console.compare.title');

/** The main fields of a registration as a form, or the whole of it as a document. */
export interface ClientForm {
  readonly clientId: string | null;
  readonly backUrl: string;
  readonly form: PostForm;
  readonly fields: Readonly<Record<string, string>>;
  /** Several, told apart; none where one is for everything. */
  readonly purposes: readonly PurposeFields[];
  readonly nextPurpose: string;
  readonly environment: readonly Choice[];
  readonly authMethod: readonly Choice[];
  readonly sector: readonly Choice[];
  readonly accountLevel: readonly Choice[];
  readonly authenticationLevel: readonly Choice[];
  readonly proofing: readonly Choice[];
  readonly document: PostForm;
  readonly text: string;
  readonly reason: string;
  readonly faults: readonly Spoken[];
  readonly refused: Message | null;
}
export const clientFormPage = defineView<ClientForm>('operator/client-form', 'console.client-form.title');

/** Drafted, with a secret that is shown this once. */
export interface DraftedSecret {
  readonly clientId: string;
  readonly secret: string;
  readonly changeUrl: string;
}
export const draftedSecretPage = defineView<DraftedSecret>('operator/drafted-secret', 'console.secret.title', [
  'copy.js',
]);
