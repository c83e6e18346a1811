import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isLoopback } from '../config/loopback.js';
import { networkReason } from '../errors/network-reason.js';
import { isLoopbackAddress, isPublicAddress } from '../security/public-address.js';

/** All addresses of a host name. @throws Error with Node's code, e.g. ENOTFOUND */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export const systemResolve: Resolve = (hostname) => lookup(hostname, { all: true });

/** A look-up can't be broken off, only left alone. */
const LOOKUP_MS = 3_000;

interface TargetRules {
  /** A local runtime: this machine, too, may receive webhooks, also without TLS. */
  readonly local: boolean;
  readonly resolve: Resolve;
}

/** Where a webhook may be sent, or why not. */
export type Target =
  | {
      readonly url: URL;
      /** At least one; a connection may go to these and to no other. */
      readonly addresses: readonly [LookupAddress, ...LookupAddress[]];
    }
  | {
      /** What is wrong with the URL, to follow words that name it; without its text. */
      readonly problem: string;
      /** The host name has no address, which may be over later. */
      readonly isUnresolved?: true;
    };

export type FindTarget = (url: string) => Promise<Target>;

/** Names that can mean only this machine or an internal network. */
const INTERNAL_NAME = /(^|\.)(localhost|internal|local|home\.arpa)$/;

/**
 * Looks up and checks where a webhook's URL leads, within 3 s. Never throws. It is to be asked again
 * for each connection, since a host name may lead elsewhere later.
 */
export function createFindTarget({ local, resolve }: TargetRules): FindTarget {
  const mayReceive = (address: string) =>
    isPublicAddress(address) || (local && isLoopbackAddress(address));

  return async (text) => {
    if (!URL.canParse(text)) return { problem: 'must be a URL' };
    // The parser knows the spellings of an IPv4 address: 0x7f.1, 2130706433, 127.0.0.1.
    const url = new URL(text);
    const isHere = local && isLoopback(url.hostname);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHere)) {
      return { problem: `must be https${local ? '; http goes to this machine only' : ''}` };
    }
    if (url.username !== '' || url.password !== '') {
      return { problem: 'must be without user and password' };
    }
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const name = host.replace(/\.+$/, '');
    if (name === '') return { problem: 'must name a host' };
    if (INTERNAL_NAME.test(name) && !isHere) return { problem: NOT_PUBLIC };
    const found = await addressesOf(host, resolve);
    if ('problem' in found) return found;
    const [first, ...others] = found;
    if (!first) return { problem: 'has a host name without addresses', isUnresolved: true };
    if (!found.every(({ address }) => mayReceive(address))) return { problem: NOT_PUBLIC };
    if (url.protocol === 'http:' && !found.every(({ address }) => isLoopbackAddress(address))) {
      return { problem: 'must be https; http goes to this machine only' };
    }
    return { url, addresses: [first, ...others] };
  };
}

const NOT_PUBLIC = 'must lead to public addresses only';

async function addressesOf(host: string, resolve: Resolve) {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  const notFound = (reason: string) =>
    ({ problem: `has a host that cannot be found: ${reason}`, isUnresolved: true }) as const;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ReturnType<typeof notFound>>((settle) => {
    const reason = `the look-up had not ended after ${LOOKUP_MS / 1000} s`;
    timer = setTimeout(() => settle(notFound(reason)), LOOKUP_MS);
  });
  try {
    return await Promise.race([resolve(host), late]);
  } catch (error) {
    return notFound(networkReason(error).reason);
  } finally {
    clearTimeout(timer);
  }
}
