import type { TestContext } from 'node:test';
import type { ServerUnderTest } from './server-under-test.ts';
import { type People, variables } from './settings.ts';

/** The people that can be called; null: there are none, and the test is skipped. */
export function peopleOrSkip(context: TestContext, server: ServerUnderTest): People | null {
  const { people } = server.settings;
  if (people === null) context.skip(`needs people to call: set ${variables.people}`);
  return people;
}

/** Why direct calls, which are made at once, cannot be tested; null: they can. */
export function nobodyToCall(server: ServerUnderTest): string | null {
  return server.settings.people === null ? `needs people to call: set ${variables.people}` : null;
}
