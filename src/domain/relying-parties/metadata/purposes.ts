import type { Fault } from '../client.ts';

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/**
 * What is wrong between the purposes of a registration and what it allows: data is had for a purpose that was named, and for no
 * other (Law on Personal Data Protection 91/2025, purpose limitation). In production nothing is had without one.
 */
export function purposeFaults(input: Record<string, unknown>, environment: 'sandbox' | 'production'): Fault[] {
  const faults: Fault[] = [];
  const allowed = { scopes: list(input.allowedScopes), claims: list(input.allowedClaims) };
  const covered = { scopes: new Set<unknown>(['openid']), claims: new Set<unknown>() };
  const ids = new Set<unknown>();
  list(input.purposes).forEach((item, index) => {
    const purpose = record(item);
    const at = `purposes.${index}`;
    if (ids.has(purpose.id)) faults.push({ path: `${at}.id`, message: 'Another purpose has this id.' });
    ids.add(purpose.id);
    if (list(purpose.scopes).length + list(purpose.claims).length === 0)
      faults.push({ path: at, message: 'A purpose names the scopes or claims that it needs.' });
    for (const member of ['scopes', 'claims'] as const) {
      list(purpose[member]).forEach((name, place) => {
        covered[member].add(name);
        if (!allowed[member].includes(name))
          faults.push({ path: `${at}.${member}.${place}`, message: `It is not among the client's ${member}.` });
      });
    }
  });
  if (environment !== 'production') return faults;
  for (const [member, path] of [
    ['scopes', 'allowedScopes'],
    ['claims', 'allowedClaims'],
  ] as const) {
    allowed[member].forEach((name, place) => {
      if (!covered[member].has(name)) faults.push({ path: `${path}.${place}`, message: 'No purpose names it.' });
    });
  }
  return faults;
}
