import type { Message } from '../../platform/messages.ts';
import { defineView } from '../../platform/views.ts';

/** Pages of the sandbox: mounted there and nowhere else. */

/** The front page of a sandbox. */
export interface SandboxIndex {
  readonly issuer: string;
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
