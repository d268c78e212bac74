import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { HostsFile, parseHosts } from './hosts-file.ts';
import { SystemResolver } from './system-resolver.ts';
import { ScriptedResolver } from './testing/scripted-resolver.ts';

function setup(hosts: string) {
  const addresses = parseHosts(hosts);
  const dns = new ScriptedResolver();
  const looked: string[] = [];
  const lookup = async (name: string, family: number): Promise<string[]> => {
    looked.push(`${name} ${family}`);
    return name === 'printer.local' ? ['10.0.0.9'] : [];
  };
  const addressesOf = async (name: string): Promise<readonly string[]> => addresses.get(name) ?? [];
  return { dns, looked, lookup, resolver: new SystemResolver({ hosts: { addressesOf }, dns, lookup }), addressesOf };
}

describe('system resolver', () => {
  it('lets the hosts file win, for both families', async () => {
    const { dns, resolver } = setup('10.0.0.7 pbx pbx.example\n');
    dns.sayAddresses('pbx.example', ['192.0.2.1', '2001:db8::1']);
    assert.deepEqual(await resolver.a('pbx.example'), { kind: 'records', records: ['10.0.0.7'], ttlS: 10 });
    assert.equal((await resolver.aaaa('pbx.example')).kind, 'none');
    assert.deepEqual(dns.asked, []);
  });

  it('asks DNS for what is not in the file, and for services always', async () => {
    const { dns, looked, resolver } = setup('10.0.0.7 sip.example\n');
    dns.sayAddresses('b.example', ['192.0.2.1']).saySrv('_sip._udp.sip.example', ['1 0 5060 b.example']);
    assert.equal((await resolver.srv('_sip._udp.sip.example')).kind, 'records');
    assert.equal((await resolver.naptr('sip.example')).kind, 'none');
    assert.equal((await resolver.a('b.example')).kind, 'records');
    // The name is known, it has no such address.
    assert.equal((await resolver.aaaa('b.example')).kind, 'none');
    assert.deepEqual(looked, []);
  });

  it('asks the system for what DNS does not know, or cannot tell', async () => {
    const { dns, looked, resolver } = setup('');
    assert.deepEqual(await resolver.a('printer.local'), { kind: 'records', records: ['10.0.0.9'], ttlS: 30 });
    dns.say('a', 'c.example', { kind: 'failed', reason: 'silence', ttlS: 5 });
    assert.deepEqual(await resolver.a('c.example'), { kind: 'failed', reason: 'silence', ttlS: 5 });
    assert.deepEqual(looked, ['printer.local 4', 'c.example 4']);
  });

  it('asks nobody else where the servers were given', async () => {
    const { dns, addressesOf } = setup('');
    const resolver = new SystemResolver({ hosts: { addressesOf }, dns, lookup: null });
    assert.equal((await resolver.a('printer.local')).kind, 'none');
  });
});

describe('hosts file', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hosts-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('is read line by line', () => {
    const text =
      '# all\n127.0.0.1\tlocalhost # here\r\n::1 localhost ip6\n10.0.0.1 A.example. a\n10.0.0.1 a\nnonsense a\n';
    assert.deepEqual(
      [...parseHosts(text)],
      [
        ['localhost', ['127.0.0.1', '::1']],
        ['ip6', ['::1']],
        ['a.example', ['10.0.0.1']],
        ['a', ['10.0.0.1']],
      ],
    );
  });

  it('is read again when it changed, and is empty when it is not there', async () => {
    const path = join(folder, 'hosts');
    const hosts = new HostsFile(path);
    assert.deepEqual(await hosts.addressesOf('a'), []);
    await writeFile(path, '10.0.0.1 a\n');
    assert.deepEqual(await hosts.addressesOf('A'), ['10.0.0.1']);
    await writeFile(path, '10.0.0.1 b\n10.0.0.2 a\n');
    assert.deepEqual(await hosts.addressesOf('a.'), ['10.0.0.2']);
    await rm(path);
    assert.deepEqual(await hosts.addressesOf('a'), []);
  });
});
