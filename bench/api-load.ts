import { wireRequest } from './http-line.ts';
import { type OpenLoopPlan, openLoop } from './open-loop.ts';

/** What a generator process is told to send. */
export type LoadPlan = Omit<OpenLoopPlan, 'requests'> & {
  readonly requests: readonly {
    readonly method: 'GET' | 'POST';
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | null;
    /** Part of the answer. */
    readonly expects: string;
  }[];
};

/** The generator in a process of its own: one plan comes from the parent, the figures go back. */
process.once('message', async (plan: LoadPlan) => {
  const requests = plan.requests.map(({ expects, ...request }) => wireRequest(request, expects));
  const figures = await openLoop({ ...plan, requests });
  process.send?.(figures, () => process.exit(0));
});
