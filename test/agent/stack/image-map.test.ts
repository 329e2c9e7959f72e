import { describe, expect, it } from 'vitest';
import { type ImageMap, parseImageMap, resolveImage, strayEntries } from '../../../agent/stack/image-map.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const upstream = 'supabase/gotrue:v2.196.0';

describe('an image', () => {
  it.each<[string, ImageMap, string]>([
    ["is upstream's without a map", { images: {} }, upstream],
    [
      'gets the registry in front',
      { registry: 'r.example.com:5000/m', images: {} },
      `r.example.com:5000/m/${upstream}`,
    ],
    ['is replaced by its full name', { images: { [upstream]: 'x/auth:1' } }, 'x/auth:1'],
    ['is replaced by its name, tag kept', { images: { 'supabase/gotrue': 'x/auth' } }, 'x/auth:v2.196.0'],
    ['is replaced by its name, tag given', { images: { 'supabase/gotrue': 'x/auth:1' } }, 'x/auth:1'],
    ['is replaced by its service', { images: { auth: 'x/auth:1' } }, 'x/auth:1'],
    ['is replaced by a digest', { images: { auth: `x/auth@${digest}` } }, `x/auth@${digest}`],
    ['keeps out of the registry when it is replaced', { registry: 'r.io', images: { auth: 'x/auth:1' } }, 'x/auth:1'],
    [
      'is what the narrowest entry says',
      { images: { auth: 'service:1', 'supabase/gotrue': 'name:1', [upstream]: 'full:1' } },
      'full:1',
    ],
    ['stays as it is when others are replaced', { images: { rest: 'x/rest:1', 'supabase/go': 'y:1' } }, upstream],
  ])('%s', (_case, map, expected) => {
    expect(resolveImage(map, 'auth', upstream)).toBe(expected);
  });

  it('is refused when a map that nobody parsed makes it something else', () => {
    expect(() => resolveImage({ images: { auth: '--privileged' } }, 'auth', upstream)).toThrow(/not an image name/);
  });
});

describe('an image map', () => {
  it('is read from JSON', () => {
    const text = JSON.stringify({ registry: 'localhost:5000', images: { edge: 'caddy:2' } });
    expect(parseImageMap(text)).toEqual({ registry: 'localhost:5000', images: { edge: 'caddy:2' } });
    expect(parseImageMap('{}')).toEqual({ images: {} });
  });

  it.each([
    ['', /not JSON/],
    ['[]', /does not fit/],
    ['{"image": {}}', /does not fit/],
    ['{"images": {"db": 7}}', /does not fit: images\.db/],
    ['{"images": {"db": ""}}', /turns "db" into ""/],
    ['{"images": {"": "x:1"}}', /names no image/],
  ])('is refused in words when it reads %s', (text, words) => {
    expect(() => parseImageMap(text)).toThrow(words);
  });

  it.each([
    'x:1\n    privileged: true',
    `\${IMAGE}`,
    '$IMAGE',
    ' x:1',
    'x:1 ',
    'x y:1',
    '-v',
    '--privileged',
    'Upper/Case:1',
    'x:',
    'x@sha256:short',
    'x@',
    'https://r.example.com/x:1',
    'r.example.com/../x:1',
    'a//b',
    'x:1:2',
    `x:${'t'.repeat(129)}`,
    '"x"',
    '{}',
    '#x',
    'é:1',
  ])('refuses %j as an image', (image) => {
    expect(() => parseImageMap(JSON.stringify({ images: { db: image } }))).toThrow(/not an image name/);
  });

  it.each([
    'R.example.com/Upper',
    'https://r.example.com',
    'r.example.com/',
    `\${R}`,
    'a b',
    '',
    '-r',
    'r\n.example.com',
  ])('refuses %j as a registry', (registry) => {
    expect(() => parseImageMap(JSON.stringify({ registry }))).toThrow(/registry .* is not a host/);
  });
});

it('an entry that replaces nothing is known, so that a typing error does not pass for a mirror', () => {
  const images = {
    db: 'a/b',
    'supabase/postgres': 'a/b',
    'postgrest/postgrest:v14.17': 'a/b',
    edge: 'a/b',
    meta: 'a/b',
  };
  expect(strayEntries({ images })).toEqual([]);
  expect(strayEntries({ images: { ...images, dbb: 'a/b', 'supabase/gotru': 'a/b' } })).toEqual([
    'dbb',
    'supabase/gotru',
  ]);
});
