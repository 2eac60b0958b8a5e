import { asRefusal, type RefusalCode } from '../../src/standards/icao9303/refusal.ts';

/** The code with which something is refused; `none` when it is not. Another exception passes through: it is a fault. */
export async function refusalOf(act: () => unknown): Promise<RefusalCode | 'none'> {
  try {
    await act();
    return 'none';
  } catch (error) {
    return asRefusal(error).code;
  }
}
