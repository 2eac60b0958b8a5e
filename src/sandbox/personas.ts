import type { LockGround, Person } from '../domain/subscribers/index.ts';

/** A text in both languages. */
export interface Told {
  readonly vi: string;
  readonly en: string;
}

/** One of the invented people. Everything about them is public, passwords too: they exist to be tried. */
export interface Persona {
  readonly id: string;
  /** Their row key, the same in every sandbox. */
  readonly subscriberId: string;
  readonly identityNumber: string;
  readonly person: Person;
  readonly accountLevel: 1 | 2;
  /** What was shown at the counter, for level 2. */
  readonly evidence?: 'chip' | 'chip_and_face' | 'passport';
  readonly lock?: LockGround;
  readonly password: string;
  readonly totp: boolean;
  /** Gets codes by text message. */
  readonly textMessages: boolean;
  readonly story: Told;
  readonly tryThis: Told;
}

const key = (number: number): string => `5e1d0000-0000-4000-8000-0000000000${String(number).padStart(2, '0')}`;

const vietnamese = { accountType: 'citizen', nationality: 'VNM', locale: 'vi' } as const;
const telephone = (ending: number) => ({ phone: `+84900000${ending}`, phoneVerified: true });
const mailbox = (name: string) => ({ email: `${name}@sen.example`, emailVerified: true });

/** The twelve. Numbers stand in the test range, lives in no register, and no one of them has ever breathed. */
export const PERSONAS: readonly Persona[] = [
  {
    id: 'level-1',
    subscriberId: key(1),
    identityNumber: '097098000001',
    person: {
      ...vietnamese,
      ...telephone(101),
      ...mailbox('khoi'),
      fullName: 'Trần Minh Khôi',
      familyName: 'Trần',
      middleName: 'Minh',
      givenName: 'Khôi',
      birthdate: '1998-03-14',
      gender: 'male',
    },
    accountLevel: 1,
    password: 'mua-roi-tren-mai-la-01',
    totp: false,
    textMessages: true,
    story: {
      vi: 'Người giữ hải đăng trên hòn đảo không có trên bản đồ; tài khoản mức 1.',
      en: 'Keeps the lighthouse of an island that is on no map; a level 1 account.',
    },
    tryThis: {
      vi: 'Đăng nhập cổng dịch vụ; rồi làm thủ tục bay để xem vì sao mức 1 chưa đủ.',
      en: 'Sign in at the portal; then check in at the airline and read why level 1 is not enough.',
    },
  },
  {
    id: 'level-2-chip',
    subscriberId: key(2),
    identityNumber: '097190000002',
    person: {
      ...vietnamese,
      ...telephone(102),
      ...mailbox('lan.anh'),
      fullName: 'Nguyễn Thị Lan Anh',
      familyName: 'Nguyễn',
      middleName: 'Thị Lan',
      givenName: 'Anh',
      nickname: 'Lan Anh',
      preferredUsername: 'lan.anh',
      birthdate: '1990-05-17',
      gender: 'female',
      profile: 'https://sen.example/nguoi/lan-anh',
      picture: 'https://sen.example/nguoi/lan-anh.jpg',
      website: 'https://lan-anh.sen.example/',
      zoneinfo: 'Asia/Ho_Chi_Minh',
      address: {
        formatted: 'Số 9, ngõ Hoa Sen\nPhường Ao Trong, Thành phố Thử Nghiệm\nViệt Nam',
        streetAddress: 'Số 9, ngõ Hoa Sen',
        locality: 'Phường Ao Trong',
        region: 'Thành phố Thử Nghiệm',
        postalCode: '00000',
        country: 'Việt Nam',
      },
    },
    accountLevel: 2,
    evidence: 'chip',
    password: 'sen-no-ben-ho-mua-ha-02',
    totp: true,
    textMessages: true,
    story: {
      vi: 'Dệt lụa từ tơ sen cho các phi công; tài khoản mức 2 nhờ chíp của thẻ, và có đủ mọi thông tin.',
      en: 'Weaves lotus silk for pilots; level 2 by the chip of her card, and every standard claim filled.',
    },
    tryThis: {
      vi: 'Thêm một khóa truy cập trong Tài khoản của tôi, rồi làm thủ tục bay bằng khóa đó.',
      en: 'Add a passkey in My account, then check in at the airline with it.',
    },
  },
  {
    id: 'level-2-chip-face',
    subscriberId: key(3),
    identityNumber: '097085000003',
    person: {
      ...vietnamese,
      ...telephone(103),
      ...mailbox('quang'),
      fullName: 'Lê Hoàng Quang',
      familyName: 'Lê',
      middleName: 'Hoàng',
      givenName: 'Quang',
      birthdate: '1985-11-02',
      gender: 'male',
    },
    accountLevel: 2,
    evidence: 'chip_and_face',
    password: 'den-long-soi-duong-ve-03',
    totp: true,
    textMessages: true,
    story: {
      vi: 'Kế toán của một gánh xiếc dế; tài khoản mức 2, thẻ có chíp và khuôn mặt đã được đối chiếu.',
      en: 'Accountant of a circus of crickets; level 2, with chip and face matched.',
    },
    tryThis: {
      vi: 'Chuyển tiền ở ngân hàng: dưới và trên 10.000.000 đồng.',
      en: 'Transfer money at the bank: below and above 10,000,000 VND.',
    },
  },
  {
    id: 'child',
    subscriberId: key(4),
    identityNumber: '097312000004',
    person: {
      ...vietnamese,
      ...telephone(104),
      fullName: 'Phạm Ngọc Mai',
      familyName: 'Phạm',
      middleName: 'Ngọc',
      givenName: 'Mai',
      birthdate: '2012-01-02',
      gender: 'female',
    },
    accountLevel: 2,
    evidence: 'chip',
    password: 'dieu-giay-bay-qua-song-04',
    totp: true,
    textMessages: false,
    story: {
      vi: 'Mười bốn tuổi, vô địch thả diều dưới nước; tài khoản mức 2 của chính mình.',
      en: 'Fourteen, champion of underwater kite flying; a level 2 account of her own.',
    },
    tryThis: {
      vi: 'Xin riêng age_over_14 và age_over_18: bên nhận biết tuổi mà không biết ngày sinh.',
      en: 'Ask for age_over_14 and age_over_18 alone: the age is told, the birth date is not.',
    },
  },
  {
    id: 'elder',
    subscriberId: key(5),
    identityNumber: '097145000005',
    person: {
      ...vietnamese,
      ...telephone(105),
      fullName: 'Võ Thị Sáu Nguyệt',
      familyName: 'Võ',
      middleName: 'Thị Sáu',
      givenName: 'Nguyệt',
      // Registers of that time often knew no day.
      birthdate: '1945-08',
      gender: 'female',
    },
    accountLevel: 2,
    evidence: 'chip',
    password: 'ao-ca-truoc-san-nha-05',
    totp: false,
    textMessages: true,
    story: {
      vi: 'Tám mươi tuổi, dạy vẹt hát chèo; chỉ biết tháng và năm sinh, nhận mã qua tin nhắn.',
      en: 'Eighty, teaches parrots to sing opera; only month and year of birth known, codes by text message.',
    },
    tryThis: {
      vi: 'Mật khẩu và mã tin nhắn đạt cặp 2.2 nhưng chưa đạt "level-2": hãy xem vì sao.',
      en: 'Password and text message reach the pair 2.2, not "level-2": read why.',
    },
  },
  {
    id: 'no-phone',
    subscriberId: key(6),
    identityNumber: '097075000006',
    person: {
      ...vietnamese,
      ...mailbox('tho'),
      fullName: 'Bùi Văn Thọ',
      familyName: 'Bùi',
      middleName: 'Văn',
      givenName: 'Thọ',
      birthdate: '1975-09-09',
      gender: 'male',
    },
    accountLevel: 2,
    evidence: 'chip',
    password: 'chim-cau-dua-thu-cham-06',
    totp: true,
    textMessages: false,
    story: {
      vi: 'Bưu tá của đàn bồ câu, không dùng điện thoại; tài khoản mức 2.',
      en: 'Postmaster of the pigeons, owns no telephone; a level 2 account.',
    },
    tryThis: {
      vi: 'Đăng nhập bằng số định danh; thư báo đến hộp thư, không có tin nhắn.',
      en: 'Sign in by number; notices come by mail, never by text message.',
    },
  },
  {
    id: 'expired-card',
    subscriberId: key(7),
    identityNumber: '097191000007',
    person: {
      ...vietnamese,
      ...telephone(107),
      fullName: 'Đỗ Thu Hà',
      familyName: 'Đỗ',
      middleName: 'Thu',
      givenName: 'Hà',
      birthdate: '1991-12-30',
      gender: 'female',
    },
    accountLevel: 2,
    evidence: 'chip',
    lock: 'card_expired',
    password: 'lich-treo-tuong-nam-cu-07',
    totp: true,
    textMessages: true,
    story: {
      vi: 'Sưu tầm lịch của những năm chưa tới; thẻ đã hết hạn, nên tài khoản bị khóa.',
      en: 'Collects calendars of years to come; her card has expired, so the account is locked.',
    },
    tryThis: {
      vi: 'Đăng nhập: trang nói bạn cần làm gì; bên kết nối không biết lý do.',
      en: 'Sign in: the page says what to do; the relying party never learns the ground.',
    },
  },
  {
    id: 'revoked-card',
    subscriberId: key(8),
    identityNumber: '097088000008',
    person: {
      ...vietnamese,
      ...telephone(108),
      fullName: 'Hoàng Gia Bảo',
      familyName: 'Hoàng',
      middleName: 'Gia',
      givenName: 'Bảo',
      birthdate: '1988-02-29',
      gender: 'male',
    },
    accountLevel: 2,
    evidence: 'chip',
    lock: 'card_revoked',
    password: 'chia-khoa-roi-xuong-gieng-08',
    totp: true,
    textMessages: true,
    story: {
      vi: 'Thợ khóa hay đánh rơi chìa, sinh ngày 29 tháng 2; thẻ đã bị thu hồi.',
      en: 'A locksmith who loses keys, born on 29 February; his card was revoked.',
    },
    tryThis: {
      vi: 'Đăng nhập: tài khoản bị khóa, và chỉ mở được ở cơ quan tiếp nhận.',
      en: 'Sign in: the account is locked, and only a registration office opens it.',
    },
  },
  {
    id: 'single-name',
    subscriberId: key(9),
    identityNumber: '097193000009',
    person: {
      ...vietnamese,
      ...telephone(109),
      // One word, no family name, and two marks on one letter: what careless software breaks.
      fullName: 'Phượng',
      givenName: 'Phượng',
      birthdate: '1993',
      gender: 'female',
    },
    accountLevel: 2,
    evidence: 'chip',
    password: 'canh-chim-mau-lua-do-09',
    totp: true,
    textMessages: true,
    story: {
      vi: 'Nuôi phượng hoàng lấy lông; tên chỉ một chữ, không có họ, chỉ biết năm sinh.',
      en: 'Keeps phoenixes for their feathers; a name of one word, no family name, only a year of birth.',
    },
    tryThis: {
      vi: 'Xem claim name: đúng từng dấu, và không có family_name nào.',
      en: 'Look at the claim name: every mark in place, and no family_name at all.',
    },
  },
  {
    id: 'foreign-resident',
    subscriberId: key(10),
    identityNumber: '100190000010',
    person: {
      accountType: 'foreigner',
      nationality: 'NOR',
      locale: 'en',
      ...telephone(110),
      ...mailbox('ingrid'),
      fullName: 'Ingrid Solveig Fjellheim',
      familyName: 'Fjellheim',
      middleName: 'Solveig',
      givenName: 'Ingrid',
      birthdate: '1990-06-21',
      gender: 'female',
      zoneinfo: 'Asia/Ho_Chi_Minh',
    },
    accountLevel: 2,
    evidence: 'passport',
    password: 'northern-lights-over-the-delta-10',
    totp: true,
    textMessages: true,
    story: {
      vi: 'Người Na Uy trồng băng ở đồng bằng; tài khoản mức 2 của người nước ngoài cư trú.',
      en: 'A Norwegian who grows ice in the delta; the level 2 account of a foreign resident.',
    },
    tryThis: {
      vi: 'Trang hiện bằng tiếng Anh; claim account_type là foreigner.',
      en: 'Pages come in English; the claim account_type is foreigner.',
    },
  },
  {
    id: 'locked',
    subscriberId: key(11),
    identityNumber: '097082000011',
    person: {
      ...vietnamese,
      ...telephone(111),
      ...mailbox('duc'),
      fullName: 'Ngô Trí Đức',
      familyName: 'Ngô',
      middleName: 'Trí',
      givenName: 'Đức',
      birthdate: '1982-07-07',
      gender: 'male',
    },
    accountLevel: 2,
    evidence: 'chip',
    lock: 'holder_request',
    password: 'canh-cua-go-dong-kin-11',
    totp: true,
    textMessages: true,
    story: {
      vi: 'Người canh một cánh cửa không có tường; đã tự khóa tài khoản của mình.',
      en: 'Guards a door that has no wall; he had his own account locked.',
    },
    tryThis: {
      vi: 'Đăng nhập đúng mật khẩu: tài khoản vẫn khóa, không phiên nào được mở.',
      en: 'Sign in with the right password: the account stays locked, no session begins.',
    },
  },
  {
    id: 'deceased',
    subscriberId: key(12),
    identityNumber: '097050000012',
    person: {
      ...vietnamese,
      ...telephone(112),
      fullName: 'Dương Bách Tùng',
      familyName: 'Dương',
      middleName: 'Bách',
      givenName: 'Tùng',
      birthdate: '1950-10-10',
      gender: 'male',
    },
    accountLevel: 2,
    evidence: 'chip',
    lock: 'death',
    password: 'la-vang-roi-ve-coi-12',
    totp: false,
    textMessages: false,
    story: {
      vi: 'Nhà thơ của những chiếc lá, đã qua đời trong một câu chuyện; tài khoản khóa ngay khi có tin.',
      en: 'A poet of leaves who died in a story; the account was locked as soon as it was known.',
    },
    tryThis: {
      vi: 'Không ai mở được khóa này, kể cả bằng mật khẩu đúng.',
      en: 'Nobody lifts this lock, not with the right password either.',
    },
  },
];
