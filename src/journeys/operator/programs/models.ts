import type { Role } from '../../../domain/operators/index.ts';
import type { FieldErrors } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { Frame } from '../frame.ts';

/** One's own API clients, and the form for another: posts `csrf`, `name`, `days`, `jwks` and a `role-…` for each role. */
export interface ApiClientsPage extends Frame {
  readonly notice: Message | null;
  readonly clients: readonly {
    readonly id: string;
    readonly name: string;
    readonly roles: readonly Role[];
    readonly createdAt: Date;
    readonly expiresAt: Date;
    readonly state: 'usable' | 'expired' | 'revoked';
    /** `null`: it has ended. */
    readonly revoke: { readonly action: string; readonly csrf: string } | null;
  }[];
  /** What one has; a program can have no other. */
  readonly roles: readonly { readonly role: Role; readonly chosen: boolean }[];
  readonly days: readonly {
    readonly value: string;
    readonly label: { readonly text: string };
    readonly chosen: boolean;
  }[];
  readonly entered: { readonly name: string; readonly jwks: string };
  readonly errors: FieldErrors;
  readonly form: { readonly action: string; readonly csrf: string };
  /** Where tokens come from, and what they are for. */
  readonly tokenUrl: string;
  readonly resource: string;
  readonly openapiUrl: string;
}
export const apiClientsPage = defineView<ApiClientsPage>('operator/api-clients', 'operator.api-clients.title', [
  'copy.js',
]);
