export type { Answer } from './answer.ts';
export { CarillonClient, type CarillonClientOptions } from './client.ts';
export type { DirectCalls } from './direct-calls.ts';
export {
  CarillonConnectionError,
  CarillonError,
  CarillonSignatureError,
  CarillonTimeoutError,
} from './errors.ts';
export type { FileContent } from './file-content.ts';
export type { RecallFlows } from './recall-flows.ts';
export type { Records } from './records.ts';
export { type Credentials, signedHeaders, signOf } from './sign.ts';
export type { Tasks } from './tasks.ts';
export type { TextMessages } from './text-messages.ts';
export type { CallOptions } from './transport.ts';
export { type VerifyOptions, verifyReport } from './verify-report.ts';
export type { VoiceFiles } from './voice-files.ts';
export type * from './wire/balance.ts';
export type * from './wire/direct-call.ts';
export type * from './wire/page.ts';
export type * from './wire/recall-flow.ts';
export type * from './wire/record.ts';
export type * from './wire/report.ts';
export type * from './wire/settings.ts';
export type * from './wire/sms.ts';
export type * from './wire/task.ts';
export type * from './wire/voice-file.ts';
