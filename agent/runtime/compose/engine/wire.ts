import { z } from 'zod';

/** The few members of the engine's answers that are read. */
const labelled = z
  .record(z.string(), z.string())
  .nullish()
  .transform((labels) => labels ?? {});

export const containerList = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()).nullish(),
    Image: z.string(),
    Labels: labelled,
    /** created, running, paused, restarting, removing, exited, dead */
    State: z.string(),
    /** for people: "Up 3 minutes (healthy)" */
    Status: z.string(),
    NetworkSettings: z
      .object({ Networks: z.record(z.string(), z.object({ IPAddress: z.string().optional() }).nullable()).nullish() })
      .nullish(),
  }),
);

export const networkList = z.array(z.object({ Id: z.string(), Name: z.string(), Labels: labelled }));

export const volumeList = z.object({
  Volumes: z.array(z.object({ Name: z.string(), Labels: labelled })).nullish(),
});

export const engineVersion = z.object({
  Version: z.string(),
  ApiVersion: z.string(),
  Os: z.string().optional(),
  Arch: z.string().optional(),
});

/** What went wrong, in every answer that is no success. */
export const engineProblem = z.object({ message: z.string() });

export const engineEvent = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({ ID: z.string().optional(), Attributes: z.record(z.string(), z.string()).optional() }).optional(),
});

export const containerState = z.object({
  State: z.object({
    Status: z.string(),
    ExitCode: z.number(),
    OOMKilled: z.boolean().optional(),
    Health: z
      .object({ Status: z.string(), Log: z.array(z.object({ ExitCode: z.number(), Output: z.string() })).nullish() })
      .nullish(),
  }),
});
