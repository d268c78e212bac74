import { before } from 'node:test';
import { usualLiterals } from './kit/answer.ts';
import { absentOr, number, object, page, text } from './kit/answer-shape.ts';
import { conforms } from './kit/conforms.ts';
import type { Endpoint } from './kit/endpoint.ts';
import { pageFields, pagesConform } from './kit/page-case.ts';
import { serverUnderTest } from './kit/server-under-test.ts';

const server = serverUnderTest();
before(async () => {
  await server.open();
  for (let file = 0; file < 3; file++) await server.uploadTone();
});

const fileQuery: Endpoint = {
  name: 'fileQuery',
  section: '1.4, 3.2',
  method: 'POST',
  literals: usualLiterals,
  variants: [{ title: 'a page of files', valid: () => ({ current: 1, size: 20 }), fields: pageFields }],
  data: page(object({ fileId: text(/./), fileName: text(/./), duration: absentOr(number()) })),
  codes: [0, -1, -2, -16, -18, -22],
  bodyLimitMiB: 1,
};

conforms(server, fileQuery);
pagesConform(server, fileQuery, 'fileId');
