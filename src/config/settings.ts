import { z } from 'zod';
import { type Declaration, setting } from './declaration.ts';
import { registerDeclarations } from './register-settings.ts';
import {
  absolutePath,
  address,
  addressRange,
  brandColour,
  brandColourDark,
  hidden,
  issuer,
  key,
  listOf,
  wholeNumber,
} from './rules.ts';

/**
 * Every setting there is, declared once: loading, the faults, `senid settings` and the table in the README come from here.
 * A default stands here only if it is safe in production.
 */
export const declarations = {
  profile: setting({
    name: 'PROFILE',
    rule: z.enum(['production', 'sandbox'], 'must be production or sandbox').default('production'),
    about: 'What this process is: production, or the sandbox with invented people that `npm start` sets up.',
  }),
  issuer: setting({
    name: 'ISSUER',
    rule: issuer,
    about: 'The address that relying parties know the provider by, https in production.',
  }),
  databaseUrl: setting({
    name: 'DATABASE_URL',
    rule: address('postgres:', 'postgresql:').transform(hidden),
    secret: true,
    about:
      'The PostgreSQL database: `postgres://user:password@host/name`, with `sslmode=verify-full` on another machine.',
  }),
  databasePool: setting({
    name: 'DATABASE_POOL',
    rule: wholeNumber(2, 200).default(10),
    about: 'How many connections each process keeps at most.',
  }),
  masterSecret: setting({
    name: 'SENID_MASTER_SECRET',
    rule: key.transform(hidden),
    secret: true,
    about:
      'The key that seals personal data and secrets in the database; lost with it, they are lost. `openssl rand -base64 32`.',
  }),
  cookieKeys: setting({
    name: 'COOKIE_KEYS',
    rule: listOf(key)
      .refine((keys) => keys.length > 0, 'must hold one key or more, separated by commas, the newest first')
      .transform((keys) => hidden(keys.map((bytes) => bytes.toString('base64url')))),
    secret: true,
    about: 'Sign the cookies; several are separated by commas, the newest first, so that a key can be changed.',
  }),
  signingKeyCustody: setting({
    name: 'SIGNING_KEY_CUSTODY',
    rule: z.enum(['database', 'file', 'pkcs11'], 'must be database, file or pkcs11').default('database'),
    about:
      'Where the private signing keys rest: sealed in the database, sealed in SIGNING_KEY_FOLDER (sandbox only), or in a module that never gives them away.',
  }),
  signingKeyFolder: setting({
    name: 'SIGNING_KEY_FOLDER',
    rule: z.string().default('./keys'),
    about: 'The folder of the signing keys, when their custody is file.',
  }),
  pkcs11Socket: setting({
    name: 'PKCS11_SOCKET',
    rule: absolutePath.optional(),
    about: 'The Unix socket of p11-kit server, which has the module of the signing keys open.',
  }),
  pkcs11Token: setting({
    name: 'PKCS11_TOKEN',
    rule: z.string().min(1).max(32).optional(),
    about: 'The label of the token in which the signing keys are.',
  }),
  pkcs11Pin: setting({
    name: 'PKCS11_PIN',
    rule: z.string().min(4).transform(hidden).optional(),
    secret: true,
    about: 'The PIN of that token.',
  }),
  pkcs11Sessions: setting({
    name: 'PKCS11_SESSIONS',
    rule: wholeNumber(1, 64).default(4),
    about: 'How many sessions each process keeps with the token at most.',
  }),
  checkpointFolder: setting({
    name: 'AUDIT_CHECKPOINT_FOLDER',
    rule: z.string().default('./var/checkpoints'),
    about: "Where the journal's signed checkpoints are kept, outside the database so that a rewritten journal shows.",
  }),
  stateFolder: setting({
    name: 'STATE_FOLDER',
    rule: z.string().default('./var'),
    about: 'Where `npm start` keeps its database, keys and logs; the sandbox only.',
  }),
  host: setting({
    name: 'HOST',
    rule: z.string().default('127.0.0.1'),
    about: 'The network address to listen on; 0.0.0.0 for all.',
  }),
  port: setting({
    name: 'PORT',
    rule: wholeNumber(0, 65_535).default(3000),
    about: 'The port to listen on. In the sandbox the four samples take the next four.',
  }),
  opsPort: setting({
    name: 'OPS_PORT',
    rule: wholeNumber(0, 65_535).default(9464),
    about: 'The loopback port of /livez, /readyz, /healthz and /metrics; 0 takes any free one.',
  }),
  workers: setting({
    name: 'WORKERS',
    rule: wholeNumber(1, 64).default(1),
    about: 'How many processes serve, all on the one database and the one port.',
  }),
  hashingSlots: setting({
    name: 'HASHING_SLOTS',
    rule: wholeNumber(1, 64).optional(),
    about:
      'How many passwords each process hashes at once; 19 MiB of memory each. Half of the processors when not given.',
  }),
  drainDelay: setting({
    name: 'DRAIN_DELAY',
    rule: wholeNumber(0, 120).default(0),
    about: 'Seconds between readiness going red and the port closing, for a load balancer to notice.',
  }),
  drainLimit: setting({
    name: 'DRAIN_LIMIT',
    rule: wholeNumber(1, 300).default(20),
    about: 'Seconds that requests under way may still take after SIGTERM.',
  }),
  tlsCertFile: setting({
    name: 'TLS_CERT_FILE',
    rule: z.string().optional(),
    about: 'The certificate chain in PEM; with TLS_KEY_FILE the provider itself serves https.',
  }),
  tlsKeyFile: setting({
    name: 'TLS_KEY_FILE',
    rule: z.string().optional(),
    about: 'The private key of the certificate in PEM.',
  }),
  trustedProxies: setting({
    name: 'TRUSTED_PROXY',
    rule: listOf(addressRange).default([]),
    about: "Addresses or ranges of the proxies whose X-Forwarded headers are believed; nobody's when empty.",
  }),
  kioskAddresses: setting({
    name: 'KIOSK_ADDRESSES',
    rule: listOf(addressRange).default([]),
    about:
      'Addresses or ranges of machines that are put up for everybody: sessions there end after 2 idle minutes and nothing stays.',
  }),
  smtpUrl: setting({
    name: 'SMTP_URL',
    rule: address('smtp:', 'smtps:').transform(hidden).optional(),
    secret: true,
    production: 'required',
    about: 'The mail server that notices leave by: `smtps://user:password@host:465`.',
  }),
  mailFrom: setting({
    name: 'MAIL_FROM',
    rule: z
      .string()
      .regex(/^[^@\r\n]+@[^@\s]+$/, 'must be an e-mail address')
      .optional(),
    production: 'required',
    about: 'The sender of e-mails.',
  }),
  smsGatewayUrl: setting({
    name: 'SMS_GATEWAY_URL',
    rule: address('http:', 'https:').transform(hidden).optional(),
    secret: true,
    production: 'required',
    about: 'The HTTP gateway that sends one-time codes and notices by SMS.',
  }),
  smsGatewayToken: setting({
    name: 'SMS_GATEWAY_TOKEN',
    rule: z.string().min(1).transform(hidden).optional(),
    secret: true,
    about: 'The bearer token of the SMS gateway.',
  }),
  documentAuthorityUrl: setting({
    name: 'DOCUMENT_AUTHORITY_URL',
    rule: address('https:').optional(),
    about: 'The authority that answers for identity cards: whether one is still good, asked at every sign-in with it.',
  }),
  documentAuthorityTokenUrl: setting({
    name: 'DOCUMENT_AUTHORITY_TOKEN_URL',
    rule: address('https:').optional(),
    about: 'Where access tokens for that authority come from (OAuth 2.0 client credentials).',
  }),
  documentAuthorityClientId: setting({
    name: 'DOCUMENT_AUTHORITY_CLIENT_ID',
    rule: z.string().min(1).optional(),
    about: 'The name that we have there.',
  }),
  documentAuthorityClientSecret: setting({
    name: 'DOCUMENT_AUTHORITY_CLIENT_SECRET',
    rule: z.string().min(1).transform(hidden).optional(),
    secret: true,
    about: 'The secret that goes with that name.',
  }),
  cardStatusFreshness: setting({
    name: 'CARD_STATUS_FRESHNESS',
    rule: wholeNumber(0, 604_800).default(86_400),
    about: 'Seconds that the authority’s word for a card holds while the authority cannot be reached; 0: not at all.',
  }),
  cardStatus: setting({
    name: 'CARD_STATUS',
    rule: z.enum(['asked', 'waived'], 'must be asked or waived').default('asked'),
    about: 'waived: cards are accepted although no authority is configured that could have withdrawn them.',
  }),
  cardTrust: setting({
    name: 'CARD_TRUST',
    rule: z.enum(['certificates', 'authority'], 'must be certificates or authority').default('certificates'),
    about:
      'Who says that a card is genuine: the pinned certificates of the country, or, where it publishes none, the authority’s own word.',
  }),
  cardReads: setting({
    name: 'CARD_READS',
    rule: z.enum(['least', 'all'], 'must be least or all').optional(),
    about:
      'What a sign-in reads of a card: the least that proves it, or all files, portrait included. The sandbox reads all.',
  }),
  crlStaleDays: setting({
    name: 'CRL_STALE_DAYS',
    rule: wholeNumber(0, 365).default(10),
    about: 'Days after which cards are refused because a newer revocation list of their country should have come.',
  }),
  ...registerDeclarations,
  recoveryWaitPercent: setting({
    name: 'RECOVERY_WAIT_PERCENT',
    rule: wholeNumber(0, 400).default(100),
    about: 'How long recoveries of accounts wait, in percent of what their path says; below 100 in the sandbox only.',
  }),
  inPersonPerMinute: setting({
    name: 'IN_PERSON_PER_MINUTE',
    rule: wholeNumber(1, 100_000).default(300),
    about: 'How many people each client may begin to check in presence in a minute.',
  }),
  clientsFile: setting({
    name: 'CLIENTS_FILE',
    rule: z.string().optional(),
    production: 'refused',
    about:
      'A file or folder of clients, YAML or JSON, that is checked and loaded at start; sandbox only. Elsewhere: senid client apply.',
  }),
  egressAllowed: setting({
    name: 'EGRESS_ALLOWED',
    rule: listOf(address('http:', 'https:')).default([]),
    production: 'refused',
    about: 'Origins on private addresses that may be fetched all the same, for the samples; sandbox only.',
  }),
  logLevel: setting({
    name: 'LOG_LEVEL',
    rule: z.enum(['silent', 'error', 'warn', 'info'], 'must be silent, error, warn or info').default('info'),
    about: 'How much is logged.',
  }),
  brandName: setting({
    name: 'BRAND_NAME',
    rule: z.string().min(1).max(40).default('SenID'),
    about: 'The name on the pages.',
  }),
  brandColour: setting({
    name: 'BRAND_COLOUR',
    rule: brandColour.default('#0f5c4a'),
    about: 'The colour of the buttons, dark enough for white text.',
  }),
  brandColourDark: setting({
    name: 'BRAND_COLOUR_DARK',
    rule: brandColourDark.default('#6fd0b4'),
    about: 'The same where the person prefers dark pages: light enough for nearly black text.',
  }),
};

type Declarations = typeof declarations;

/** What a process was told, read once at its start; secrets are wrapped. */
export type Settings = { readonly [Key in keyof Declarations]: z.output<Declarations[Key]['rule']> };

/** The declarations as a plain list, for tables and loading. */
export const declared = Object.entries(declarations) as [keyof Settings, Declaration][];
