import { toldParties } from '../../../domain/deliveries/index.ts';
import type { Visitor } from '../visitor.ts';
import type { SignOut } from './models.ts';

/** How many relying parties' answers are looked at, and how many sign-outs are shown of them. */
const ENTRIES = 30;
const SHOWN = 3;

/** The last sign-outs, the newest first, and who has confirmed them. */
export async function signOutsOf(
  { parts, subscriber }: Visitor,
  nameOf: (clientId: string) => Promise<string>,
): Promise<SignOut[]> {
  const entries = (await parts.deliveries.ofSubscriber(subscriber.id, ENTRIES)).filter(({ kind }) => kind === 'logout');
  const signOuts = [...Map.groupBy(entries, ({ signOut }) => signOut).values()].slice(0, SHOWN);
  return Promise.all(signOuts.map(async (told) => ({ at: told[0]!.queuedAt, told: await toldParties(told, nameOf) })));
}
