import type { Secret } from '../platform/secret.ts';
import { PAD_LEVELS } from './register-settings.ts';
import { declarations, declared, type Settings } from './settings.ts';

/** Sandbox keys begin like this, so that production knows one when it is handed one. */
export const SANDBOX_KEY = Buffer.from('senid sandbox key, not a secret:');

/** What could be read, some of it perhaps not: what is unsafe is listed beside what is missing, not after it. */
type Known = Partial<Settings>;

/** Each reason not to start in production: whether it holds, and the sentence that is shown. */
const unsafe: [holds: (known: Known) => boolean | undefined, sentence: string][] = [
  [({ issuer }) => issuer?.startsWith('http:'), 'ISSUER must begin with https://'],
  [
    ({ masterSecret }) => masterSecret && guessable(masterSecret.reveal()),
    'SENID_MASTER_SECRET is a sandbox key or can be guessed: openssl rand -base64 32',
  ],
  [
    ({ cookieKeys }) => cookieKeys?.reveal().some((text) => guessable(Buffer.from(text, 'base64url'))),
    'COOKIE_KEYS holds a sandbox key or one that can be guessed: openssl rand -base64 32',
  ],
  [
    ({ cookieKeys, masterSecret }) =>
      masterSecret && cookieKeys?.reveal().includes(masterSecret.reveal().toString('base64url')),
    'COOKIE_KEYS repeats SENID_MASTER_SECRET: each needs a key of its own',
  ],
  [
    ({ databaseUrl }) => databaseUrl && unprotected(databaseUrl),
    'DATABASE_URL reaches another machine without TLS: add sslmode=verify-full',
  ],
  [
    (known) => !known.tlsCertFile && !known.tlsKeyFile && known.trustedProxies?.length === 0,
    'nothing speaks https: give TLS_CERT_FILE and TLS_KEY_FILE, or name the proxy that does in TRUSTED_PROXY',
  ],
  [
    ({ trustedProxies }) => trustedProxies?.some((range) => /\/0$/.test(range)),
    'TRUSTED_PROXY trusts everybody: name the addresses of the proxy',
  ],
  [
    ({ smtpUrl }) => smtpUrl && plainSmtp(smtpUrl),
    'SMTP_URL must begin with smtps:// or say requireTLS=true, since notices name people',
  ],
  [
    ({ smsGatewayUrl }) => smsGatewayUrl && plainHttp(smsGatewayUrl),
    'SMS_GATEWAY_URL must begin with https://, since one-time codes travel on it',
  ],
  [
    ({ signingKeyCustody }) => signingKeyCustody === 'file',
    'SIGNING_KEY_CUSTODY file is for the sandbox only, since whoever writes to a folder alone decides what signs: take database or pkcs11',
  ],
  [
    ({ pkcs11Pin }) => pkcs11Pin && firstGuess(pkcs11Pin.reveal()),
    'PKCS11_PIN is what anybody would try first: six characters or more, no row and no repetition',
  ],
  [
    ({ pkcs11Socket }) => pkcs11Socket !== undefined && /^\/(var\/)?tmp\//.test(pkcs11Socket),
    'PKCS11_SOCKET lies where everybody may put one: move it to a folder of its own, such as /run/senid',
  ],
  [
    ({ recoveryWaitPercent }) => recoveryWaitPercent !== undefined && recoveryWaitPercent < 100,
    'RECOVERY_WAIT_PERCENT must be 100 or more: the waiting time is what lets people stop a thief',
  ],
  [
    ({ faceMatcher, faceEmbeddedAccepted }) => faceMatcher === 'embedded' && faceEmbeddedAccepted !== 'yes',
    'FACE_MATCHER embedded is an engine that nobody has certified: take FACE_MATCHER_URL, or say FACE_EMBEDDED_ACCEPTED=yes',
  ],
];

/** Every setting that is unsafe in production, a sentence each. Nothing in the sandbox, which keeps no real person. */
export function unsafeSettings(known: Known): string[] {
  if (known.profile === 'sandbox') return [];
  const refused = declared
    .filter(([key, { production }]) => production === 'refused' && present(known[key]))
    .map(([, { name }]) => `${name} is for the sandbox only`);
  return [...refused, ...unsafe.filter(([holds]) => holds(known)).map(([, sentence]) => sentence)];
}

/** Whether this setting must be given: production simulates nothing, so what the sandbox simulates is needed there. */
export const isMissing = (known: Known, key: keyof Settings): boolean =>
  known.profile !== 'sandbox' && declarations[key].production === 'required' && known[key] === undefined;

/** Faults that no single setting has, in either profile. */
export const contradictions = (settings: Known): string[] => [
  ...(Boolean(settings.tlsCertFile) === Boolean(settings.tlsKeyFile)
    ? []
    : ['TLS_CERT_FILE and TLS_KEY_FILE belong together: one of them is missing']),
  ...PARTNERS.map((partner) => ACCESS.map((what) => `${partner}${what}` as const))
    .filter((keys) => new Set(keys.map((key) => settings[key] === undefined)).size > 1)
    .map((keys) => `${keys.map((key) => declarations[key].name).join(', ')} belong together: some are missing`),
  ...((settings.registerEventsIssuer === undefined) === (settings.registerEventsKeys === undefined)
    ? []
    : ['REGISTER_EVENTS_ISSUER and REGISTER_EVENTS_KEYS belong together: one of them is missing']),
  ...(settings.faceMatcherUrl !== undefined && settings.faceMatcherPad && padFalls(settings, settings.faceMatcherPad)
    ? [`FACE_MATCHER_PAD is ${settings.faceMatcherPad} and FACE_PAD_REQUIRED asks ${padRequired(settings)}`]
    : []),
  ...(settings.faceMatcher === 'embedded' ? embeddedContradictions(settings) : []),
  ...(settings.remoteProofing === 'on' ? remoteContradictions(settings) : []),
  ...PKCS11.filter((key) => (settings[key] === undefined) === (settings.signingKeyCustody === 'pkcs11')).map((key) =>
    settings[key] === undefined
      ? `SIGNING_KEY_CUSTODY is pkcs11 and ${declarations[key].name} is missing`
      : `${declarations[key].name} is given and SIGNING_KEY_CUSTODY is not pkcs11`,
  ),
];

/** The engine of this process detects no presentation attack, whoever vouches for it. */
const embeddedContradictions = (settings: Known): string[] => [
  ...(settings.faceMatcherUrl === undefined
    ? []
    : ['FACE_MATCHER embedded and FACE_MATCHER_URL name two engines: keep one']),
  ...(settings.faceMatcherPad === undefined || settings.faceMatcherPad === 'none'
    ? []
    : ['FACE_MATCHER_PAD vouches for the engine at FACE_MATCHER_URL: the embedded one detects nothing']),
  ...(padFalls(settings, 'none')
    ? [`FACE_MATCHER embedded detects no presentation attack and FACE_PAD_REQUIRED asks ${padRequired(settings)}`]
    : []),
];

/**
 * What nobody sees happen takes presentation attack detection, and outside the sandbox a laboratory's word for it; and those who know
 * the person and the card.
 */
const remoteContradictions = (settings: Known): string[] => {
  const asked = settings.profile === 'sandbox' ? 'active-challenge' : 'tested';
  const has = settings.faceMatcherPad ?? 'none';
  const falls = settings.faceMatcherUrl !== undefined && PAD_LEVELS.indexOf(has) < PAD_LEVELS.indexOf(asked);
  return [
    ...(settings.faceMatcher === 'embedded'
      ? ['REMOTE_PROOFING is on and FACE_MATCHER embedded detects no presentation attack: take FACE_MATCHER_URL']
      : []),
    ...(falls ? [`REMOTE_PROOFING is on and takes FACE_MATCHER_PAD ${asked}, which is ${has}`] : []),
    ...(settings.profile === 'sandbox' ? [] : REMOTE)
      .filter((key) => settings[key] === undefined)
      .map((key) => `REMOTE_PROOFING is on and ${declarations[key].name} is missing`),
  ];
};
const REMOTE = ['populationRegistryUrl', 'faceMatcherUrl', 'documentAuthorityUrl'] as const;

const PKCS11 = ['pkcs11Socket', 'pkcs11Token', 'pkcs11Pin'] as const;

/** Each is asked over HTTPS, or not at all. */
const PARTNERS = [
  'documentAuthority',
  'populationRegistry',
  'telephoneRegistry',
  'enterpriseRegistry',
  'faceMatcher',
  'fingerprintMatcher',
] as const;
const ACCESS = ['Url', 'TokenUrl', 'ClientId', 'ClientSecret'] as const;

/** What is asked of an engine that compares faces: where real people are, one that a laboratory has tested. */
export const padRequired = ({ facePadRequired, profile }: Known): NonNullable<Settings['facePadRequired']> =>
  facePadRequired ?? (profile === 'sandbox' ? 'active-challenge' : 'tested');

const padFalls = (known: Known, pad: Settings['faceMatcherPad']): boolean =>
  PAD_LEVELS.indexOf(pad) < PAD_LEVELS.indexOf(padRequired(known));

const present = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : value !== undefined);

/** 32 random bytes have about 30 different values; zeros, a repeated word or a sentence have far fewer. */
const guessable = (bytes: Buffer): boolean =>
  bytes.subarray(0, SANDBOX_KEY.length).equals(SANDBOX_KEY) || new Set(bytes).size < 20 || printable(bytes);

/** Words rather than random bytes: each of 32 random bytes is printable with a chance of 3 in 8. */
const printable = (bytes: Buffer): boolean => bytes.every((byte) => byte >= 0x20 && byte < 0x7f);

const firstGuess = (pin: string): boolean =>
  pin.length < 6 || new Set(pin).size < 3 || '01234567890987654321'.includes(pin);

const HERE = new Set(['localhost', '127.0.0.1', '[::1]', '']);

const unprotected = (databaseUrl: Secret): boolean => {
  const url = new URL(databaseUrl.reveal());
  const socket = url.searchParams.get('host')?.startsWith('/') ?? false;
  return !socket && !HERE.has(url.hostname) && !/^(require|verify-)/.test(url.searchParams.get('sslmode') ?? '');
};

const plainHttp = (address: Secret): boolean => {
  const url = new URL(address.reveal());
  return url.protocol === 'http:' && !HERE.has(url.hostname);
};

/** STARTTLS that is merely offered can be taken away by whoever sits between. */
const plainSmtp = (address: Secret): boolean => {
  const url = new URL(address.reveal());
  return url.protocol === 'smtp:' && !HERE.has(url.hostname) && url.searchParams.get('requireTLS') !== 'true';
};
