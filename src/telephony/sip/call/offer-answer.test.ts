import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkMachine } from '../testing/check-machine.ts';
import { type OfferAnswerInput, type OfferAnswerState, stepOfferAnswer } from './offer-answer.ts';
import { refusingAnswer } from './refusing-answer.ts';

test('offer and answer, RFC 3264 section 4, RFC 6337 section 2', () => {
  const states: OfferAnswerState[] = ['undescribed', 'offering', 'answering', 'agreed', 're-offering', 're-answering'];
  const inputs: OfferAnswerInput[] = [
    'own-offer',
    'asked-offer',
    'own-answer',
    'their-offer',
    'their-answer',
    'failed',
  ];
  checkMachine(
    stepOfferAnswer,
    states,
    inputs,
    `undescribed own-offer -> offering: proceed
     undescribed asked-offer -> offering: proceed
     undescribed their-offer -> answering: proceed
     offering asked-offer -> offering: refuse-pending
     offering their-offer -> offering: refuse-pending
     offering their-answer -> agreed: proceed
     offering failed -> undescribed:
     answering asked-offer -> answering: refuse-busy
     answering own-answer -> agreed: proceed
     answering their-offer -> answering: refuse-busy
     answering failed -> undescribed:
     agreed own-offer -> re-offering: proceed
     agreed asked-offer -> re-offering: proceed
     agreed their-offer -> re-answering: proceed
     re-offering asked-offer -> re-offering: refuse-pending
     re-offering their-offer -> re-offering: refuse-pending
     re-offering their-answer -> agreed: proceed
     re-offering failed -> agreed:
     re-answering asked-offer -> re-answering: refuse-busy
     re-answering own-answer -> agreed: proceed
     re-answering their-offer -> re-answering: refuse-busy
     re-answering failed -> agreed:`,
  );
});

test('an answer that takes nothing has a line for every stream', () => {
  const offer =
    'v=0\r\no=- 2 2 IN IP4 10.0.0.2\r\ns=-\r\nt=0 0\r\nm=audio 4000/2 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\n' +
    'm=video 4002 RTP/AVP 99\r\n';
  assert.equal(
    refusingAnswer(offer),
    'v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 0 RTP/AVP 0 8\r\nm=video 0 RTP/AVP 99\r\n',
  );
  assert.equal(refusingAnswer('').includes('m='), false);
});
