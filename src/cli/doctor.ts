import { readSettings } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import { databaseFaults } from '../serve/database-check.ts';
import type { Context } from './context.ts';

/** One thing that was looked at: no faults, or a sentence each. */
type Finding = { what: string; faults: string[] };

/** `senid doctor`: settings, database, schema and issuer, all looked at before anything is said. */
export async function doctorCommand({ terminal, environment }: Context): Promise<number> {
  const read = readSettings(environment);
  const findings: Finding[] =
    'faults' in read ? [{ what: 'settings', faults: read.faults }] : await findingsOf(read.settings);
  const well = findings.every(({ faults }) => faults.length === 0);
  terminal.answer(
    { well, findings },
    findings.flatMap(({ what, faults }) =>
      faults.length === 0 ? [terminal.ok(`✓ ${what}`)] : faults.map((fault) => terminal.bad(`✗ ${what}: ${fault}`)),
    ),
  );
  return well ? 0 : 78;
}

const findingsOf = async (settings: Settings): Promise<Finding[]> => {
  const { databaseChecks } = await import('../app.ts');
  const { tokenFault } = await import('../app/keystore.ts');
  const token = await tokenFault(settings);
  return [
    { what: 'settings', faults: [] },
    {
      what: 'database and schema',
      faults: await databaseFaults(settings.databaseUrl, databaseChecks(settings.profile)),
    },
    ...(settings.signingKeyCustody === 'pkcs11'
      ? [{ what: `token ${settings.pkcs11Token}`, faults: token ? [token.sentence] : [] }]
      : []),
    { what: `issuer ${settings.issuer}`, faults: await issuerFaults(settings.issuer) },
  ];
};

/** What a relying party does first: it reads the discovery document and compares the issuer (OpenID Connect Discovery §4.3). */
async function issuerFaults(issuer: string): Promise<string[]> {
  try {
    const response = await fetch(`${issuer}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(5_000) });
    if (!response.ok) return [`the discovery document answers ${response.status}`];
    const skew = Math.abs(Date.now() - Date.parse(response.headers.get('date') ?? ''));
    const told = ((await response.json()) as { issuer?: string }).issuer;
    return [
      ...(told === issuer ? [] : [`another issuer answers there: ${told}`]),
      ...(skew > 30_000 ? [`its clock and this one are ${Math.round(skew / 1000)} s apart`] : []),
    ];
  } catch {
    return ['nobody answers there; is it running, and does the name lead here?'];
  }
}
