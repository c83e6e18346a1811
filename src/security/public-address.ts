import { BlockList, isIP } from 'node:net';

const IPV4 = 'ipv4';
const IPV6 = 'ipv6';

/**
 * IPv4 ranges that no service on the internet uses. Source: IANA's registry of special-purpose
 * addresses; they include the metadata services of AWS, Google and Oracle.
 */
const NOT_PUBLIC_IPV4 = listOf(IPV4, [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10', // CGNAT, and Alibaba's metadata
  '127.0.0.0/8',
  '168.63.129.16/32', // Azure's own, although it looks public
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]);

/**
 * The only IPv6 range that is assigned to services on the internet. Outside it are loopback,
 * link-local, unique-local, multicast, IPv4-mapped and NAT64 addresses.
 */
const GLOBAL_IPV6 = listOf(IPV6, ['2000::/3']);

/** Exceptions within that range, among them ranges that embed an IPv4 address (Teredo, 6to4). */
const NOT_PUBLIC_IPV6 = listOf(IPV6, ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

const LOOPBACK_IPV4 = listOf(IPV4, ['127.0.0.0/8']);
const LOOPBACK_IPV6 = listOf(IPV6, ['::1/128']);

/**
 * Whether a service on the internet can have this address. False for a text that is not an address, and
 * for one with a zone, which names a network interface of this machine.
 */
export function isPublicAddress(address: string): boolean {
  if (address.includes('%')) return false;
  switch (isIP(address)) {
    case 4:
      return !NOT_PUBLIC_IPV4.check(address, IPV4);
    case 6:
      return GLOBAL_IPV6.check(address, IPV6) && !NOT_PUBLIC_IPV6.check(address, IPV6);
    default:
      return false;
  }
}

/** Whether it is a loopback address; an IPv4-mapped one does not count. */
export function isLoopbackAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return LOOPBACK_IPV4.check(address, IPV4);
    case 6:
      return LOOPBACK_IPV6.check(address, IPV6);
    default:
      return false;
  }
}

function listOf(family: typeof IPV4 | typeof IPV6, networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}
