import type { Asked } from '../../domain/in-person/index.ts';
import type { Client, InPersonPurpose } from '../../domain/relying-parties/index.ts';
import type { Locale } from '../../platform/messages.ts';
import type { InPersonApiParts } from './parts.ts';

/**
 * What somebody at the counter is told before they lay down their card: who checks, what for and on what ground, what is looked at
 * and what leaves. They agree by going on; who does not takes the card back, and nothing was read.
 */
export function toldAtTheCounter(
  { messages }: Pick<InPersonApiParts, 'messages'>,
  { relyingParty }: Pick<Client, 'relyingParty'>,
  { purpose, asked }: { readonly purpose: InPersonPurpose; readonly asked: Asked },
): Record<Locale, string> {
  const text = (locale: Locale): string => {
    const t = (key: string, values: Record<string, string> = {}): string => messages.t(locale, { key, values });
    const list = new Intl.ListFormat(locale, { type: 'conjunction' });
    const name = (claim: string): string => t(messages.either(`claims.${claim}.in-list`, `claims.${claim}`));
    const claims = asked.claims.map((claim) => name(claim).toLocaleLowerCase(locale));
    return [
      t(asked.face ? 'in-person.card-and-face' : 'in-person.card', { name: relyingParty.name[locale] }),
      t('in-person.purpose', { purpose: purpose.text[locale], ground: purpose.legalBasis }),
      claims.length > 0 ? t('in-person.leaves', { list: list.format(claims) }) : t('in-person.leaves-nothing'),
      t('in-person.kept'),
    ].join(' ');
  };
  return { vi: text('vi'), en: text('en') };
}
