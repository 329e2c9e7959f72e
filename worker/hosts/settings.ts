/** How often agents speak and when silence means something. All in milliseconds. */
export type ReportSettings = {
  pollIntervalMs: number;
  /** a healthy project's last proof may be this old */
  verifiedWithinMs: number;
  /** a host that reported nothing for this long is lost: its projects' state is unknown */
  lostAfterMs: number;
};

export const defaultReportSettings: ReportSettings = {
  pollIntervalMs: 1_000,
  verifiedWithinMs: 30_000,
  lostAfterMs: 60_000,
};
