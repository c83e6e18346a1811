import { describe, expect, it } from 'vitest';
import { createFindTarget, systemResolve } from '../../src/alerts/target.js';

const PUBLIC = '93.184.215.14';
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'hooks.example.com': [PUBLIC, '2606:4700::1111'],
  'hooks.example.com.': [PUBLIC],
  'private.example.com': ['10.0.0.7'],
  'metadata.example.com': ['169.254.169.254'],
  'last.example.com': [PUBLIC, '2606:4700::1111', '127.0.0.1'],
  'first.example.com': ['::1', PUBLIC],
  'mapped.example.com': [PUBLIC, '::ffff:10.0.0.7'],
  'nat64.example.com': ['64:ff9b::10.0.0.7'],
  'odd.example.com': [PUBLIC, 'nonsense'],
  'empty.example.com': [],
  'here.example.com': ['127.0.0.1', '::1'],
  localhost: ['127.0.0.1'],
  intranet: ['192.168.0.4'],
};

/** The addresses of NAMES; any other name is unknown, as the system says it. */
async function resolve(hostname: string) {
  const addresses = NAMES[hostname];
  if (!addresses) throw Object.assign(new Error(`no ${hostname}`), { code: 'ENOTFOUND' });
  return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
}

const deployed = createFindTarget({ local: false, resolve });
const local = createFindTarget({ local: true, resolve });

describe('the URL of a webhook on a deployed site', () => {
  it.each([
    ['https://hooks.example.com/services/T0?x=1', [PUBLIC, '2606:4700::1111']],
    ['https://hooks.example.com:8443/', [PUBLIC, '2606:4700::1111']],
    ['HTTPS://Hooks.Example.COM./x', [PUBLIC]],
    [`https://${PUBLIC}/x`, [PUBLIC]],
    ['https://[2606:4700::1111]/x', ['2606:4700::1111']],
  ])('can be %s', async (url, addresses) => {
    const found = await deployed(url);
    expect('addresses' in found && found.addresses.map(({ address }) => address)).toEqual(
      addresses,
    );
  });

  it.each([
    'http://hooks.example.com/x',
    'http://localhost/x',
    'http://127.0.0.1/x',
    'ftp://hooks.example.com/x',
    'file:///etc/passwd',
    'data:text/plain,x',
    'https://user@hooks.example.com/',
    'https://:secret@hooks.example.com/',
    'https://./x',
    'nowhere',
    '',
    // A host name, one of whose addresses is not public.
    'https://private.example.com/',
    'https://metadata.example.com/latest/meta-data',
    'https://last.example.com/',
    'https://first.example.com/',
    'https://mapped.example.com/',
    'https://nat64.example.com/',
    'https://odd.example.com/',
    'https://intranet/',
    // This machine and internal networks by name, known or not.
    'https://localhost/',
    'https://localhost./',
    'https://localhost../',
    'https://LOCALHOST:8080/',
    'https://app.localhost/',
    'https://metadata.google.internal/',
    'https://printer.local./',
    'https://nas.home.arpa/',
    // IPv4 in each spelling.
    'https://127.0.0.1/',
    'https://127.0.0.1./',
    'https://127.1/',
    'https://0x7f.1/',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://017700000001/',
    'https://0177.0.0.01/',
    'https://%31%32%37.0.0.1/',
    'https://①②⑦.0.0.1/',
    'https://127。0。0。1/',
    'https:\\\\127.0.0.1\\x',
    'https://0/',
    'https://10.1.2.3/',
    'https://0xA9FEA9FE/',
    'https://169.254.169.254/',
    'https://100.64.0.1/',
    'https://224.0.0.1/',
    // And IPv6.
    'https://[::]/',
    'https://[::1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::ffff:93.184.215.14]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/',
    'https://[ff02::1]/',
  ])('can not be %j', async (url) => {
    const found = await deployed(url);
    expect(found).toEqual({ problem: expect.stringMatching(/^must /) });
    expect(JSON.stringify(found)).not.toMatch(/secret|meta-data|passwd|10\.0/);
  });

  it.each(['https://unknown.example.com/', 'https://empty.example.com/'])(
    'leads nowhere yet: %s',
    async (url) => {
      expect(await deployed(url)).toMatchObject({ isUnresolved: true });
    },
  );

  it('is not waited for without end', async () => {
    const never = createFindTarget({ local: false, resolve: () => new Promise(() => undefined) });
    expect(await never('https://hooks.example.com/')).toMatchObject({ isUnresolved: true });
  });

  it('is looked up as the system does', async () => {
    // The one name that every machine knows; it would be refused without a look-up.
    const here = createFindTarget({ local: true, resolve: systemResolve });
    const found = await here('http://localhost:8080/');
    const addresses = 'addresses' in found ? found.addresses.map(({ address }) => address) : [];
    expect(addresses.length).toBeGreaterThan(0);
    expect(['127.0.0.1', '::1']).toEqual(expect.arrayContaining(addresses));
  });
});

describe('the URL of a webhook under a local runtime', () => {
  it.each([
    'http://localhost:8888/hook',
    'http://127.0.0.1:8080/hook',
    'http://0x7f.1/hook',
    'http://[::1]:8080/',
    'https://localhost/hook',
    'https://here.example.com/',
    'https://hooks.example.com/',
  ])('can be %s', async (url) => {
    expect(await local(url)).toHaveProperty('addresses');
  });

  it.each([
    'http://hooks.example.com/hook',
    'http://here.example.com/hook',
    'http://10.0.0.1/hook',
    'http://127.0.0.1.example.com/hook',
    'https://10.0.0.1/hook',
    'https://private.example.com/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/',
  ])('can not be %s', async (url) => {
    expect(await local(url)).toEqual({ problem: expect.stringMatching(/^must /) });
  });
});
