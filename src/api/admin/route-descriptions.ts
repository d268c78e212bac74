/** What the OpenAPI document says of a route besides its schemas. */
export type RouteDescription = {
  readonly summary: string;
  /** A body that the route takes; undefined: it has none. */
  readonly example?: unknown;
};

/** Every route of the admin API by method and path: one that is missing here is not mounted. */
export const routeDescriptions: Readonly<Record<string, RouteDescription>> = {
  'GET /accounts': { summary: 'All accounts, the oldest first' },
  'POST /accounts': {
    summary: 'Makes an account; the answer is the only listing that shows its secret',
    example: { name: 'Example Ltd', timeZone: 'Europe/Berlin', ipAllowList: ['203.0.113.0/24'], maxConcurrency: 500 },
  },
  'GET /accounts/:id': { summary: 'One account' },
  'PATCH /accounts/:id': {
    summary: 'Changes what is given of an account, within two seconds; isEnabled false locks it',
    example: { rateTableId: 1, requiresRate: true },
  },
  'GET /accounts/:id/credentials': { summary: 'What the account signs its requests with' },
  'GET /accounts/:id/balance': { summary: 'What a prepaid account has; 404 for one that pays afterwards' },
  'PUT /accounts/:id/balance': {
    summary: 'Makes an account prepaid, or sets the credit of one that is',
    example: { credit: '100' },
  },
  'POST /accounts/:id/balance/resume-tasks': {
    summary: 'Resumes the tasks that were suspended because the balance did not cover their next call',
  },
  'GET /accounts/:id/balance/entries': { summary: 'What was paid, given, corrected and charged, the newest first' },
  'POST /accounts/:id/balance/entries': {
    summary: 'Tops a balance up, gives to it, or corrects it; once for each Idempotency-Key',
    example: { kind: 'topUp', amount: '250.00', note: 'invoice 4711' },
  },
  'GET /accounts/:id/voice-files': { summary: "An account's uploads, the newest first" },
  'GET /rate-tables': { summary: 'All rate tables, by name' },
  'POST /rate-tables': {
    summary: 'Makes a rate table, without rates',
    example: { name: 'retail', currency: 'EUR', quoteExchange: '1.08' },
  },
  'GET /rate-tables/:id': { summary: 'One rate table, and how many rates it has' },
  'PATCH /rate-tables/:id': {
    summary: 'Renames a rate table, or gives it another exchange',
    example: { quoteExchange: '1.09' },
  },
  'DELETE /rate-tables/:id': { summary: 'Deletes a rate table that no account has; 409 while one does' },
  'GET /rate-tables/:id/rates': { summary: 'Rates by prefix, some at a time' },
  'PUT /rate-tables/:id/rates': {
    summary: 'Imports rates as CSV, in the place of those that the table has or beside them',
    example: 'prefix,code,billPeriod,rate\n93,Afghanistan,60+60,0.21\n9370,"Afghanistan, mobile",60+60,0.25\n',
  },
  'GET /rate-tables/:id/rates.csv': { summary: 'All rates of a table as CSV, as the import takes them' },
  'PUT /rate-tables/:id/rates/:prefix': {
    summary: 'Sets the rate of one prefix',
    example: { code: 'Afghanistan', billPeriod: '60+60', rate: '0.21' },
  },
  'DELETE /rate-tables/:id/rates/:prefix': { summary: 'Ends the rate of one prefix' },
  'GET /apps': { summary: 'Apps of one account or of all, the oldest first' },
  'POST /apps': {
    summary: 'Makes an app; reports are sent where it has a reportUrl, SMS where it has a channel',
    example: { accountId: 1000, name: 'reminders', kind: 'voice', reportUrl: 'https://example.com/reports' },
  },
  'GET /apps/:appId': { summary: 'One app' },
  'PATCH /apps/:appId': { summary: 'Changes what is given of an app', example: { isReportPaused: true } },
  'GET /apps/:appId/report-secret': { summary: "What the app's reports are signed with" },
  'POST /apps/:appId/report-secret': { summary: 'Makes another secret, which signs from two seconds later on' },
  'GET /apps/:appId/report-counts': { summary: "How many of the app's reports wait, were delivered, are dead" },
  'GET /apps/:appId/reports': { summary: "The app's reports in one state" },
  'POST /apps/:appId/report-test': {
    summary: 'Posts a made-up report to the app’s URL, once, and says what came of it',
  },
  'GET /reports/:voiceId': { summary: 'The report of one call, with all its tries' },
  'POST /reports/replay': {
    summary: 'Makes reports due again: of calls, of a task, or of calls of an app that ended in a span',
    example: { appId: 'iaAJ6COV', from: '2026-11-26T00:00:00Z', to: '2026-11-27T00:00:00Z', states: ['dead'] },
  },
  'GET /trunks': { summary: 'All trunks, by priority' },
  'POST /trunks': {
    summary: 'Makes a trunk; dialers use it within seconds',
    example: { name: 'carrier', host: 'sip.example.com', username: '4711', password: 'secret', maxCps: 20 },
  },
  'GET /trunks/:id': { summary: 'One trunk' },
  'PATCH /trunks/:id': {
    summary: 'Changes what is given of a trunk; isEnabled false: no new calls',
    example: { maxChannels: 200 },
  },
  'DELETE /trunks/:id': { summary: 'Deletes a trunk; calls over it go on to their end' },
  'GET /trunks/:id/status': { summary: 'Circuit, registration and calls of a trunk, as a whole and by process' },
  'POST /trunks/:id/test': { summary: 'Asks every server of a trunk now, and says what is wrong' },
  'GET /trunk-status': { summary: 'The status of all trunks' },
  'GET /templates': { summary: 'Templates of one account or of all, the oldest first' },
  'POST /templates': {
    summary: 'Makes a template, which sendIvr names as dimensionId',
    example: { accountId: 1000, name: 'reminder', text: 'Hello {Text1}, see you at {Text2}.', lan: 'EN' },
  },
  'GET /templates/:id': { summary: 'One template' },
  'PATCH /templates/:id': { summary: 'Changes what is given of a template', example: { loopCount: 2 } },
  'DELETE /templates/:id': { summary: 'Deletes a template; calls under way keep it' },
  'GET /sms-channels': { summary: 'All SMS channels, the oldest first' },
  'POST /sms-channels': {
    summary: 'Makes an SMS channel, with the settings of its kind under the name of the kind',
    example: {
      name: 'carrier',
      kind: 'smpp',
      smpp: { host: 'smpp.example.com', port: 2775, systemId: 'acme', password: 'secret' },
      maxTps: 20,
    },
  },
  'GET /sms-channels/:id': { summary: 'One SMS channel' },
  'PATCH /sms-channels/:id': {
    summary: 'Changes what is given of an SMS channel, and opens it anew',
    example: { maxTps: 50, smpp: { window: 20 } },
  },
  'DELETE /sms-channels/:id': {
    summary: 'Deletes an SMS channel; what waits for it has failed. 409 while apps send over it',
  },
  'GET /sms-channels/:id/status': { summary: 'How an SMS channel does, and how much waits for it' },
  'GET /sms-channel-status': { summary: 'The status of all SMS channels' },
  'POST /sms-channels/:id/test': {
    summary: 'Sends one message of the operator',
    example: { to: '8613242926514', text: 'Is anybody there?' },
  },
  'GET /sms-messages': { summary: 'Messages by channel, task, app, state and number, the newest first' },
  'GET /sms-messages/:msgId': { summary: 'One message and what became of it' },
  'GET /processes': { summary: 'Running processes, and those that ended within the last day' },
  'GET /status': { summary: 'Processes, trunks and running tasks at one look' },
  'GET /tasks/:id': { summary: 'Any account’s task with its counters' },
  'GET /tasks/:id/calls': { summary: 'What became of each callee that was called' },
  'GET /tasks/:id/calls/:seq': { summary: 'One call' },
  'GET /tasks/:id/calls/:seq/recording': { summary: 'A link to what was said, which works for a while' },
  'GET /tasks/:id/calls/:seq/trace': { summary: 'What was said on the wire, as JSON or, if asked for, as text' },
  'GET /tasks/:id/calls/:seq/trace.txt': { summary: 'The same as a ladder diagram in text' },
  'GET /tasks/:id/calls/:seq/trace.svg': { summary: 'The same as a ladder diagram' },
  'GET /tasks/:id/calls/:seq/trace.pcap': { summary: 'The same for Wireshark' },
  'GET /tasks/:id/reports': { summary: "A task's reports, by callee" },
  'GET /trace-rules': { summary: 'Which calls are traced, and were' },
  'POST /trace-rules': {
    summary: 'Has the next calls that meet all conditions traced',
    example: { number: '8613242926514', maxCalls: 5 },
  },
  'GET /trace-rules/:id': { summary: 'One rule' },
  'DELETE /trace-rules/:id': { summary: 'Ends a rule; what was traced stays' },
  'GET /voice-files/:fileId': { summary: 'One upload: its length, its loudness, what it looks like' },
  'GET /voice-files/:fileId/waveform.svg': { summary: 'The waveform of an upload as a picture' },
};
