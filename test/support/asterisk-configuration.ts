import type { AsteriskRoot } from './asterisk-root.ts';

/** What an instance of Asterisk is told. */
export type AsteriskPlan = {
  readonly root: AsteriskRoot;
  /** Holds all that the instance writes. */
  readonly folder: string;
  /** SIP over UDP and TCP, on 127.0.0.1 and ::1. */
  readonly sipPort: number;
  readonly tlsPort: number;
  readonly managerPort: number;
  readonly rtpStart: number;
  readonly rtpCount: number;
  readonly certificate: string;
  readonly privateKey: string;
  /** Sections added to pjsip.conf. */
  readonly pjsip: string;
  /** extensions.conf. */
  readonly dialplan: string;
  /** Further files of `etc`, or others in the place of ours, by name. */
  readonly files: Readonly<Record<string, string>>;
};

export const managerUser = 'carillon';
export const managerSecret = 'only on loopback';

/** Only what the tests use: all 350 modules take ten times as long to load. In the order in which they need each other. */
const modules = [
  'res_timing_timerfd res_sorcery_config res_sorcery_memory res_sorcery_astdb res_pjproject res_rtp_asterisk res_srtp',
  'res_pjsip res_pjsip_pubsub res_pjsip_session res_pjsip_sdp_rtp res_pjsip_caller_id res_pjsip_nat res_pjsip_path',
  'res_pjsip_authenticator_digest res_pjsip_outbound_authenticator_digest res_pjsip_registrar res_pjsip_rfc3326',
  'res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user res_pjsip_endpoint_identifier_anonymous',
  'res_pjsip_header_funcs res_pjsip_dtmf_info res_pjsip_logger chan_pjsip pbx_config bridge_simple bridge_native_rtp',
  'codec_alaw codec_ulaw format_wav format_pcm app_dial app_playback app_record app_senddtmf app_read app_userevent app_milliwatt',
  'app_echo codec_g722',
  'func_channel func_callerid func_strings func_pjsip_endpoint',
]
  .join(' ')
  .split(' ');

/** The files of an instance's `etc`, by name. */
export function configurationFiles(plan: AsteriskPlan): Readonly<Record<string, string>> {
  const silent = '[general]\nenable = no\n';
  return {
    'asterisk.conf': mainFile(plan),
    'modules.conf': `[modules]\nautoload = no\n${modules.map((name) => `load = ${name}.so\n`).join('')}`,
    'logger.conf': '[general]\n[logfiles]\nconsole => notice,warning,error,verbose\n',
    'manager.conf':
      `[general]\nenabled = yes\nport = ${plan.managerPort}\nbindaddr = 127.0.0.1\n` +
      `[${managerUser}]\nsecret = ${managerSecret}\nread = all\nwrite = all\n`,
    'rtp.conf': `[general]\nrtpstart = ${plan.rtpStart}\nrtpend = ${plan.rtpStart + plan.rtpCount - 1}\nrtcpinterval = 1000\n`,
    'pjsip.conf': `${transports(plan)}\n${plan.pjsip}`,
    'extensions.conf': plan.dialplan,
    'cdr.conf': silent,
    'cel.conf': silent,
    // Nothing to say, but Asterisk reports it as an error when they are missing.
    ...Object.fromEntries(['features', 'acl', 'udptl', 'pjproject', 'indications'].map((name) => [`${name}.conf`, ''])),
    ...plan.files,
  };
}

function mainFile({ root, folder }: AsteriskPlan): string {
  const directories = {
    astetcdir: `${folder}/etc`,
    astmoddir: root.modules,
    astdatadir: root.data,
    astvarlibdir: `${folder}/var`,
    astdbdir: `${folder}/var`,
    astkeydir: `${folder}/var`,
    astagidir: `${folder}/var`,
    astspooldir: `${folder}/spool`,
    astrundir: `${folder}/run`,
    astlogdir: `${folder}/log`,
  };
  const lines = Object.entries(directories).map(([name, path]) => `${name} => ${path}\n`);
  return `[directories]\n${lines.join('')}[options]\nverbose = 0\nhideconnect = yes\n`;
}

function transports({ sipPort, tlsPort, certificate, privateKey }: AsteriskPlan): string {
  const transport = (name: string, lines: string): string => `[${name}]\ntype = transport\n${lines}`;
  return [
    transport('udp', `protocol = udp\nbind = 127.0.0.1:${sipPort}\n`),
    transport('udp6', `protocol = udp\nbind = [::1]:${sipPort}\n`),
    transport('tcp', `protocol = tcp\nbind = 127.0.0.1:${sipPort}\n`),
    transport(
      'tls',
      `protocol = tls\nbind = 127.0.0.1:${tlsPort}\nmethod = tlsv1_2\ncert_file = ${certificate}\npriv_key_file = ${privateKey}\n`,
    ),
  ].join('');
}
