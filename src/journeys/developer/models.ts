import type { Message } from '../../platform/messages.ts';
import { defineView } from '../../platform/views.ts';

/** Pages of the sandbox: mounted there and nowhere else. */

/** The front page of a sandbox. */
export interface SandboxIndex {
  readonly issuer: string;
  readonly registerUrl: string | null;
  readonly samples: readonly { readonly name: string; readonly url: string; readonly what: string }[];
}
export const sandboxIndexPage = defineView<SandboxIndex>('sandbox/index', 'sandbox.title');

/** What the simulated channels would have sent, newest first. */
export interface SandboxMessages {
  readonly messages: readonly {
    readonly id: string;
    readonly channel: 'sms' | 'mail';
    /** Masked. */
    readonly to: string;
    readonly subject: string | null;
    readonly text: string;
    readonly at: Date;
  }[];
}
export const sandboxMessagesPage = defineView<SandboxMessages>('sandbox/messages', 'sandbox.messages.title', [
  'copy.js',
]);

/** The invented people and how to sign in as each. */
export interface SandboxPersonas {
  readonly personas: readonly {
    readonly id: string;
    readonly name: string;
    readonly identityNumber: string;
    readonly phone: string | null;
    readonly accountLevel: 1 | 2;
    /** One line about this life, in the language of the page. */
    readonly story: Message | { readonly text: string };
    readonly password: string | null;
    readonly totpSecret: string | null;
    /** `otpauth://` address for an authenticator app. */
    readonly totpUri: string | null;
  }[];
}
export const sandboxPersonasPage = defineView<SandboxPersonas>('sandbox/personas', 'sandbox.personas.title', [
  'copy.js',
]);

/** The invented operators, each with an invitation to the console. */
export interface SandboxOperators {
  readonly operators: readonly {
    readonly id: string;
    readonly name: string;
    readonly identityNumber: string;
    readonly roles: readonly string[];
    readonly story: string;
    readonly invitation: string;
  }[];
}
export const sandboxOperatorsPage = defineView<SandboxOperators>('sandbox/operators', 'sandbox.operators.title');

/** People of the simulated register who have no account yet, each as the card in their pocket. */
export interface SandboxNewcomers {
  readonly people: readonly {
    readonly id: string;
    readonly name: string;
    readonly identityNumber: string;
    /** As much as the register knows. */
    readonly birthdate: string;
    readonly phone: string | null;
    readonly documentExpiresOn: string | null;
    readonly guardian: { readonly name: string; readonly identityNumber: string } | null;
    /** In the language of the page, like what comes of trying. */
    readonly story: string;
    readonly tryThis: string;
  }[];
  /** Organisations of the register of enterprises, and who acts for them. */
  readonly enterprises: readonly {
    readonly code: string;
    readonly name: string;
    readonly status: 'active' | 'suspended' | 'dissolved';
    readonly representatives: readonly string[];
    readonly story: string;
    readonly tryThis: string;
  }[];
  /** Kinds of pictures: `sandbox.picture.…` names each. */
  readonly marks: readonly string[];
  /** Values that make somebody fall silent: `sandbox.magic.…` says who. */
  readonly magic: readonly { readonly value: string; readonly what: string }[];
}
export const sandboxNewcomersPage = defineView<SandboxNewcomers>('sandbox/newcomers', 'sandbox.newcomers.title');

/** The register of the sandbox, made to say something of somebody. Posts `csrf`, `session`, `identityNumber` and `saying`. */
export interface SandboxRegister {
  readonly people: readonly { readonly name: string; readonly identityNumber: string }[];
  /** `sandbox.register.saying.…` names each. */
  readonly sayings: readonly string[];
  readonly form: { readonly action: string; readonly csrf: string; readonly session: string };
  /** What was said last, and what the endpoint answered. */
  readonly told: {
    readonly saying: string;
    readonly name: string;
    readonly status: number;
    readonly err: string | null;
  } | null;
}
export const sandboxRegisterPage = defineView<SandboxRegister>('sandbox/register', 'sandbox.register.title');

/** A card in the drawer. */
interface DrawnCard {
  readonly id: string;
  /** In the language of the page. */
  readonly label: string;
  /** `accepted`, or the reason code of the refusal. */
  readonly expected: string;
}

/** The software cards. With a `reader` each is a button that holds it there. */
export interface SandboxCards {
  readonly people: readonly {
    readonly id: string;
    readonly name: string;
    readonly identityNumber: string;
    readonly cards: readonly DrawnCard[];
  }[];
  readonly reader: {
    readonly action: string;
    readonly csrf: string;
    readonly session: string;
    readonly token: string;
  } | null;
}
export const sandboxCardsPage = defineView<SandboxCards>('sandbox/cards', 'sandbox.cards.title');

/** A card was held to the reader; the page that waits has the verdict. */
export interface SandboxTapped {
  readonly label: string;
  readonly expected: string;
  readonly status: 'accepted' | 'refused';
  /** What a reader is told of a refusal: the area, not the reason. */
  readonly code: string | null;
}
export const sandboxTappedPage = defineView<SandboxTapped>('sandbox/tapped', 'sandbox.tapped.heading');
