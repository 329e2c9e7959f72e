/** The database's owner may set any of these for every session of it; the agent's must neither fail nor act as another role. */
const ownSettings = [
  'search_path=',
  'role=none',
  'local_preload_libraries=',
  'standard_conforming_strings=on',
  'default_transaction_read_only=off',
  'default_table_access_method=heap',
  'default_tablespace=',
  'statement_timeout=0',
  'transaction_timeout=0',
  'idle_in_transaction_session_timeout=0',
];

/** The `options` of a connection that the agent opens. */
export const sessionOptions = ownSettings.map((setting) => `-c ${setting}`).join(' ');
