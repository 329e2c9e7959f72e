import { sql } from 'drizzle-orm';
import { accounts } from '../../schema/tables/accounts.ts';

/** An account as far as it leaves the store; its password hash leaves it for signing in only. */
export const accountFields = {
  id: accounts.id,
  number: accounts.number,
  email: accounts.email,
  username: accounts.username,
  firstName: accounts.firstName,
  lastName: accounts.lastName,
  isOperator: accounts.isOperator,
  createdAt: accounts.createdAt,
  emailConfirmedAt: accounts.emailConfirmedAt,
  lastSignInAt: accounts.lastSignInAt,
  disabledAt: accounts.disabledAt,
};

/**
 * With what its user is told of ways to sign in, as JSON: `EmailChange`, arrays of `Factor` and `Identity`
 * (accounts/ways-in.ts). The SQL names its table: the builder leaves that out where nothing is joined, and `id` would then
 * be the inner row's.
 */
export const userFields = {
  ...accountFields,
  userMetadata: accounts.userMetadata,
  hasPassword: sql<number>`${accounts.passwordHash} is not null`.as('has_password'),
  emailChange: sql<string | null>`(
    select json_object('email', email, 'sentAt', created_at)
    from one_time_tokens where account_id = accounts.id and kind = 'email_change')`.as('email_change'),
  factors: sql<string>`(
    select json_group_array(json_object('id', id, 'friendlyName', friendly_name, 'status', status,
                                        'createdAt', created_at, 'updatedAt', updated_at))
    from (select * from mfa_factors where account_id = accounts.id order by created_at))`.as('factors'),
  identities: sql<string>`(
    select json_group_array(json_object('id', id, 'provider', provider, 'subject', subject, 'email', email,
                                        'data', json(data), 'createdAt', created_at, 'lastSignInAt', last_sign_in_at))
    from (select * from identities where account_id = accounts.id order by created_at))`.as('identities'),
};
