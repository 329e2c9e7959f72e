import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Action, actions, standings } from '../../schema/roles.ts';
import { can } from '../../worker/policy.ts';

/** What each action is called in the guide. */
const words: Record<Action, string> = {
  'organization:read': 'see the organization',
  'organization:update': 'rename it, and say what Studio’s assistant may be told',
  'organization:delete': 'delete it',
  'organization:enforce-mfa': 'ask all members for a second factor',
  'members:read': 'see who is in it',
  'members:manage': 'invite, change and remove members',
  'owners:manage': 'make and unmake Owners',
  'audit:read': 'read the audit log',
  'projects:read': 'see projects',
  'projects:create': 'create projects',
  'projects:update': 'change, resize and upgrade projects',
  'projects:power': 'pause, restore and restart projects',
  'projects:delete': 'delete projects',
  'secrets:read': 'see API keys and secrets',
  'secrets:manage': 'change API keys and secrets',
  'sql:read': 'look at tables and settings of the database',
  'sql:write': 'run any SQL',
};

test('the guide’s table of roles is what the policy says', () => {
  const head = ['May', ...standings];
  const table = [
    head,
    head.map((_, column) => (column === 0 ? '---' : ':-:')),
    ...actions.map((action) => [words[action], ...standings.map((role) => (can(role, action) ? '✓' : ''))]),
  ];
  const lines = table.map((cells) => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |').replaceAll('|  |', '| |'));
  const guide = readFileSync(join(import.meta.dirname, '../../docs/teams.md'), 'utf8');
  expect(guide).toContain(lines.join('\n'));
});
