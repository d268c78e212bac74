import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { pinProcess } from './cores.ts';
import type { FromEngine, ToEngine } from './media-carillon-engine.ts';
import type { ContenderOptions, MediaContender } from './media-contender.ts';

/** Our engine, real SIP and one media thread, in a process of its own. */
export async function startCarillonPlayer(options: ContenderOptions): Promise<MediaContender> {
  const { core, firstPort, ports, codec } = options;
  const child = fork(new URL('./media-carillon-engine.ts', import.meta.url));
  pinProcess(child.pid ?? 0, core);
  const rtpPorts = { first: firstPort, last: firstPort + ports - 1 };
  const ask = <T extends FromEngine['type']>(message: ToEngine, type: T): Promise<Extract<FromEngine, { type: T }>> =>
    answerOf(child, message, type);
  await ask({ type: 'open', firstPort: rtpPorts.first, lastPort: rtpPorts.last, codec: codec.name }, 'opened');
  return {
    name: 'carillon',
    pid: child.pid ?? 0,
    rtpPorts,
    async call(load) {
      await ask({ type: 'call', load }, 'answered');
    },
    async ownFigures() {
      return (await ask({ type: 'figures' }, 'figures')).figures;
    },
    async hangUp() {
      await ask({ type: 'hang-up' }, 'hung-up');
    },
    async close() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

async function answerOf<T extends FromEngine['type']>(
  child: ChildProcess,
  message: ToEngine,
  type: T,
): Promise<Extract<FromEngine, { type: T }>> {
  const answered = once(child, 'message');
  child.send(message);
  const [answer] = (await answered) as [FromEngine];
  if (!isAnswer(answer, type)) throw new Error(answer.type === 'failed' ? answer.reason : `answered ${answer.type}`);
  return answer;
}

function isAnswer<T extends FromEngine['type']>(
  answer: FromEngine,
  type: T,
): answer is Extract<FromEngine, { type: T }> {
  return answer.type === type;
}
