import { describe, expect, test } from 'vitest';
import { isPublic } from '../../../src/platform/egress.ts';

// IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), one of each block, its first and its last address.
describe('an address that nobody outside may make us call', () => {
  test.each([
    ['this network', '0.0.0.0', '0.255.255.255'],
    ['private', '10.0.0.0', '10.255.255.255'],
    ['shared (CGN)', '100.64.0.0', '100.127.255.255'],
    ['loopback', '127.0.0.1', '127.255.255.255'],
    ['link-local', '169.254.0.0', '169.254.255.255'],
    ['cloud metadata', '169.254.169.254', 'fd00:ec2::254'],
    ['private', '172.16.0.0', '172.31.255.255'],
    ['IETF protocol assignments', '192.0.0.0', '192.0.0.255'],
    ['documentation', '192.0.2.1', '198.51.100.1'],
    ['documentation', '203.0.113.1', '2001:db8::1'],
    ['6to4 relay', '192.88.99.1', '2002:7f00:1::'],
    ['private', '192.168.0.0', '192.168.255.255'],
    ['benchmarking', '198.18.0.0', '198.19.255.255'],
    ['multicast', '224.0.0.1', 'ff02::1'],
    ['reserved', '240.0.0.1', '255.255.255.255'],
    ['unspecified and loopback', '::', '::1'],
    ['IPv4-mapped', '::ffff:127.0.0.1', '::ffff:a00:1'],
    ['IPv4-compatible', '::127.0.0.1', '::10.0.0.1'],
    ['IPv4-translated', '::ffff:0:127.0.0.1', '64:ff9b::7f00:1'],
    ['local NAT64', '64:ff9b:1::1', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff'],
    ['discard only', '100::1', '100::ffff:ffff:ffff:ffff'],
    ['Teredo', '2001::1', '2001:0:ffff::1'],
    ['documentation (RFC 9637)', '3fff::1', '3fff:fff::1'],
    ['segment routing', '5f00::1', '5f00:ffff::1'],
    ['unique local', 'fc00::1', 'fdff::1'],
    ['link-local, with a zone', 'fe80::1', 'fe80::1%eth0'],
    ['site-local', 'fec0::1', 'feff::1'],
    ['no address at all', '', 'localhost'],
  ])('%s: %s and %s', (_, first, last) => {
    expect([isPublic(first), isPublic(last)]).toEqual([false, false]);
  });

  test.each(['1.1.1.1', '8.8.8.8', '203.162.4.190', '100.63.255.255', '100.128.0.0', '172.32.0.1', '2606:4700::1111'])(
    'while %s is public',
    (address) => {
      expect(isPublic(address)).toBe(true);
    },
  );
});
