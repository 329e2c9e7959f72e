export type User = {
  id: string;
  email: string;
  firstName: string;
  lastName: string;
  isOperator: boolean;
  createdAt: string;
  /** null: nobody proved yet that the address is theirs */
  emailConfirmedAt: string | null;
  lastSignInAt: string | null;
  disabledAt: string | null;
};

/** A user who was mailed a link; `link`: null when it was sent, otherwise what to pass on. */
export type MailedUser = { user: User; mail: 'sent' | 'failed' | 'not-configured'; link: string | null };

export type InviteUser = { email: string; isOperator?: boolean | undefined };

export type CreateUser = {
  email: string;
  password: string;
  firstName?: string | undefined;
  lastName?: string | undefined;
  isOperator?: boolean | undefined;
};
