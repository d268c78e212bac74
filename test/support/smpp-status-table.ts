import { commandStatus, knownStatuses, type RefusalKind, statusCode } from '../../src/sms/smpp/command-status.ts';

const consequences: Readonly<Record<RefusalKind, string>> = {
  final: 'failed',
  temporary: 'sent again later',
  throttled: 'slower, and sent again',
};

/** The table in docs/smpp.md: what each status means for the message that it is given for. */
export function smppStatusTable(): string {
  const rows = [...knownStatuses.keys()].map((status) => {
    const { name, kind, words } = commandStatus(status);
    return `| \`${statusCode(status)}\` | \`${name}\` | ${words} | ${consequences[kind]} |`;
  });
  return ['| code | status | means | the message |', '|---|---|---|---|', ...rows].join('\n');
}
