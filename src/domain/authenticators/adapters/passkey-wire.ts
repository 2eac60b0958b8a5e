import { z } from 'zod';

/** What is kept of a passkey: the credential record of WebAuthn §4. */
export interface PasskeyBinding {
  readonly credentialId: string;
  /** COSE_Key, base64url. */
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly aaguid: string;
  /** BE: may be synced. Fixed for life. */
  readonly backupEligible: boolean;
  /** BS: is synced now. */
  readonly backedUp: boolean;
  /** The user handle it was made for, base64url. */
  readonly handle: string;
}

const TRANSPORTS = ['ble', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const;

/** The transports that we know, each once; browsers may report new ones. */
export const transports = (reported: readonly string[] | undefined): string[] =>
  TRANSPORTS.filter((transport) => reported?.includes(transport));

export const passkeyBinding = z.object({
  credentialId: z.string(),
  publicKey: z.string(),
  counter: z.number().int(),
  transports: z.array(z.string()),
  aaguid: z.string(),
  backupEligible: z.boolean(),
  backedUp: z.boolean(),
  handle: z.string(),
});

const base64url = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[A-Za-z0-9_-]+$/);

// A credential ID has at most 1,023 bytes (WebAuthn §5.8.3).
const id = base64url(1364);
const envelope = { id, rawId: id, type: z.literal('public-key') };
// Extension results and the attachment are the client's word and decide nothing; what we do not name is dropped.
const noExtensions = z
  .unknown()
  .optional()
  .transform((): Record<string, never> => ({}));

/** AuthenticationResponseJSON (WebAuthn §5.1.7.2). */
export const assertion = z.object({
  ...envelope,
  response: z.object({
    clientDataJSON: base64url(8192),
    authenticatorData: base64url(8192),
    signature: base64url(8192),
    userHandle: z
      .preprocess((handle) => (handle === null || handle === '' ? undefined : handle), base64url(128).optional())
      .optional(),
  }),
  clientExtensionResults: noExtensions,
});

/** RegistrationResponseJSON (WebAuthn §5.1.7.1). */
export const registration = z.object({
  ...envelope,
  response: z.object({
    clientDataJSON: base64url(8192),
    attestationObject: base64url(65_536),
    transports: z
      .array(z.string().max(40))
      .max(20)
      .optional()
      .transform((reported) => transports(reported)),
  }),
  clientExtensionResults: noExtensions,
});

export type Assertion = z.output<typeof assertion>;
export type Registration = z.output<typeof registration>;
