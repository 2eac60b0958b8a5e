import { citizen, type Newcomer, newcomer, reached } from './newcomer.ts';
import { key } from './persona.ts';
import { REFUSED_NEWCOMERS } from './refused-newcomers.ts';

/** Numbers stand in the test range, lives in no register but the simulated one, and no one of them has ever breathed. */
export const NEWCOMERS: readonly Newcomer[] = [
  newcomer(
    {
      id: 'one-word',
      ...reached(121),
      story: {
        vi: 'Đóng chai sương sớm để bán buổi trưa; tên chỉ một chữ.',
        en: 'Bottles the morning mist and sells it at noon; a name of one word.',
      },
      tryThis: { vi: 'Đăng ký được: tên một chữ là tên đủ.', en: 'Signs up: one word is a whole name.' },
    },
    {
      ...citizen,
      identityNumber: '097197000021',
      fullName: 'Sương',
      givenName: 'Sương',
      birthdate: '1997-11-02',
      gender: 'female',
    },
  ),
  newcomer(
    {
      id: 'many-words',
      ...reached(122),
      story: {
        vi: 'Kiểm đếm sao rơi cho một vương triều chỉ có trong tuồng.',
        en: 'Counts falling stars for a court that exists in operas only.',
      },
      tryThis: {
        vi: 'Đăng ký được: tám chữ, viết hoa hay thường đều như nhau.',
        en: 'Signs up: eight words, capitals or small letters alike.',
      },
    },
    {
      ...citizen,
      ...{ identityNumber: '098188000022', fullName: 'Công Tằng Tôn Nữ Huyền Ngọc Diễm My' },
      ...{
        familyName: 'Công Tằng Tôn Nữ',
        middleName: 'Huyền Ngọc Diễm',
        givenName: 'My',
        birthdate: '1988-01-30',
        gender: 'female',
      },
    },
  ),
  newcomer(
    {
      id: 'tone-marks',
      ...reached(123),
      story: {
        vi: 'Dạy mèo thổi sáo; sổ ghi «Thúy Hòa», người nhà viết «Thuý Hoà».',
        en: 'Teaches cats the flute; the register writes «Thúy Hòa», the family «Thuý Hoà».',
      },
      tryThis: {
        vi: 'Gõ kiểu nào cũng được; thiếu dấu hay viết D thay Đ thì không khớp.',
        en: 'Either way is the same name; without the marks, or with D for Đ, it is another.',
      },
    },
    {
      ...citizen,
      ...{
        identityNumber: '099192000023',
        fullName: 'Đỗ Thúy Hòa',
        familyName: 'Đỗ',
        middleName: 'Thúy',
        givenName: 'Hòa',
      },
      ...{ birthdate: '1992-06-15', gender: 'female' },
    },
  ),
  newcomer(
    {
      id: 'year-only',
      ...reached(124),
      story: {
        vi: 'Giữ lửa cho một bếp nằm dưới hồ; sổ chỉ ghi năm sinh.',
        en: 'Keeps the fire of a kitchen under a lake; the register knows only the year of birth.',
      },
      tryThis: {
        vi: 'Khai năm 1950, hoặc một ngày bất kỳ của năm 1950: đều khớp.',
        en: 'Say 1950, or any day of 1950: both fit.',
      },
    },
    {
      ...citizen,
      ...{
        identityNumber: '097050000024',
        fullName: 'Lò Văn Ưởng',
        familyName: 'Lò',
        middleName: 'Văn',
        givenName: 'Ưởng',
      },
      ...{ birthdate: '1950', gender: 'male' },
    },
  ),
  newcomer(
    {
      id: 'child',
      guardians: ['097190000002'],
      story: {
        vi: 'Mười tuổi, huấn luyện viên của ốc sên; người giám hộ là Nguyễn Thị Lan Anh.',
        en: 'Ten years old, coach of a snail team; her guardian is Nguyễn Thị Lan Anh.',
      },
      tryThis: {
        vi: 'Tự đăng ký thì bị từ chối; Lan Anh đăng ký giúp thì được.',
        en: 'Refused alone; signs up through Lan Anh.',
      },
    },
    {
      ...citizen,
      ...{
        identityNumber: '097316000025',
        fullName: 'Nguyễn Gạo Nếp',
        familyName: 'Nguyễn',
        middleName: 'Gạo',
        givenName: 'Nếp',
      },
      ...{ birthdate: '2016-04-05', gender: 'female', documentExpiresOn: '2030-04-05' },
    },
  ),
  newcomer(
    {
      id: 'toddler',
      guardians: ['097190000002'],
      story: {
        vi: 'Chưa đầy sáu tuổi, nếm thử mây cho cả xóm; người giám hộ là Nguyễn Thị Lan Anh.',
        en: 'Not yet six, tastes the clouds for the whole village; the guardian is Nguyễn Thị Lan Anh.',
      },
      tryThis: {
        vi: 'Lan Anh đăng ký giúp được mức 1; mức 2 ở quầy thì chưa, vì dưới 6 tuổi.',
        en: 'Lan Anh signs them up at level 1; level 2 at a counter has to wait until they are six.',
      },
    },
    {
      ...citizen,
      ...{
        identityNumber: '097225000032',
        fullName: 'Nguyễn Hạt Tiêu',
        familyName: 'Nguyễn',
        middleName: 'Hạt',
        givenName: 'Tiêu',
      },
      ...{ birthdate: '2025-02-14', gender: 'male', documentExpiresOn: '2039-02-14' },
    },
  ),
  newcomer(
    {
      id: 'ward-of-14',
      ...reached(133),
      guardians: ['097190000002'],
      accountBy: key(2),
      story: {
        vi: 'Vừa tròn mười bốn, sửa đồng hồ cho ve sầu; Lan Anh đã lập tài khoản mức 1 cho em hồi em còn nhỏ.',
        en: 'Just fourteen, mends the clocks of cicadas; Lan Anh had a level 1 account made for her when she was small.',
      },
      tryThis: {
        vi: 'Em đăng ký bằng điện thoại chính chủ và khuôn mặt của mình: nhận lại đúng tài khoản ấy. Lan Anh còn xem được 30 ngày.',
        en: 'She signs up with her own phone and face, and takes over that very account. Lan Anh sees it for 30 days more.',
      },
    },
    {
      ...citizen,
      ...{
        identityNumber: '097312000033',
        fullName: 'Nguyễn Mướp Hương',
        familyName: 'Nguyễn',
        middleName: 'Mướp',
        givenName: 'Hương',
      },
      ...{ birthdate: '2012-11-20', gender: 'female' },
    },
  ),
  newcomer(
    {
      id: 'adult-ward',
      ...reached(134),
      guardians: ['097085000003'],
      byCourt: true,
      story: {
        vi: 'Nghe được tiếng mưa của năm ngoái, không tự lo giấy tờ được; tòa án đã cử Lê Hoàng Quang làm người giám hộ.',
        en: 'Hears last year’s rain and cannot see to papers; a court has appointed Lê Hoàng Quang as guardian.',
      },
      tryThis: {
        vi: 'Quang đăng ký cho ông ở «Người tôi giám hộ», đánh dấu quyết định của tòa án. Rồi để cơ sở dữ liệu thử báo việc giám hộ chấm dứt: Quang không còn gì, ông tự nhận lại tài khoản.',
        en: 'Quang applies for him under “People in my care” and ticks the court’s decision. Then let the register of the sandbox end the guardianship: Quang has nothing left, and he takes the account over.',
      },
    },
    {
      ...citizen,
      ...{
        identityNumber: '097074000034',
        fullName: 'Đinh Văn Bồng',
        familyName: 'Đinh',
        middleName: 'Văn',
        givenName: 'Bồng',
      },
      ...{ birthdate: '1974-10-08', gender: 'male' },
    },
  ),
  newcomer(
    {
      id: 'foreigner',
      ...reached(126),
      story: {
        vi: 'Người Bồ Đào Nha vớt trăng dưới sông; có thẻ thường trú, và hộ chiếu của nước Utopia.',
        en: 'A Portuguese who fishes the moon out of rivers; has a residence card, and a passport of Utopia.',
      },
      tryThis: {
        vi: 'Đăng ký được theo diện người nước ngoài; lên mức 2 tại quầy bằng hộ chiếu.',
        en: 'Signs up as a foreigner; becomes level 2 at a counter by the passport.',
      },
    },
    {
      ...{ accountType: 'foreigner', nationality: 'PRT', documentExpiresOn: '2031-06-30' },
      ...{
        identityNumber: '100085000026',
        fullName: 'Tomás Ferreira Quintal',
        familyName: 'Ferreira Quintal',
        givenName: 'Tomás',
      },
      ...{ birthdate: '1985-09-09', gender: 'male' },
    },
  ),
  ...REFUSED_NEWCOMERS,
];
