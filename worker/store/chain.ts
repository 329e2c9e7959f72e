import { type ChainedContents, type ChainHead, genesis, headText, nextHead } from '../../schema/audit-chain.ts';
import { AppError } from '../errors.ts';
import type { Sendable, SendBatch, Statement } from './db.ts';

/** The seal over a head; `organization` is its id, or its slug while it has none. */
export type SealHead = (organization: number | string, head: ChainHead) => Promise<string>;

export type ChainOptions = { sealHead: SealHead; random: { bytes(length: number): Uint8Array<ArrayBuffer> } };

/** How an entry is tied to the one before it, when it is sent. */
export type Link = { previous: ChainHead; next: ChainHead; seal: string };

/** What makes the statement of an audit row one that is chained: how its values are bound is known once it is sent. */
export type ChainedEntry = {
  /** its id, or its slug when the same batch makes it */
  organization: number | string;
  contents: ChainedContents;
  bind(link: Link): Sendable['args'];
};

export type Chains = {
  /** what a loader saw on its way, so that a change needs no round trip to ask for it; null: no chain yet */
  remember(organizationId: number, head: ChainHead | null): void;
  write(statements: readonly Statement<unknown>[]): ReturnType<SendBatch>;
};

/** about 200 bytes each */
const mostRemembered = 10_000;
const mostTries = 10;

/**
 * Chains of audit entries. Their links are computed before the batch that writes them, on top of the head that was last
 * seen; the insert itself makes sure that this is still the head and breaks the whole batch otherwise. Then nothing was
 * done, and it is tried again on top of the head that is there now.
 */
export function createChains({ sealHead, random }: ChainOptions, send: SendBatch): Chains {
  const heads = new Map<number, ChainHead>();

  function remember(organizationId: number, head: ChainHead | null): void {
    heads.delete(organizationId);
    heads.set(organizationId, head ?? genesis);
    const oldest = heads.size > mostRemembered ? heads.keys().next().value : undefined;
    if (oldest !== undefined) heads.delete(oldest);
  }

  async function readMissing(ids: Set<number>): Promise<void> {
    const missing = [...ids].filter((id) => !heads.has(id));
    if (missing.length === 0) return;
    const sql = `select organization_id, sequence, hash from audit_heads
                 where organization_id in (select value from json_each(?))`;
    const [found] = await send([{ sql, args: [JSON.stringify(missing)] }], 'read');
    for (const id of missing) remember(id, genesis);
    for (const row of found?.rows ?? []) {
      remember(Number(row[0]), { sequence: Number(row[1]), hash: String(row[2]) });
    }
  }

  /** A link for each chained statement: several of one organization number up. */
  async function linksOf(statements: readonly Statement<unknown>[]): Promise<(Link | null)[]> {
    const reached = new Map<number | string, ChainHead>();
    const links: (Link | null)[] = [];
    for (const { chained } of statements) {
      if (chained === undefined) {
        links.push(null);
        continue;
      }
      const { organization, contents } = chained;
      const known = typeof organization === 'number' ? heads.get(organization) : undefined;
      const previous = reached.get(organization) ?? known ?? genesis;
      const next = await nextHead(previous, contents);
      reached.set(organization, next);
      links.push({ previous, next, seal: await sealHead(organization, next) });
    }
    return links;
  }

  return {
    remember,
    async write(statements) {
      const ids = new Set(statements.flatMap(({ chained }) => idsOf(chained)));
      for (let tries = 1; ; tries += 1) {
        await readMissing(ids);
        const links = await linksOf(statements);
        try {
          const sets = await send([...linked(statements, links), ...unsealing(statements, links)], 'write');
          statements.forEach(({ chained }, index) => {
            const [id] = idsOf(chained);
            const link = links[index];
            // an entry behind a change that did not happen is not there, and the head is where it was
            if (id !== undefined && link && sets[index]?.rowsAffected === 1) remember(id, link.next);
          });
          return sets.slice(0, statements.length);
        } catch (error) {
          for (const id of ids) heads.delete(id);
          if (!isOutrun(error)) throw error;
          if (tries === mostTries) throw outrun(error);
        }
        await pause(tries, random);
      }
    },
  };
}

function idsOf(chained: ChainedEntry | undefined): number[] {
  return typeof chained?.organization === 'number' ? [chained.organization] : [];
}

function linked(statements: readonly Statement<unknown>[], links: (Link | null)[]): Sendable[] {
  return statements.map(({ sql, args, chained }, index) => {
    const link = links[index];
    return { sql, args: chained !== undefined && link ? chained.bind(link) : args };
  });
}

/**
 * Takes the seals off the entries that were the head until now. With them whoever has the database could put an earlier
 * head in place and cut what came after it.
 */
function unsealing(statements: readonly Statement<unknown>[], links: (Link | null)[]): Sendable[] {
  return statements.flatMap(({ chained }, index) => {
    const sequence = links[index]?.previous.sequence ?? 0;
    if (sequence === 0) return [];
    return idsOf(chained).map((id) => ({
      sql: `update audit_entries set seal = null where organization_id = ? and sequence = ?
              and sequence < (select sequence from audit_heads where organization_id = ?)`,
      args: [id, sequence, id],
    }));
  });
}

/** Somebody else added an entry to the chain: the insert finds another head than the one it was made for. */
function isOutrun(error: unknown): boolean {
  return (
    error instanceof Error &&
    /NOT NULL constraint failed: audit_entries\.details|UNIQUE constraint failed: audit_entries\.organization_id, audit_entries\.sequence/.test(
      error.message,
    )
  );
}

function outrun(cause: unknown): AppError {
  return new AppError('overloaded', 'Too many changes of this organization at the same time; try again', {
    cause,
    retryAfterSeconds: 1,
  });
}

/** Longer with every try and never alike for two: who waits the same time meets again. */
function pause(tries: number, random: ChainOptions['random']): Promise<void> {
  const [chance = 0] = random.bytes(1);
  return new Promise((resolve) => setTimeout(resolve, (chance / 255) * Math.min(15 * 2 ** tries, 500)));
}

/** What an insert of the entry finds, or its batch breaks. */
export function expectedHead(previous: ChainHead): string {
  return previous.sequence === 0 ? '' : headText(previous);
}
