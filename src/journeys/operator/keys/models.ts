import type { Custody, KeyState } from '../../../domain/signing-keys/index.ts';
import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { Spoken } from '../changes/spoken.ts';
import type { PostForm } from '../page-parts.ts';

/** What signs tokens: next, current and retired, with their dates. */
export interface SigningKeysPage {
  readonly groups: readonly {
    readonly state: KeyState;
    readonly keys: readonly {
      readonly kid: string;
      readonly algorithm: string;
      readonly custody: Custody;
      readonly createdAt: Date;
      readonly usableAt: Date | null;
      readonly activatedAt: Date | null;
      readonly retiredAt: Date | null;
      readonly forgottenAt: Date | null;
    }[];
  }[];
  readonly algorithms: readonly string[];
  readonly rotate: PostForm | null;
  readonly refused: Message | null;
}
export const signingKeysPage = defineView<SigningKeysPage>('operator/keys', 'console.keys.title');

/** The authorities that vouch for our own cards. */
export interface NationalPage {
  readonly certificates: readonly {
    readonly sha256: string;
    readonly subject: string;
    readonly notBefore: Date;
    readonly notAfter: Date;
    readonly state: 'active' | 'expired';
  }[];
  readonly warnings: readonly {
    readonly what: string;
    readonly subject: string;
    readonly at: Date | null;
    readonly blocking: boolean;
  }[];
  readonly rules: readonly {
    readonly text: Message;
    readonly days: number | null;
    readonly setting: string;
  }[];
  /** Where two people would agree that the settings hold, and these settings; nothing where they hold. */
  readonly agreement: (PostForm & { readonly settings: readonly string[] }) | null;
  readonly form: PostForm | null;
  readonly removal: PostForm | null;
  readonly entered: { readonly certificate: string; readonly reason: string };
  readonly faults: readonly Spoken[];
  readonly refused: Message | null;
}
export const nationalPage = defineView<NationalPage>('operator/national', 'console.national.title');

/** The assurance policy in force, and those before it. */
export interface PolicyPage {
  readonly version: string;
  readonly withdrawn: readonly string[];
  readonly evidence: readonly PolicyRow[];
  readonly worth: readonly PolicyRow[];
  readonly combinations: readonly PolicyRow[];
  readonly older: readonly { readonly version: string; readonly adoptedAt: Date; readonly changeUrl: string }[];
  /** The version of this release, where it is newer and nobody has adopted it. */
  readonly release: string | null;
  readonly form: PostForm | null;
  readonly text: string;
  readonly reason: string;
  readonly faults: readonly Spoken[];
  readonly refused: Message | null;
}
export const policyPage = defineView<PolicyPage>('operator/policy', 'console.policy.title');

/** A row of the policy: what is shown, and what it is worth. */
export interface PolicyRow {
  readonly id: string;
  readonly needs: string;
  readonly gives: string;
  readonly clause: string;
  readonly from: string;
  readonly until: string | null;
}
