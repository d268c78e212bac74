import type { DialectClient } from './dialect-client.ts';
import {
  type CallFact,
  type FlowFacts,
  numberOf,
  objectOf,
  type RoundFacts,
  readCalls,
  readFlow,
  textOrNull,
} from './run-facts.ts';
import { ringTune, wavOf } from './tune.ts';

const sampleRate = 16_000;
const pageSize = 100;

/** What one look at the platform shows. */
export type RunFacts = {
  readonly rounds: readonly RoundFacts[];
  readonly flow: FlowFacts;
  /** queryDetail's data as it came. */
  readonly flowAnswer: unknown;
};

/** Numbers under the unassigned country code 999, so that they could never ring anybody. */
export function demoNumbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `999${String(10_000_000 + index)}`);
}

/** The demo's group call, from upload to the last round: through the public dialect only. */
export class GroupCall {
  readonly #client: DialectClient;
  readonly taskId: number;
  readonly flowId: number;
  /** Rounds that cannot change any more. */
  readonly #finished = new Map<number, RoundFacts>();

  private constructor(client: DialectClient, taskId: number, flowId: number) {
    this.#client = client;
    this.taskId = taskId;
    this.flowId = flowId;
  }

  /** Uploads the prompt and submits the task: everybody is called, then twice again those who were not reached. */
  static async submit(client: DialectClient, appId: string, numbers: readonly string[]): Promise<GroupCall> {
    const wav = wavOf(ringTune(sampleRate), sampleRate);
    const voiceFileId = await client.call('POST', '/voice/fileUpload', {
      fileName: 'carillon.wav',
      file: wav.toString('base64'),
    });
    const taskId = await client.call('POST', '/voice/group/call/send', {
      appId,
      taskName: 'carillon demo',
      numberInfoList: numbers.map((calleeNumber) => ({ calleeNumber })),
      source: 1,
      voiceFileId,
      loopCount: 1,
      maxCalls: 30,
      maxRingingTime: 20,
      hangUpSms: 0,
      toSeat: 0,
      recallFlow: { recallType: 1, recallInterval: 1, recallNum: 2, nodeList: [] },
    });
    const detail = objectOf(await client.call('GET', `/voice/group/call/detail/${taskId}`), 'detail');
    return new GroupCall(client, Number(taskId), numberOf(detail, 'recallFlowId'));
  }

  /** Reads flow, tasks and calls as they are now. */
  async look(): Promise<RunFacts> {
    const flowAnswer = await this.#client.call('POST', '/voice/recallFlow/queryDetail', { keyId: this.flowId });
    const flow = readFlow(flowAnswer);
    const taskIds = [this.taskId, ...flow.nodes.flatMap((node) => node.taskId ?? [])];
    const rounds: RoundFacts[] = [];
    for (const [index, taskId] of taskIds.entries()) rounds.push(await this.#lookAtRound(index + 1, taskId));
    return { rounds, flow, flowAnswer };
  }

  async #lookAtRound(ordinal: number, taskId: number): Promise<RoundFacts> {
    const known = this.#finished.get(taskId);
    if (known !== undefined) return known;
    const detail = objectOf(await this.#client.call('GET', `/voice/group/call/detail/${taskId}`), 'detail');
    const taskStatus = numberOf(detail, 'status');
    const calls = await this.#calls(taskId);
    const round = { ordinal, taskId, taskStatus, waitingReason: textOrNull(detail, 'waitingReason'), calls };
    if (taskStatus === 2 && calls.every((call) => call.isEnded)) this.#finished.set(taskId, round);
    return round;
  }

  async #calls(taskId: number): Promise<CallFact[]> {
    const calls: CallFact[] = [];
    for (let current = 1, pages = 1; current <= pages; current += 1) {
      const request = { current, size: pageSize, params: { taskId } };
      const page = readCalls(await this.#client.call('POST', '/voice/group/call/records', request));
      pages = page.pages;
      calls.push(...page.calls);
    }
    return calls;
  }
}

/** Whether nothing more will happen: the flow is completed, cancelled or broken. */
export function isOver(facts: RunFacts): boolean {
  return facts.flow.status >= 2 && facts.rounds.every((round) => round.taskStatus >= 2 && round.taskStatus <= 4);
}
