import { openSync } from 'node:fs';
import { availableParallelism, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { type Config, loadConfig } from '../../config/load-config.ts';
import { systemClock } from '../../lib/clock.ts';
import { systemRandom } from '../../lib/random.ts';
import { Platform, type PlatformInfo } from '../platform.ts';
import { CarrierChild } from './carrier-child.ts';
import { type FoundPort, freeTcpPort, freeUdpPort } from './free-port.ts';

const host = '127.0.0.1';
/** Apart from the default range of an installation, so that both can run; and below the ports that systems give out themselves. */
const platformRtpPorts = '11000-13999';
const carrierRtpPorts = '14000-16999';
/** A minute of `recallInterval` lasts three seconds here. */
export const recallMinuteMs = 3000;

export type StageFiles = {
  readonly platformLog: string;
  readonly carrierLog: string;
  readonly ledger: string;
  readonly adminToken: string;
};

/** Where things of a run lie. */
function stageFiles(folder: string): StageFiles {
  return {
    platformLog: join(folder, 'platform.log'),
    carrierLog: join(folder, 'carrier.log'),
    ledger: join(folder, 'invites.jsonl'),
    adminToken: join(folder, 'admin-token'),
  };
}

/** The environment of this process as the demo takes it: everything on loopback, and nothing of another installation on this machine. */
export function demoEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { DATABASE_URL: _, CARILLON_ADMIN_TOKEN: __, CARILLON_DATA_DIR: ___, ...inherited } = environment;
  return {
    ...inherited,
    CARILLON_HTTP_HOST: host,
    CARILLON_SIP_HOST: host,
    CARILLON_RTP_HOST: host,
    CARILLON_RTP_PORTS: platformRtpPorts,
    CARILLON_RECALL_MINUTE_MS: String(recallMinuteMs),
    // The customer takes reports on this machine.
    CARILLON_REPORT_NETWORKS: `${host}/32`,
  };
}

export type StageOptions = {
  /** For everything of this run. */
  readonly folder: string;
  readonly seed: number;
  readonly environment: NodeJS.ProcessEnv;
  /** The settings of the environment: which ports are wanted. */
  readonly wanted: Pick<Config, 'httpPort' | 'sipPort'>;
};

/** Everything that runs for a demo: the platform as `npm start` has it, and the simulated carrier, in processes of their own. */
export class DemoStage {
  readonly files: StageFiles;
  readonly #options: StageOptions;
  #platform: Platform | null = null;
  #carrier: CarrierChild | null = null;

  constructor(options: StageOptions) {
    this.#options = options;
    this.files = stageFiles(options.folder);
  }

  /** Starts all of it. Rejects when a part does not come up; call `stop` then. */
  async start(): Promise<Running> {
    const { wanted } = this.#options;
    const httpPort = await freeTcpPort(host, wanted.httpPort);
    const sipPort = await freeUdpPort(host, wanted.sipPort);
    const platform = this.#openPlatform(httpPort, sipPort);
    this.#platform = platform;
    const [carrier, info] = await Promise.all([this.#startCarrier(), platform.start()]);
    return { info, carrierHost: host, carrierPort: carrier.port, httpPort, sipPort };
  }

  /** Stops the platform in order, then the carrier. Idempotent. */
  async stop(): Promise<void> {
    await this.#platform?.stop();
    await this.#carrier?.stop();
  }

  /** Ends everything at once. */
  async force(): Promise<void> {
    await Promise.all([this.#platform?.force(), this.#carrier?.stop()]);
  }

  #openPlatform(httpPort: FoundPort, sipPort: FoundPort): Platform {
    const environment: NodeJS.ProcessEnv = {
      ...this.#options.environment,
      CARILLON_DATA_DIR: this.#options.folder,
      CARILLON_HTTP_PORT: String(httpPort.port),
      CARILLON_SIP_PORT: String(sipPort.port),
    };
    const config = loadConfig(environment, { interfaces: networkInterfaces(), cores: availableParallelism() });
    const output = openSync(this.files.platformLog, 'a');
    const logger = pino({ name: 'demo', level: config.logLevel }, pino.destination({ dest: output, sync: true }));
    return new Platform({ config, environment, output, clock: systemClock, random: systemRandom(), logger });
  }

  async #startCarrier(): Promise<CarrierChild> {
    const output = openSync(this.files.carrierLog, 'a');
    this.#carrier = await CarrierChild.start({
      host,
      rtpPorts: carrierRtpPorts,
      seed: this.#options.seed,
      ledgerFile: this.files.ledger,
      output,
    });
    return this.#carrier;
  }
}

export type Running = {
  readonly info: PlatformInfo;
  readonly carrierHost: string;
  readonly carrierPort: number;
  readonly httpPort: FoundPort;
  readonly sipPort: FoundPort;
};
