/** Of a row of `hosts`: it is to be marked lost, because its last report is older than the value bound. */
export const isSilent = 'lost_at is null and revoked_at is null and coalesce(reported_at, enrolled_at) < ?';
