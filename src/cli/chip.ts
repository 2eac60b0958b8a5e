import { certificateCountry } from '../standards/icao9303/pki/countries.ts';
import { type DocumentProfile, FOREIGN_PROFILE, NATIONAL_PROFILE } from '../standards/icao9303/profiles.ts';
import { readDump } from './chip/dump.ts';
import { examine } from './chip/examine.ts';
import { linesOf } from './chip/lines.ts';
import type { ChipReport } from './chip/report.ts';
import { loadTrust } from './chip/trust.ts';
import { CommandFault } from './command-fault.ts';
import type { Context } from './context.ts';

/** The options of `senid chip verify`. */
export interface ChipOptions {
  readonly trust?: readonly string[];
  readonly root?: string;
  readonly crl?: readonly string[];
  readonly profile?: string;
  readonly at?: string;
  readonly aaChallenge?: string;
  readonly aaResponse?: string;
  readonly showHolder?: boolean;
}

const EXIT = { genuine: 0, refused: 1, unreadable: 2 } as const;

/**
 * `senid chip verify`: a dumped card, offline. A foreign document may come as its security object alone, which is then all
 * that was examined; a national one needs DG1 too. Throws `CommandFault` 64.
 */
export async function chipVerifyCommand(
  { terminal }: Pick<Context, 'terminal'>,
  files: readonly string[],
  options: ChipOptions,
): Promise<number> {
  try {
    const report = await examined(files, options);
    terminal.answer(report, linesOf(report, terminal));
    return EXIT[report.verdict];
  } catch (error) {
    if (!(error instanceof CommandFault) || error.status !== EXIT.unreadable) throw error;
    terminal.answer({ verdict: 'unreadable', says: error.message }, [terminal.bad(`✗ ${error.message}`)]);
    return error.status;
  }
}

async function examined(files: readonly string[], options: ChipOptions): Promise<ChipReport> {
  const { trust = [], root, crl = [], profile: name = 'foreign', showHolder = false } = options;
  const profile = PROFILES.get(name);
  if (!profile) throw new CommandFault(64, `There is no profile ${name}: ${[...PROFILES.keys()].join(', ')}.`);
  const now = momentOf(options.at);
  const active = activeOf(options);
  const dump = readDump(files);
  const nation = profile.national && profile.issuingState ? certificateCountry(profile.issuingState) : undefined;
  const trusted = await loadTrust({ trust, crl, now, ...(root ? { root } : {}), ...(nation ? { nation } : {}) });
  return examine({ dump, trust: trusted, profile, now, showHolder, ...(active ? { active } : {}) });
}

const PROFILES: ReadonlyMap<string, DocumentProfile> = new Map([
  ['foreign', { ...FOREIGN_PROFILE, requiredDataGroups: [] }],
  ['national', NATIONAL_PROFILE],
]);

function momentOf(text: string | undefined): Date {
  const now = text === undefined ? new Date() : new Date(text);
  if (Number.isNaN(now.getTime()))
    throw new CommandFault(64, `--at ${text} is no moment: 2026-06-01, 2026-06-01T12:00:00Z.`);
  return now;
}

/** The recorded challenge, eight octets (9303-11 §6.1), and the answer of the chip to it. */
function activeOf({ aaChallenge, aaResponse }: ChipOptions) {
  if (aaChallenge === undefined && aaResponse === undefined) return undefined;
  const [challenge, response] = [octets(aaChallenge), octets(aaResponse)];
  if (challenge?.length !== 8 || !response) {
    throw new CommandFault(64, '--aa-challenge takes eight octets and --aa-response the answer, both in hexadecimal.');
  }
  return { challenge, response };
}

const octets = (hexadecimal = ''): Buffer | undefined =>
  /^([0-9a-fA-F]{2}){1,1024}$/.test(hexadecimal) ? Buffer.from(hexadecimal, 'hex') : undefined;
