import { beforeAll, describe, expect, test } from 'vitest';
import { agentHeaders, protocolVersion } from '../../../schema/agent-protocol.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { createPerson } from '../../support/people.ts';
import { createAgent, type TestAgent } from '../../support/test-agent.ts';

const served = [protocolVersion - 2, protocolVersion - 1, protocolVersion].filter((version) => version > 0);

describe('a control plane and agents of several versions', () => {
  let t: TestApp;
  let agent: TestAgent;

  beforeAll(async () => {
    t = await createTestApp();
    agent = await createAgent(t, await createPerson(t, { isOperator: true }));
  });

  test('says which versions it serves in every answer, to strangers as well', async () => {
    const stranger = await t.app.request('/agent/v1/desired', {
      headers: { [agentHeaders.version]: String(protocolVersion) },
    });
    expect(stranger.status).toBe(401);
    for (const response of [stranger, await agent.desired(), await agent.report({})]) {
      expect(response.headers.get(agentHeaders.served)).toBe(served.join(' '));
    }
  });

  test.each(served)('version %i is served', async (version) => {
    const response = await agent.desired(undefined, { headers: { [agentHeaders.version]: String(version) } });
    expect(response.status).toBe(200);
  });

  test.each([String(protocolVersion + 1), '0', '', 'two', String(protocolVersion - 3)])(
    'version "%s" is refused before anything is looked up, with what to install',
    async (version) => {
      t.roundTrips.reset();
      const response = await agent.desired(undefined, { headers: { [agentHeaders.version]: version } });
      expect(response.status).toBe(426);
      expect(await response.json()).toMatchObject({ code: 'agent_version_unsupported', newest: protocolVersion });
      expect(response.headers.get(agentHeaders.served)).toBe(served.join(' '));
      expect(t.roundTrips.count).toBe(0);
    },
  );
});
