import type { SmsChannelSettings } from './channel-settings.ts';
import { HttpTransport } from './http/http-transport.ts';
import { OutboxTransport } from './outbox-transport.ts';
import { completeSmppSettings } from './smpp/smpp-settings.ts';
import { SmppTransport } from './smpp/smpp-transport.ts';
import type { SmsTransport, SmsTransportHost } from './sms-transport.ts';

/** Makes the transport of a channel; it is not started. */
export function openTransport(settings: SmsChannelSettings, host: SmsTransportHost): SmsTransport {
  switch (settings.kind) {
    case 'outbox':
      return new OutboxTransport(host);
    case 'http':
      return new HttpTransport(settings, host);
    case 'smpp':
      return new SmppTransport(completeSmppSettings(settings), host);
  }
}
