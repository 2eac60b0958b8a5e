import { encode } from 'uqr';
import { z } from 'zod';
import type { Begun, ChipCardRequest, ChipCardResponse } from '../domain/authenticators/index.ts';
import type { ReaderSessions } from '../domain/proofing/index.ts';
import type { Csrf } from '../platform/csrf.ts';
import type { Message } from '../platform/messages.ts';
import type { RefusalCode } from '../standards/icao9303/refusal.ts';

/** What pages need to have a card read: the sessions of readers, and where readers reach us. */
export interface CardDesk {
  readonly sessions: Pick<ReaderSessions, 'open' | 'outcome' | 'take'>;
  readonly issuer: string;
  readonly sandbox: boolean;
  readonly csrf: Csrf;
  /** What a sign-in reads: the least that proves the card, or every file. */
  readonly reads: 'least' | 'all';
}

/** A page that waits for a card; it is posted again with the three values. */
export interface CardReading {
  readonly challengeId: string;
  readonly session: string;
  /** Opens the session for one reader, once. */
  readonly token: string;
  /** What a reader app opens, and what the QR code says. The token stands in the fragment, which is never sent. */
  readonly link: string;
  /** The QR code of the link: modules a side, and the dark ones as an SVG path. */
  readonly qr: { readonly size: number; readonly path: string };
  /** Seconds that are left for the card, and the moment when they are over (epoch seconds); for display only. */
  readonly seconds: number;
  readonly until: number;
  readonly stateUrl: string;
  readonly reads: 'least' | 'all';
  /** In the sandbox a software card can be held to the reader. */
  readonly tap: { readonly action: string; readonly csrf: string } | null;
}

/** What the waiting page posts, beside its buttons. `until` is shown and decides nothing: the server keeps its own clock. */
export const readingForm = z.object({
  challenge: z.string().max(4096),
  session: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  token: z.string().regex(/^[A-Za-z0-9_-]{20,64}$/),
  until: z.coerce.number().int().nonnegative().max(9_999_999_999),
});

/** The card access number, where a kiosk has no keys to type it. */
export const kioskForm = z.object({
  can: z
    .string()
    .transform((text) => text.replace(/\s/g, ''))
    .pipe(z.string().regex(/^[0-9]{6}$/, 'card.kiosk.can.form')),
});

/** The files that a sign-in stands on; and all of them, where a deployment wants every one looked at. */
const NEEDED = {
  least: ['SOD', 'DG1', 'DG14', 'DG15'],
  all: ['SOD', 'DG1', 'DG2', 'DG13', 'DG14', 'DG15'],
} as const;

/** Opens a reader session for a challenge that was just made. */
export async function openReading(
  desk: CardDesk,
  begun: Extract<Begun, { begun: true }>,
  at: {
    readonly sessionKey: string;
    readonly stateUrl: (session: string) => string;
    readonly now: Date;
    /** Typed by the person: then the server opens the card, through a reader that only passes commands on. */
    readonly can?: string;
  },
): Promise<CardReading> {
  const { session, challenge } = begun.request as ChipCardRequest;
  const { token, expiresAt } = await desk.sessions.open({
    sid: session,
    sessionKey: at.sessionKey,
    mode: at.can ? 'relay' : 'any',
    ...(at.can ? { access: { kind: 'CAN', secret: at.can } as const } : {}),
    aaChallenge: Buffer.from(challenge, 'base64url'),
    need: NEEDED[desk.reads],
  });
  const opened = { challengeId: begun.challengeId ?? '', session, token };
  return panel(desk, opened, expiresAt.getTime() / 1000, { ...at, stateUrl: at.stateUrl(session) });
}

/** The same page once more, for a card that has not come yet. */
export const sameReading = (
  desk: CardDesk,
  { challenge: challengeId, session, token, until }: z.infer<typeof readingForm>,
  at: { readonly stateUrl: string; readonly now: Date },
): CardReading => panel(desk, { challengeId, session, token }, until, at);

function panel(
  { issuer, sandbox, csrf, reads }: CardDesk,
  opened: Pick<CardReading, 'challengeId' | 'session' | 'token'>,
  until: number,
  { stateUrl, now }: { readonly stateUrl: string; readonly now: Date },
): CardReading {
  const link = `${issuer}/chip/v1/session/${opened.session}#${opened.token}`;
  return {
    ...opened,
    ...{ link, stateUrl, reads, qr: drawn(link), until: Math.round(until) },
    seconds: Math.max(0, Math.round(until - now.getTime() / 1000)),
    tap: sandbox ? { action: '/sandbox/cards', csrf: csrf.token(opened.session, 'sandbox-cards') } : null,
  };
}

/** A QR code of few modules (level L): it is read from a screen, at arm's length. */
export function drawn(text: string): CardReading['qr'] {
  const { size, data } = encode(text, { ecc: 'L', border: 2 });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return { size, path };
}

/** How a reading ended, for its own page and once; nothing when it is too old, was taken already, or is another page's. */
export async function readingEnd(
  { sessions }: CardDesk,
  session: string,
  sessionKey: string,
): Promise<'waiting' | ChipCardResponse | undefined> {
  const outcome = await sessions.outcome(session, sessionKey);
  if (outcome === 'waiting' || outcome === 'reading') return 'waiting';
  if (outcome === 'expired') return undefined;
  return 'refused' in outcome ? { session, refused: outcome.refused } : sessions.take(session, sessionKey);
}

/** Where a reading stands, as the page's script asks: nothing that says why. */
export type ReadingState = 'waiting' | 'reading' | 'over';
export async function readingState(desk: CardDesk, session: string, sessionKey: string): Promise<ReadingState> {
  const outcome = await desk.sessions.outcome(session, sessionKey);
  return outcome === 'waiting' || outcome === 'reading' ? outcome : 'over';
}

/** What is said of each area of refusals. `ours`: the person and the card are blameless. */
const OF_AREA = {
  ...{ document: 'data', chip: 'copy', aa: 'copy', ca: 'copy', access: 'access', messaging: 'messaging' },
  ...{ apdu: 'torn', reader: 'torn', input: 'torn' },
  ...{ sod: 'signer', dsc: 'signer', algorithm: 'signer', certificate: 'signer' },
  ...{ csca: 'authority', masterlist: 'authority', crl: 'ours' },
  ...{ dg: 'data', mrz: 'unreadable', image: 'unreadable', asn1: 'unreadable' },
} as const satisfies Record<Area, string>;
type Area = RefusalCode extends infer Code ? (Code extends `${infer Before}.${string}` ? Before : never) : never;

/** Codes whose sentence is another than that of their area. */
const OF_CODE: Partial<Record<RefusalCode, string>> = {
  ...Object.fromEntries(
    (
      [
        'document.expired',
        'document.revoked',
        'document.not_issued',
        'document.not_national',
        'document.not_passport',
        'document.register_differs',
        'document.another',
        'document.reported',
        'document.passport_replaced',
        'document.status_unknown',
        'chip.unproven',
        'csca.foreign',
        'dsc.revoked',
      ] as const
    ).map((code) => [code, code]),
  ),
  'reader.cancelled': 'cancelled',
  'messaging.malformed': 'torn',
  'dg.missing': 'unreadable',
  'dg.malformed': 'unreadable',
  // No copy, but a chip that proves itself in no way that is safe enough.
  ...{ 'aa.key': 'unproven', 'aa.hash': 'unproven', 'ca.unsupported': 'unproven', 'ca.key': 'unproven' },
};

/** What to say about a card that was refused. */
export const cardRefused = (code: RefusalCode): Message =>
  `card.refused.${OF_CODE[code] ?? OF_AREA[code.slice(0, code.indexOf('.')) as Area]}`;
