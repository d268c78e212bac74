import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageEvent, sampleTrace, sipMessage } from '../../../test/support/sample-trace.ts';
import { drawLadder } from './ladder-svg.ts';

test('ladder picture: one arrow a message, refusals and repetitions marked', () => {
  const svg = drawLadder(['Call 9'], sampleTrace());
  assert.equal([...svg.matchAll(/marker-end/g)].length, 10);
  assert.equal([...svg.matchAll(/class="arrow again"/g)].length, 1);
  assert.equal([...svg.matchAll(/class="arrow bad"/g)].length, 1);
  assert.match(svg, />198\.51\.100\.2:5080</);
});

test('ladder picture: what came from outside stays text', () => {
  const text = sipMessage('SIP/2.0 404 <script>&"\'', { cseq: '1 INVITE' });
  const svg = drawLadder(['<b>'], sampleTrace({ events: [messageEvent({ atUs: 0, direction: 'received', text })] }));
  assert.doesNotMatch(svg, /<script|<b>/);
  assert.match(svg, /404 &lt;script&gt;&amp;&quot;&#39;/);
});
