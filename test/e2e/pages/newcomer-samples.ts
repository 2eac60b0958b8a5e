import { sandboxNewcomersPage, sandboxRegisterPage } from '../../../src/journeys/developer/models.ts';
import { SAYINGS } from '../../../src/journeys/developer/register.ts';
import type { View } from '../../../src/platform/views.ts';
import { enterpriseCards, MAGIC, MARKS, newcomerCards } from '../../../src/sandbox/index.ts';

/** The cards of the people without an account: the real ones, for they are invented. */
export function newcomerSamples(
  sample: <Model extends object>(view: View<Model>, variant: string, model: NoInfer<Model>) => void,
  locale: 'vi' | 'en',
): void {
  sample(sandboxNewcomersPage, '', {
    people: newcomerCards().map(({ story, tryThis, phone, documentExpiresOn, guardian, ...card }) => ({
      ...card,
      ...{ phone: phone ?? null, documentExpiresOn: documentExpiresOn ?? null, guardian: guardian ?? null },
      ...{ story: story[locale], tryThis: tryThis[locale] },
    })),
    enterprises: enterpriseCards().map(({ story, tryThis, ...card }) => ({
      ...{ ...card, story: story[locale], tryThis: tryThis[locale] },
    })),
    marks: MARKS,
    magic: [
      { value: MAGIC.registerBusy, what: 'register-busy' },
      { value: MAGIC.registerSlow, what: 'register-slow' },
      { value: MAGIC.telephoneDown, what: 'telephone-down' },
    ],
  });
  const register = {
    people: newcomerCards().map(({ name, identityNumber }) => ({ name, identityNumber })),
    sayings: SAYINGS,
    form: { action: '/sandbox/register', csrf: 'token', session: 'session' },
  };
  sample(sandboxRegisterPage, '', { ...register, told: null });
  const name = 'Công Tằng Tôn Nữ Huyền Ngọc Diễm My';
  sample(sandboxRegisterPage, 'told', { ...register, told: { saying: 'death', name, status: 202, err: null } });
  sample(sandboxRegisterPage, 'not-told', {
    ...register,
    told: { saying: 'card-issued', name, status: 400, err: 'authentication_failed' },
  });
}
