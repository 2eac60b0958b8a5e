import type { Message } from '../../platform/messages.ts';
import { defineView } from '../../platform/views.ts';

/** Pages that say something and ask nothing. */

/** One `acr` value: what it means, as a page. */
export interface AssuranceContext {
  readonly uri: string;
  /** `2.2`, `level-2`. */
  readonly name: string;
  readonly accountLevel: 1 | 2;
  readonly authenticationLevel: 1 | 2 | 3 | 4;
  /** Whether a strong proof is part of it (`level-2`). */
  readonly strong: boolean;
  readonly indexUrl: string;
}
export const assuranceContextPage = defineView<AssuranceContext>('assurance/context', 'assurance.title');

/** All `acr` values, and the policy in force. */
export interface AssuranceIndex {
  readonly contexts: readonly {
    readonly uri: string;
    readonly name: string;
    readonly accountLevel: 1 | 2;
    readonly authenticationLevel: 1 | 2 | 3 | 4;
    readonly strong: boolean;
  }[];
  readonly policyVersion: string;
  readonly policyUrl: string;
}
export const assuranceIndexPage = defineView<AssuranceIndex>('assurance/index', 'assurance.title');

/** One row of a policy in words: what it asks, and what it gives. */
export interface PolicyRow {
  readonly id: string;
  readonly needs: readonly Message[];
  /** Details of the proof, as the data says them. */
  readonly detail: string | null;
  readonly gives: readonly Message[];
  readonly level: 1 | 2 | 3 | 4 | null;
  /** Seconds that the proofs may be old. */
  readonly within: number | null;
  readonly off: boolean;
  /** Whether it counts today. */
  readonly counts: boolean;
  readonly clause: string;
  readonly source: string;
  readonly from: string;
  readonly until: string | null;
  readonly tests: readonly string[];
}

/** A policy, as `assurance_policy` names it. */
export interface PolicyRules {
  readonly uri: string;
  readonly version: string;
  readonly hash: string;
  readonly inForce: boolean;
  readonly withdrawn: boolean;
  readonly testFile: string;
  readonly tables: readonly {
    readonly table: 'evidence' | 'worth' | 'combinations';
    readonly rows: readonly PolicyRow[];
  }[];
  readonly versions: readonly { readonly version: string; readonly uri: string }[];
}
export const assurancePolicyPage = defineView<PolicyRules>('assurance/policy', 'assurance.title');

/** What an address in verified claims means: a trust framework, a sort of check, or the rules of an older record. */
export interface VerificationName {
  readonly what: 'framework' | 'assurance' | 'policy';
  readonly term: string;
  readonly uri: string;
}
export const verificationNamePage = defineView<VerificationName>('assurance/verification', 'assurance.title');

/** Help: a heading for each topic, which the pages that it is about lead to (`views/layouts/page.eta`). */
export interface Help {
  /** How to reach a person, if the operator has said so. */
  readonly contact: string | null;
  /** Where somebody makes an account; `null` where nobody can online. */
  readonly signUpUrl: string | null;
}
export const helpPage = defineView<Help>('information/help', 'help.title');
export const privacyPage = defineView<Help>('information/privacy', 'privacy.title');
export const accessibilityPage = defineView<Help>('information/accessibility', 'accessibility.title');

/** The system's state: checks of `platform/health`, by name; label `status.check.<name>` if there is one. */
export interface Status {
  readonly working: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
  readonly at: Date;
}
export const statusPage = defineView<Status>('information/status', 'status.title');

/** The front page: what this is, and the way to My account. */
export interface Front {
  readonly accountUrl: string;
  readonly signUpUrl: string | null;
}
export const frontPage = defineView<Front>('information/front', 'front.title');

/** What a code means that an error page or a problem document names (RFC 9457 §3.1.1: where its `type` leads). */
export interface ErrorCode {
  readonly code: string;
  readonly status: number;
  /** When it happens, for engineers; in English as in the README. */
  readonly when: string;
}
export const errorCodePage = defineView<ErrorCode>('information/error-code', 'error.title');
