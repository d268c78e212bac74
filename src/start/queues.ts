import { type Jobs, openJobs, type QueueSettings } from '../db/jobs.ts';
import type { JobData, JobName } from '../domain/job/scheduling.ts';
import type { Logger } from '../lib/logger.ts';

/** State changes: cheap, and never given up while PostgreSQL comes and goes. */
const stateChange: QueueSettings = {
  retryLimit: 100,
  retryDelayS: 1,
  retryDelayMaxS: 60,
  expireInS: 300,
  concurrency: 1,
};

/** All queues of the platform. Two texts at once keep the synthesizer busy while one of them is being stored. */
const queues: { readonly [Name in JobName]: QueueSettings } = {
  'task.start': stateChange,
  'task.prepare': { retryLimit: 5, retryDelayS: 2, retryDelayMaxS: 60, expireInS: 600, concurrency: 2 },
  'recall.node': stateChange,
  'recording.expire': { retryLimit: 5, retryDelayS: 60, retryDelayMaxS: 600, expireInS: 3600, concurrency: 1 },
  'retention.run': { retryLimit: 5, retryDelayS: 60, retryDelayMaxS: 600, expireInS: 3600, concurrency: 1 },
};

/** The job queue of a process; what it works on itself is defined by its composition root. */
export function openPlatformJobs(url: string, logger: Logger): Jobs<JobData> {
  return openJobs<JobData>({ url, logger, queues });
}
