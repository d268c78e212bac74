import Fastify from 'fastify';
import { flowDetailAnswer } from '../src/api/v3/answer/recall-answer.ts';
import { succeeded, usualLiterals } from '../src/api/v3/envelope.ts';
import { LocalTime } from '../src/api/v3/local-time.ts';
import { openDatabase } from '../src/db/database.ts';
import { readFlowDetails } from '../src/domain/recall/flow-detail.ts';
import { silentLogger } from '../src/lib/logger.ts';

/**
 * The same answer as queryDetail's from a bare Fastify route with one prepared statement, in a process of its own: no signature, no account, no log, no limits, and a statement
 * for every request. Arguments: database URL, account id. Tells its parent the port.
 */

const [, , url = '', accountId = ''] = process.argv;
const { db } = openDatabase({ url, maxConnections: 10, applicationName: 'bench peer', logger: silentLogger() });
const time = new LocalTime('Asia/Shanghai');
const app = Fastify();
app.post<{ Body: { keyId: number } }>('/v3/voice/recallFlow/queryDetail', async (request) => {
  const [detail] = await readFlowDetails(db, [{ accountId: Number(accountId), flowId: request.body.keyId }]);
  return detail ? succeeded(usualLiterals, flowDetailAnswer(detail, time)) : null;
});
const address = await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ port: Number(new URL(address).port) });
