import { describe, expect, it } from '@jest/globals';
import { createHostCheck } from '@plumbline/primitives/host-check';
import { canonicalHost, isIpAddress, isLoopback } from '@plumbline/primitives/hosts';

describe('a host', () => {
  it.each([
    ['localhost'],
    ['LocalHost.'],
    ['localhost:9400'],
    ['gate.localhost'],
    ['127.0.0.1'],
    ['127.0.0.1:9400'],
    ['127.9.8.7'],
    ['127.1'],
    ['0177.0.0.1'],
    ['2130706433'],
    ['0x7f000001'],
    ['0x7f.1'],
    ['::1'],
    ['[::1]:9400'],
    ['0:0:0:0:0:0:0:1'],
    ['::ffff:127.0.0.1'],
    ['[::ffff:7f00:1]'],
  ])('%s is loopback', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each([
    ['0.0.0.0'],
    ['::'],
    ['128.0.0.1'],
    ['::ffff:10.0.0.1'],
    ['127.0.0.1.rebound.example'],
    ['localhost.example'],
    ['notlocalhost'],
    ['localhost@rebound.example'],
    ['rebound.example#127.0.0.1'],
    ['rebound.example\\@127.0.0.1'],
    ['127.0.0.1/rebound.example'],
    ['127.0.0.256'],
    [''],
    [':9400'],
  ])('%j is not loopback', (host) => {
    expect(isLoopback(host)).toBe(false);
  });

  it('has one written form', () => {
    expect(canonicalHost('Serve.:9400')).toBe('serve');
    expect(canonicalHost('0x0a.1')).toBe('10.0.0.1');
    expect(canonicalHost('FE80::1')).toBe('[fe80::1]');
    expect(canonicalHost('a b')).toBeNull();
    expect([isIpAddress('10.1'), isIpAddress('[2001:db8::1]:80'), isIpAddress('10.example')]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('the check of the Host header', () => {
  const statusOf = (listensOn: string, host: string | undefined, origin?: string, allowedHosts: string[] = []) =>
    createHostCheck({ listensOn, allowedHosts, setting: 'serve.allowed_hosts' })({
      ...(host !== undefined && { host }),
      ...(origin !== undefined && { origin }),
    })?.status ?? 200;

  it.each(['127.0.0.1', '127.1', 'localhost', '::1', '::ffff:127.0.0.1', '2130706433', '0.0.0.0', '::', '10.0.0.1'])(
    'on %s it answers loopback names and no foreign one',
    (listensOn) => {
      expect(statusOf(listensOn, 'localhost:9400')).toBe(200);
      expect(statusOf(listensOn, '[::1]:9400')).toBe(200);
      expect(statusOf(listensOn, 'rebound.example:9400')).toBe(421);
      expect(statusOf(listensOn, 'serve')).toBe(421);
      expect(statusOf(listensOn, undefined)).toBe(421);
    },
  );

  it('answers IP addresses only if it listens on more than loopback', () => {
    expect(statusOf('0.0.0.0', '172.18.0.4:9401')).toBe(200);
    expect(statusOf('0.0.0.0', '[fd00::4]')).toBe(200);
    expect(statusOf('127.0.0.1', '172.18.0.4:9401')).toBe(421);
  });

  it('answers the name it listens on, and the allowed ones, in any form', () => {
    expect(statusOf('plumbline.internal', 'Plumbline.Internal.:9400')).toBe(200);
    expect(statusOf('Plumbline.Internal.', 'plumbline.internal:9400')).toBe(200);
    expect(statusOf('0.0.0.0', 'SERVE:9400', undefined, ['serve'])).toBe(200);
    expect(statusOf('0.0.0.0', 'serve', undefined, ['Serve.'])).toBe(200);
    expect(statusOf('127.0.0.1', 'gate.example', undefined, ['gate.example'])).toBe(200);
    expect(statusOf('0.0.0.0', 'other', undefined, ['serve'])).toBe(421);
  });

  it('refuses a request from a page of another site', () => {
    expect(statusOf('127.0.0.1', '127.0.0.1:9300', 'http://127.0.0.1:9300')).toBe(200);
    expect(statusOf('127.0.0.1', '127.0.0.1:9300', 'http://localhost:3000')).toBe(200);
    expect(statusOf('127.0.0.1', '127.0.0.1:9300', 'https://evil.example')).toBe(403);
    expect(statusOf('127.0.0.1', '127.0.0.1:9300', 'null')).toBe(403);
  });
});
