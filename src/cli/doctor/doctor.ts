import type { App } from '../../app.ts';
import { readSettings } from '../../config/load.ts';
import type { Settings } from '../../config/settings.ts';
import { EidError } from '../../platform/errors.ts';
import { clockFaults, databaseFaults, roleWarnings } from '../../serve/database-check.ts';
import { sentenceOf } from '../../serve/refusal.ts';
import type { Context } from '../context.ts';
import { type Terminal, visible } from '../terminal.ts';
import { issuerFaults } from './issuer.ts';
import { LOOKS } from './looks.ts';

/** One thing that was looked at. A fault stands in the way, a warning will; both say what to do. */
export interface Finding {
  readonly what: string;
  readonly says?: string;
  readonly faults?: readonly string[];
  readonly warnings?: readonly string[];
}

/** `senid doctor`: everything that can be wrong or falls due. 0 also with warnings, 78 with faults. Names nobody. */
export async function doctorCommand({ terminal, environment, withApp }: Context): Promise<number> {
  const read = readSettings(environment);
  const findings: readonly Finding[] =
    'faults' in read ? [{ what: 'settings', faults: read.faults }] : await findingsOf(read.settings, withApp);
  const well = findings.every(({ faults = [] }) => faults.length === 0);
  terminal.answer(
    { well, findings },
    findings.flatMap((finding) => linesOf(terminal, finding)),
  );
  return well ? 0 : 78;
}

function linesOf(terminal: Terminal, { what, says, faults = [], warnings = [] }: Finding): string[] {
  if (faults.length + warnings.length === 0) return [terminal.ok(`✓ ${what}${says ? `: ${visible(says)}` : ''}`)];
  return [
    ...faults.map((fault) => terminal.bad(`✗ ${what}: ${visible(fault)}`)),
    ...warnings.map((warning) => `! ${what}: ${visible(warning)}`),
  ];
}

async function findingsOf(settings: Settings, withApp: Context['withApp']): Promise<Finding[]> {
  const { databaseChecks } = await import('../../app.ts');
  const issuer = issuerFaults(settings.issuer);
  const faults = await databaseFaults(settings.databaseUrl, databaseChecks(settings));
  const { tokenFault } = await import('../../app/keystore.ts');
  const token = await tokenFault(settings);
  const found = faults.length > 0 ? [] : await insideFindings(settings, withApp);
  return [
    { what: 'settings' },
    { what: 'database and schema', faults },
    ...(settings.signingKeyCustody === 'pkcs11'
      ? [{ what: `token ${settings.pkcs11Token}`, faults: token ? [token.sentence] : [] }]
      : []),
    ...found,
    { what: `issuer ${settings.issuer}`, faults: await issuer },
  ];
}

/** What the parts of the application say, side by side: each asks the database a question or two. */
async function insideFindings(settings: Settings, withApp: Context['withApp']): Promise<Finding[]> {
  // A sandbox keeps nobody's journal from its owner.
  const role: Finding[] =
    settings.profile === 'sandbox'
      ? []
      : [{ what: 'role in the database', warnings: await roleWarnings(settings.databaseUrl) }];
  const clock: Finding = { what: 'clock of the database', faults: await clockFaults(settings.databaseUrl) };
  const now = new Date();
  const look = async (app: App): Promise<Finding[]> =>
    Promise.all(LOOKS.map(async ([what, at]) => ({ what, ...(await at({ parts: app.parts, settings, now })) })));
  try {
    return [clock, ...role, ...(await withApp(look))];
  } catch (error) {
    // What the parts have a name for when they are made or asked: a master secret that opens nothing, say.
    if (!(error instanceof EidError)) throw error;
    return [clock, { what: 'application', faults: [sentenceOf(error)] }];
  }
}
