import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { Spoken } from '../changes/spoken.ts';
import type { Choice, Pages, PostForm } from '../page-parts.ts';

/** A protected resource in the list. */
export interface ResourceRow {
  readonly resource: string;
  readonly relyingParty: string;
  readonly relyingPartyUrl: string;
  readonly audience: string;
  readonly scopes: readonly string[];
  readonly format: 'opaque' | 'jwt';
  readonly environment: 'sandbox' | 'production';
  readonly disabled: boolean;
  /** Where the form is about this one; `null` for whoever proposes nothing. */
  readonly changeUrl: string | null;
}

/** What was entered, as text. */
export interface ResourceFields {
  readonly resource: string;
  readonly relyingParty: string;
  readonly audience: string;
  readonly scopes: string;
  readonly disabled: boolean;
  readonly reason: string;
}

/** Whom access tokens are made for beside our own pages; and a form for a new one, or for one that is there. */
export interface ResourcesPage extends Pages {
  readonly rows: readonly ResourceRow[];
  /** Posts the fields; `null` for whoever proposes nothing. */
  readonly form: PostForm | null;
  readonly fields: ResourceFields;
  /** Whether the form is about one that is there. */
  readonly isKnown: boolean;
  readonly format: readonly Choice[];
  readonly environment: readonly Choice[];
  readonly faults: readonly Spoken[];
  readonly refused: Message | null;
}
export const resourcesPage = defineView<ResourcesPage>('operator/resources', 'console.resources.title');
