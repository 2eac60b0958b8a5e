import type { RegisteredEnterprise, RegisteredRepresentative, RepresentativeRole } from '../domain/registry/index.ts';
import type { Told } from './persona.ts';
import { PERSONAS } from './personas.ts';

/** An organisation of the sandbox: its code begins with eight noughts, which no tax office has ever given. */
export interface SandboxEnterprise extends RegisteredEnterprise {
  readonly story: Told;
  readonly tryThis: Told;
}

/** A persona as the register lists them. */
function acting(id: string, role: RepresentativeRole): RegisteredRepresentative {
  const persona = PERSONAS.find((one) => one.id === id);
  if (!persona) throw new Error(`there is no persona ${id}`);
  return { identityNumber: persona.identityNumber, fullName: persona.person.fullName, role };
}

/** What the register of enterprises knows; nobody of these has ever kept a till. */
export const SANDBOX_ENTERPRISES: readonly SandboxEnterprise[] = [
  {
    enterpriseCode: '0000000019',
    name: 'Hợp tác xã Lụa Tơ Sen (thử nghiệm)',
    status: 'active',
    representatives: [acting('level-2-chip', 'legal_representative')],
    story: {
      vi: 'Dệt lụa sen cho phi công; Nguyễn Thị Lan Anh là người đại diện duy nhất.',
      en: 'Weaves lotus silk for pilots; Nguyễn Thị Lan Anh alone acts for it.',
    },
    tryThis: {
      vi: 'Lan Anh đăng ký tổ chức: không cần ai đồng ý thêm.',
      en: 'Lan Anh applies for the organisation: nobody else has to consent.',
    },
  },
  {
    enterpriseCode: '0000000027',
    name: 'Công ty TNHH Gánh Xiếc Dế (thử nghiệm)',
    status: 'active',
    representatives: [acting('level-2-chip-face', 'legal_representative'), acting('no-phone', 'legal_representative')],
    story: {
      vi: 'Hai người đại diện: Lê Hoàng Quang và Bùi Văn Thọ.',
      en: 'Two legal representatives: Lê Hoàng Quang and Bùi Văn Thọ.',
    },
    tryThis: {
      vi: 'Quang đăng ký thì chờ Thọ đồng ý bằng tài khoản mức 2 của chính ông.',
      en: 'When Quang applies it waits for the consent of Thọ, given with his own level 2.',
    },
  },
  {
    enterpriseCode: '0000000035',
    name: 'Công ty Cổ phần Phơi Trăng (thử nghiệm)',
    status: 'dissolved',
    representatives: [acting('level-2-chip', 'legal_representative')],
    story: {
      vi: 'Đã giải thể sau một mùa mưa; Lan Anh từng là người đại diện.',
      en: 'Dissolved after one rainy season; Lan Anh once acted for it.',
    },
    tryThis: {
      vi: 'Đăng ký thì bị từ chối: tổ chức không còn hoạt động.',
      en: 'An application is refused: the organisation is no more.',
    },
  },
];

/** What GET /sandbox/newcomers shows of them. */
export const enterpriseCards = () =>
  SANDBOX_ENTERPRISES.map(({ enterpriseCode: code, name, status, representatives, story, tryThis }) => ({
    ...{ code, name, status, story, tryThis },
    representatives: representatives.map(({ fullName }) => fullName),
  }));
