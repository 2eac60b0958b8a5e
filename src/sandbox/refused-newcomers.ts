import { citizen, type Newcomer, newcomer, reached } from './newcomer.ts';

/** Those who do not get in, or not at once, each for a reason of their own. */
export const REFUSED_NEWCOMERS: readonly Newcomer[] = [
  newcomer(
    {
      id: 'expired',
      ...reached(127),
      story: {
        vi: 'Sửa đồng hồ chạy lùi; thẻ hết hạn ngày 30/12/2025.',
        en: 'Repairs clocks that run backwards; the card expired on 30 December 2025.',
      },
      tryThis: { vi: 'Không khớp: thẻ đã hết hạn.', en: 'Does not fit: the card has expired.' },
    },
    {
      ...{ ...citizen, documentExpiresOn: '2025-12-30' },
      ...{
        identityNumber: '097085000027',
        fullName: 'Hồ Văn Trễ',
        familyName: 'Hồ',
        middleName: 'Văn',
        givenName: 'Trễ',
      },
      ...{ birthdate: '1985-12-31', gender: 'male' },
    },
  ),
  newcomer(
    {
      id: 'gone',
      standing: 'deceased',
      ...reached(128),
      story: {
        vi: 'Từng may áo cho bù nhìn; đã mất, và sổ đã ghi.',
        en: 'Used to sew coats for scarecrows; has died, and the register knows.',
      },
      tryThis: { vi: 'Không khớp, và không ai được báo tin.', en: 'Does not fit, and nobody is told.' },
    },
    {
      ...citizen,
      ...{
        identityNumber: '097140000028',
        fullName: 'Lý Thị Khuất',
        familyName: 'Lý',
        middleName: 'Thị',
        givenName: 'Khuất',
      },
      ...{ birthdate: '1940-03-03', gender: 'female' },
    },
  ),
  newcomer(
    {
      id: 'borrowed-phone',
      ...reached(129),
      phoneOf: '097098000001',
      story: {
        vi: 'Mượn mọi thứ, kể cả số điện thoại: số này đứng tên Trần Minh Khôi.',
        en: 'Borrows everything, his telephone number too: it stands in the name of Trần Minh Khôi.',
      },
      tryThis: { vi: 'Bị từ chối: số điện thoại không chính chủ.', en: 'Refused: the number is not in his own name.' },
    },
    {
      ...citizen,
      ...{
        identityNumber: '097093000029',
        fullName: 'Mạc Thế Mượn',
        familyName: 'Mạc',
        middleName: 'Thế',
        givenName: 'Mượn',
      },
      ...{ birthdate: '1993-04-01', gender: 'male' },
    },
  ),
  newcomer(
    {
      id: 'patience',
      awayAtFirst: 2,
      ...reached(130),
      story: {
        vi: 'Xếp hàng hộ người khác; mỗi khi hỏi về anh, cơ sở dữ liệu dân cư lại đi vắng hai lần đầu.',
        en: 'Stands in line for others; the register is away the first two times that it is asked about him.',
      },
      tryThis: {
        vi: 'Hồ sơ chờ, nói rằng đang chờ, rồi tự đi tiếp.',
        en: 'The application waits, says so, and then goes on by itself.',
      },
    },
    {
      ...citizen,
      ...{
        identityNumber: '097091000030',
        fullName: 'Chu Văn Đợi',
        familyName: 'Chu',
        middleName: 'Văn',
        givenName: 'Đợi',
      },
      ...{ birthdate: '1991-10-10', gender: 'male' },
    },
  ),
  newcomer(
    {
      id: 'unseen',
      unseen: true,
      ...reached(131),
      story: {
        vi: 'Vẽ tranh bằng mực tàng hình; cơ sở dữ liệu không có ảnh của chị.',
        en: 'Paints in invisible ink; the register has no portrait of her.',
      },
      tryThis: {
        vi: 'Không có gì để so: mời đến cơ quan tiếp nhận.',
        en: 'Nothing to compare with: asked to come to a registration office.',
      },
    },
    {
      ...citizen,
      ...{
        identityNumber: '097189000031',
        fullName: 'Vũ Thị Ẩn',
        familyName: 'Vũ',
        middleName: 'Thị',
        givenName: 'Ẩn',
      },
      ...{ birthdate: '1989-02-14', gender: 'female' },
    },
  ),
];
