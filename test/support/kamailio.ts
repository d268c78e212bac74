import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from './child.ts';
import { freePort } from './free-port.ts';

/** A Kamailio of its own on loopback: registrar, and proxy in front of gateways. */
export interface Kamailio {
  /** UDP and TCP. */
  readonly sipPort: number;
  readonly tlsPort: number;
  output(): string;
  /** Ends it (by its process id) and removes its files. Idempotent. */
  stop(): Promise<void>;
}

export type KamailioOptions = {
  readonly username: string;
  readonly password: string;
  /** Where calls go: `sip:` addresses, the first that works. */
  readonly gateways: readonly string[];
  /** Where REGISTER goes, with a Path; null: Kamailio is the registrar itself. */
  readonly registrar: string | null;
};

const tlsFixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));

/** Starts it on free ports and waits until it listens. */
export async function startKamailio(options: KamailioOptions): Promise<Kamailio> {
  const folder = await mkdtemp(join(tmpdir(), 'carillon-kamailio-'));
  const [sipPort, tlsPort] = [await freePort(), await freePort()];
  await writeFile(join(folder, 'kamailio.cfg'), configuration(options, { sipPort, tlsPort, folder }));
  await writeFile(join(folder, 'dispatcher.list'), gatewayList(options.gateways));
  const child = await startChild({
    command: 'kamailio',
    args: ['-f', join(folder, 'kamailio.cfg'), '-DD', '-E', '-e', '-Y', folder, '-m', '32', '-M', '4'],
    env: { PATH: `${process.env.PATH}:/usr/sbin` },
    cwd: folder,
    install: 'apt-get install -y kamailio kamailio-tls-modules',
  });
  const stop = async (): Promise<void> => {
    await child.stop(5000);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    // Written by the first process that can take messages.
    await child.waitForOutput(/is ready for tests/, 20_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return { sipPort, tlsPort, output: () => child.output(), stop };
}

/** Lines of set, address, flags, priority: the highest is asked first. */
function gatewayList(gateways: readonly string[]): string {
  return gateways.map((uri, index) => `1 ${uri} 0 ${gateways.length - index}\n`).join('');
}

type Place = { readonly sipPort: number; readonly tlsPort: number; readonly folder: string };

function configuration(options: KamailioOptions, place: Place): string {
  return `#!KAMAILIO
${globals(place)}
${modules(place)}
${routes(options)}`;
}

function globals({ sipPort, tlsPort }: Place): string {
  return `debug=1
log_stderror=yes
children=1
tcp_children=1
enable_tls=yes
auto_aliases=no
listen=udp:127.0.0.1:${sipPort}
listen=tcp:127.0.0.1:${sipPort}
listen=tls:127.0.0.1:${tlsPort}`;
}

function modules({ folder }: Place): string {
  const names = 'tls tm sl rr pv xlog maxfwd textops siputils auth usrloc registrar path dispatcher'.split(' ');
  return `${names.map((name) => `loadmodule "${name}.so"\n`).join('')}
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "certificate", "${tlsFixture('certificate.pem')}")
modparam("tls", "private_key", "${tlsFixture('private-key.pem')}")
modparam("tls", "verify_certificate", 0)
modparam("usrloc", "db_mode", 0)
modparam("registrar", "max_contacts", 2)
modparam("registrar", "min_expires", 120)
modparam("rr", "enable_full_lr", 1)
modparam("tm", "fr_timer", 1000)
modparam("dispatcher", "list_file", "${folder}/dispatcher.list")
modparam("dispatcher", "flags", 2)
modparam("dispatcher", "xavp_dst", "_dsdst_")`;
}

/** What a small carrier's proxy does: asks for a password, stays in the path, fails over. */
function routes({ username, password, registrar }: KamailioOptions): string {
  const login = `$au == "${username}"`;
  const takeRegister =
    registrar === null
      ? `if (!pv_www_authenticate("$td", "${password}", "0") || !(${login})) { www_challenge("$td", "1"); exit; }
    if (!save("location")) sl_reply_error();
    exit;`
      : `add_path();
    $du = "${registrar}";
    t_relay();
    exit;`;
  return `
request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("OPTIONS") && uri == myself) { sl_send_reply("200", "OK"); exit; }
  if (loose_route()) { t_relay(); exit; }
  if (has_totag()) {
    if (is_method("ACK") && t_check_trans()) { t_relay(); }
    else if (!is_method("ACK")) { sl_send_reply("404", "Not Here"); }
    exit;
  }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (is_method("REGISTER")) {
    ${takeRegister}
  }
  if (!is_method("INVITE")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  if (!pv_proxy_authenticate("$fd", "${password}", "0") || !(${login})) { proxy_challenge("$fd", "1"); exit; }
  consume_credentials();
  record_route();
  if (!ds_select_dst("1", "8")) { sl_send_reply("503", "No Gateway"); exit; }
  t_on_failure("NEXT_GATEWAY");
  t_relay();
}

failure_route[NEXT_GATEWAY] {
  if (t_is_canceled()) exit;
  if (t_check_status("5[0-9][0-9]|408") && ds_next_dst()) { t_on_failure("NEXT_GATEWAY"); t_relay(); }
}

event_route[core:worker-one-init] {
  xlog("L_ALERT", "kamailio is ready for tests\\n");
}
`;
}
