import type { App } from '../../app.ts';
import { may, type Operator, PERMISSIONS, type Permission } from '../../domain/operators/index.ts';
import { CommandFault } from '../command-fault.ts';

/** Who is behind a command: an operator, or on a server without operators a hand that nobody knows, with the name that it gives. */
export type Behind =
  | { readonly by: { readonly kind: 'system'; readonly id: 'command line' }; readonly name: string }
  | { readonly by: { readonly kind: 'operator'; readonly id: string }; readonly name: string; readonly office: string };

/**
 * The operator of this id, who may do in the console what the command does; `does` says it of them. Throws `CommandFault` 64.
 */
export async function operatorBehind(
  { operators }: Pick<App['parts'], 'operators'>,
  by: string,
  { permission, does }: { readonly permission: Permission; readonly does: string },
): Promise<Behind> {
  if ((await operators.list({ state: 'active', limit: 1 })).length === 0)
    return { by: { kind: 'system', id: 'command line' }, name: by };
  const found: Operator | undefined = await operators.find(by);
  if (found?.state !== 'active')
    throw new CommandFault(64, '--by is the id of an active operator: senid operator list.');
  if (!may(found.roles, permission))
    throw new CommandFault(64, `${found.name} has no role that ${does}: ${PERMISSIONS[permission].join(', ')}.`);
  return { by: { kind: 'operator', id: found.id }, name: found.name, office: found.office };
}
