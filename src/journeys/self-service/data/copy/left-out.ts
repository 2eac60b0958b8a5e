/**
 * What is kept about somebody and is in no copy, each with its reason: the copy says so itself. Whoever adds a table that names a
 * person adds it to the copy, or here (test/integration/self-service/data.test.ts walks all tables).
 */
export const LEFT_OUT = {
  secrets:
    'What an authenticator is verified by, tokens, codes, session identifiers and their hashes: whoever had the copy could sign in with them. What they are of is in the copy.',
  sign_ins_under_way: 'Requests and readings of a card that are open for minutes and are forgotten by themselves.',
  lookup_hashes: 'Keyed hashes by which a number is found again: the numbers themselves are in the copy.',
  asked_values:
    'Keyed hashes of what services have asked about your verified data, so that they cannot guess at it: how often each has asked is under events.',
  pictures:
    'Pictures of an application, kept sealed until it is decided and deleted then; ask for a copy of one meanwhile.',
  comparisons:
    'How near a face or a finger came in a comparison, and what spoke of an attack: whoever signed in as you could try until it is near enough. That there was one, and how it ended, is under events.',
  authority_requests:
    'Written requests of authorities about an account: they are part of a proceeding of that authority, which answers for them. The lock itself is in the copy.',
  register_reports:
    'Messages of the population register, and what it answered about a ward whom you applied for: the register answers for them. What they changed is under events.',
} as const;

/** The same in Vietnamese, as the printed page says it. */
export const LEFT_OUT_VI = {
  secrets: 'Khóa, mã và phiên đăng nhập: ai có bản sao có thể dùng chúng để đăng nhập thay bạn.',
  sign_ins_under_way: 'Lần đăng nhập hoặc đọc thẻ đang dở: chỉ lưu vài phút rồi tự xóa.',
  lookup_hashes: 'Mã băm dùng để tìm lại số của bạn: chính các số đó đã có trong bản sao.',
  asked_values:
    'Mã băm có khóa của những gì các dịch vụ đã hỏi về dữ liệu đã xác minh của bạn, để họ không dò được: mỗi nơi đã hỏi bao nhiêu lần nằm ở mục đã xảy ra.',
  pictures:
    'Ảnh trong hồ sơ đăng ký: được niêm phong đến khi có quyết định rồi xóa. Trước lúc đó bạn có thể yêu cầu một bản.',
  comparisons:
    'Mức giống khi đối chiếu khuôn mặt, vân tay và dấu hiệu giả mạo: ai đăng nhập thay bạn có thể dò dần cho đến khi khớp. Mỗi lần đối chiếu và kết quả nằm ở mục đã xảy ra.',
  authority_requests:
    'Văn bản của cơ quan có thẩm quyền: do cơ quan đó trả lời. Việc khóa tài khoản đã có trong bản sao.',
  register_reports:
    'Tin từ cơ sở dữ liệu dân cư, và câu trả lời của nơi đó về trẻ mà bạn nộp hồ sơ: do nơi đó trả lời. Những gì đã thay đổi nằm ở mục đã xảy ra.',
} as const satisfies Record<keyof typeof LEFT_OUT, string>;
