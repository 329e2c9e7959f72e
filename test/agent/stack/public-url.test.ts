import { expect, it } from 'vitest';
import type { EdgeSettings } from '../../../agent/settings.ts';
import { publicUrl } from '../../../agent/stack/public-url.ts';

const names = (port: number, certificates: { kind: 'internal' } | null): EdgeSettings => ({
  kind: 'names',
  port,
  httpPort: null,
  certificates,
});

it.each<[EdgeSettings, string]>([
  [{ kind: 'ports', address: '192.0.2.7' }, 'http://192.0.2.7:20010'],
  [{ kind: 'ports', address: '2001:db8::7' }, 'http://[2001:db8::7]:20010'],
  // listening everywhere is not somewhere to go
  [{ kind: 'ports', address: '0.0.0.0' }, 'http://example.test:20010'],
  [{ kind: 'ports', address: '::' }, 'http://example.test:20010'],
  [names(443, { kind: 'internal' }), 'https://abc.example.test'],
  [names(8443, { kind: 'internal' }), 'https://abc.example.test:8443'],
  // plain HTTP behind something that ends TLS: clients see that
  [names(8080, null), 'https://abc.example.test'],
])('a project behind %j is reached at %s', (edge, url) => {
  expect(publicUrl('abc', 20_010, { edge, projectHost: 'example.test' })).toBe(url);
});
