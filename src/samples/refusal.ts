import { HttpError } from 'koa';
import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';

/** Why a request goes no further, in a sentence for the person who reads it. */
export class Refusal extends Error {
  readonly vi: string;
  constructor(vi: string, en: string) {
    super(en);
    this.vi = vi;
  }
}

const answers: Record<string, readonly [vi: string, en: string]> = {
  access_denied: [
    'Bạn đã chọn không chia sẻ thông tin, nên chúng tôi không nhận được gì. Bạn có thể thử lại bất cứ lúc nào.',
    'You chose not to share anything, so we received nothing. You can try again at any time.',
  ],
  unmet_authentication_requirements: [
    'Tài khoản của bạn chưa chứng minh được mức mà dịch vụ này cần. SenID đã cho bạn biết vì sao.',
    'Your account cannot yet prove the level this service needs. SenID told you why.',
  ],
  login_required: ['Bạn cần đăng nhập lại.', 'You need to sign in again.'],
  temporarily_unavailable: ['SenID đang bận. Hãy thử lại sau ít phút.', 'SenID is busy. Try again in a few minutes.'],
};

/** What to tell the person about anything that was thrown. What a provider writes is never shown as it is. */
export function explain(error: unknown): { status: number; vi: string; en: string } {
  if (error instanceof Refusal) return { status: 400, vi: error.vi, en: error.message };
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    const [vi, en] = answers[error.error] ?? [
      `SenID không hoàn tất được việc đăng nhập (${error.error}). Hãy thử lại.`,
      `SenID could not complete the sign-in (${error.error}). Try again.`,
    ];
    return { status: 400, vi, en };
  }
  // State, nonce, issuer, signature, time: openid-client says exactly which in `cause`; a person needs one sentence.
  if (error instanceof ClientError)
    return {
      status: 400,
      vi: 'Câu trả lời nhận được không khớp với yêu cầu của chúng tôi, nên chúng tôi không dùng nó. Hãy bắt đầu lại.',
      en: 'The answer does not match what we asked, so we did not use it. Please start again.',
    };
  if (error instanceof HttpError && error.status === 404)
    return { status: 404, vi: 'Không có trang này.', en: 'There is no such page.' };
  if (error instanceof HttpError && error.status < 500)
    return {
      status: error.status,
      vi: 'Yêu cầu này không đến từ trang của chúng tôi.',
      en: 'This request did not come from our own page.',
    };
  return {
    status: 500,
    vi: 'Có lỗi ở phía chúng tôi. Hãy thử lại.',
    en: 'Something went wrong on our side. Try again.',
  };
}
