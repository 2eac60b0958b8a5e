import type { Permission } from '../../../domain/operators/index.ts';
import type { Visit } from '../visit.ts';

/** Nobody serves themself; who tried to is in the journal. `route` is the pattern, never the address. */
export async function triedOwnCase(
  { parts, acting }: Visit,
  permission: Extract<Permission, `recovery.${string}`>,
  route: string,
): Promise<void> {
  const { operatorId: id } = acting;
  await parts.write([
    parts.journal.append({
      type: 'operator.refused',
      actor: { kind: 'operator', id },
      detail: { why: 'self', permission, route, method: 'POST', operator: id },
    }),
  ]);
}
