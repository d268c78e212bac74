import type { Locale } from '../../../domain/error/request-error.ts';
import { formatVoiceId } from '../../../domain/record/voice-id.ts';
import type { TaskPlace } from '../../../domain/task/create.ts';
import type { DirectEntry } from '../direct-numbers.ts';

/** What each number of sendGroup and sendIvr is answered with, in the order given (contract 6.1); -22 says that it is not called. */
export function directAnswer(entries: readonly DirectEntry[], places: readonly TaskPlace[], locale: Locale) {
  return entries.map((entry) => {
    const { callee } = entry;
    if ('problem' in entry) {
      const terminationReason = locale === 'zh-CN' ? entry.problem.zhCN : entry.problem.en;
      return { voiceId: null, callee, terminationCode: '-22', terminationReason };
    }
    const place = places[entry.call];
    if (place === undefined) throw new Error(`the request made no call ${entry.call}`);
    const voiceId = formatVoiceId({ ...place, seq: entry.seq });
    return { voiceId, callee, terminationCode: '0', terminationReason: 'success' };
  });
}
