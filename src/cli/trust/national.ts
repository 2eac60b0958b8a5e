import type { Approvals } from '../../domain/approvals/index.ts';
import type { NationalCsca, TrustStore } from '../../domain/proofing/index.ts';
import type { Terminal } from '../terminal.ts';

/** What somebody at a command line wants of the authorities that vouch for our own cards. */
export interface NationalWish {
  readonly command: 'pin-national' | 'remove';
  /** The certificate to pin, or the beginning of the hash of the one to remove. */
  readonly given: Buffer | string;
  readonly by: string;
}

/** A change request that waits for two people, or why there is none. */
export type NationalDraft =
  | {
      readonly drafted: true;
      readonly id: string;
      readonly url: string;
      readonly sha256: string;
      readonly subject: string;
    }
  | { readonly drafted: false; readonly reason: string; readonly faults: readonly string[] };

/**
 * Outside a sandbox a command line changes nothing of what vouches for our own cards: it drafts. An operator has to make the
 * draft their own and propose it, and another person approves it.
 */
export async function draftNational(
  { approvals, trustStore }: { readonly approvals: Pick<Approvals, 'draft'>; readonly trustStore: TrustStore },
  { command, given, by }: NationalWish,
  issuer: string,
): Promise<NationalDraft> {
  const der = typeof given === 'string' ? (await trustStore.national(given))?.der : given;
  if (!der) return { drafted: false, reason: 'unknown', faults: [REASONS.unknown] };
  const drafted = await approvals.draft({
    kind: 'national-csca',
    value: { act: command === 'remove' ? 'remove' : 'pin', certificate: der.toString('base64') },
    reason: `senid trust ${command}, ${by}`,
    by: 'command line',
  });
  if (!drafted.drafted) {
    const { reason } = drafted;
    const faults = reason === 'faulty' ? drafted.faults.map(({ message }) => message) : [REASONS[reason]];
    return { drafted: false, reason, faults };
  }
  const { id, after } = drafted.request;
  const { sha256, subject } = after as NationalCsca;
  return { drafted: true, id, url: `${issuer}/operator/changes/${id}`, sha256, subject };
}

const REASONS = {
  unknown: 'Not the hash of one certificate that is pinned as our own.',
  same: 'It is so already.',
  forbidden: 'The command line may not draft this.',
  changed: 'It has changed meanwhile.',
  not_open: 'The change request is not open any more.',
} as const;

/** Says what came of it; 0 drafted, 1 refused. */
export function answerNational(terminal: Terminal, draft: NationalDraft): number {
  terminal.answer(
    { done: false, ...draft },
    draft.drafted
      ? [
          terminal.ok(
            `✓ drafted: ${draft.subject}. One operator proposes it, another person approves it; nothing is changed yet.`,
          ),
          `  SHA-256 ${draft.sha256}`,
          `  ${draft.url}`,
        ]
      : draft.faults.map((fault) => terminal.bad(`✗ ${fault} Nothing was changed.`)),
  );
  return draft.drafted ? 0 : 1;
}
