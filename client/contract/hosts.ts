export type Host = {
  id: string;
  name: string;
  region: string;
  /** `waiting`: enrolled, not heard of yet; `lost`: silent, so the state of its projects is unknown */
  state: 'reporting' | 'waiting' | 'lost' | 'revoked';
  /** gets no new projects */
  cordoned: boolean;
  runtime: 'embedded' | 'compose';
  agentVersion: string;
  projectHost: string;
  frontDoor: { host: string; port: number } | null;
  ports: { first: number; last: number };
  projectCount: number;
  /** refs of stacks found there that are no projects of this host; never touched */
  strangers: string[];
  enrolledAt: string;
  reportedAt: string | null;
  revokedAt: string | null;
};
