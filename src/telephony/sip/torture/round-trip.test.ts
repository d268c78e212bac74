import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseMessage } from '../message/parse-message.ts';
import { ResponseTemplate } from '../message/response-template.ts';
import { parseVia } from '../message/via.ts';
import { toWireBody } from '../message/wire-text.ts';
import { writeRequest } from '../message/write-request.ts';

const token = fc.stringMatching(/^[A-Za-z0-9.!%*_+`'~-]{1,12}$/);
const port = fc.integer({ min: 1, max: 65_535 });
const fields = fc.record({
  method: fc.constantFrom('INVITE', 'BYE', 'INFO', 'UPDATE', 'OPTIONS', 'CANCEL', 'PRACK', 'REFER'),
  uri: token.map((user) => `sip:${user}@10.0.0.1:5060;lr`),
  branch: token.map((text) => `z9hG4bK${text}`),
  routes: fc.array(
    token.map((host) => `<sip:${host};lr>`),
    { maxLength: 3 },
  ),
  from: token.map((tag) => `"a, \\"b\\" <c>;tag=no" <sip:a@b;x=y>;tag=${tag}`),
  to: fc.tuple(token, fc.option(token)).map(([user, tag]) => `<sip:${user}@b>${tag === null ? '' : `;tag=${tag}`}`),
  callId: token,
  cseq: fc.nat(),
  lines: fc.constant(''),
  contentType: fc.constant('application/sdp'),
  body: fc.string({ unit: 'binary', maxLength: 100 }).map(toWireBody),
});
const answer = fc.record({
  status: fc.integer({ min: 100, max: 699 }),
  reason: fc.stringMatching(/^[A-Za-z =*-]{0,20}$/).map((text) => text.trim()),
  toTag: token,
  lines: token.map((name) => `X-${name}: v\r\n`),
  contentType: fc.constant('application/sdp'),
  body: fc.string({ unit: 'binary', maxLength: 100 }).map(toWireBody),
});

test('a response that is written is read back, and says what its request said', () => {
  fc.assert(
    fc.property(fields, answer, port, (asked, answered, sourcePort) => {
      const request = parseMessage(writeRequest(asked, 'SIP/2.0/UDP 10.0.0.1:5060'))?.message;
      assert.ok(request);
      const source = { address: '192.0.2.1', port: sourcePort };
      const response = parseMessage(new ResponseTemplate(request, source).write(answered))?.message;
      assert.ok(response);
      assert.deepEqual([response.status, response.reason], [answered.status, answered.reason]);
      assert.deepEqual([response.callId, response.cseq], [request.callId, request.cseq]);
      assert.deepEqual([response.fromTag, response.toTag], [request.fromTag, request.toTag ?? answered.toTag]);
      assert.deepEqual(response.via, { ...request.via, received: '192.0.2.1', rport: String(sourcePort) });
      assert.equal(response.body, answered.body);
      assert.equal(response.hasFurtherVias, false);
    }),
    { numRuns: 300 },
  );
});

test('the Vias below the topmost come back as they were, wherever they stood', () => {
  const via = fc
    .tuple(token, port)
    .map(([branch, number]) => `SIP/2.0/UDP h.example:${number};branch=z9hG4bK${branch}`);
  fc.assert(
    fc.property(fields, fc.array(via, { minLength: 1, maxLength: 5 }), fc.boolean(), (asked, below, isOneLine) => {
      const text = writeRequest(asked, 'SIP/2.0/UDP 10.0.0.1:5060').toString('latin1');
      const further = isOneLine ? `, ${below.join(' ,')}\r\n` : `\r\nv: ${below.join('\r\nVia:')}\r\n`;
      const request = parseMessage(Buffer.from(text.replace(';rport\r\n', `;rport${further}`), 'latin1'))?.message;
      assert.ok(request);
      const fieldsOfAnswer = { status: 200, reason: 'OK', toTag: 't', lines: '', contentType: null, body: '' };
      const written = new ResponseTemplate(request, { address: '192.0.2.1', port: 7 }).write(fieldsOfAnswer);
      const vias = parseMessage(written)?.message.list('via') ?? [];
      assert.deepEqual(vias.slice(1), below);
      assert.equal(parseVia(vias[0] ?? '')?.rport, '7');
    }),
    { numRuns: 200 },
  );
});
