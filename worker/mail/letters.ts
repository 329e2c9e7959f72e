import { type Letter, letter } from './letter.ts';

/** What is in a mail that asks for something: either of the two is enough. */
export type Proof = { link: string; code: string };

const notYou = 'If this was not you, do nothing: nothing changes unless the link is followed or the code is typed in.';

/** To an address that somebody signed up with. */
export function confirmSignUp(to: string, { link, code }: Proof): Letter {
  return letter(to, 'Confirm your account', [
    `Somebody signed up for an account with this address, ${to}.`,
    { link, label: 'Confirm the account' },
    { code },
    'The link and the code are good for 24 hours, for one use.',
    'If this was not you, do not confirm it: whoever signed up chose the password.',
  ]);
}

/** To an address that somebody signed up with although it has an account. */
export function alreadySignedUp(to: string): Letter {
  return letter(to, 'You have an account already', [
    `Somebody tried to sign up with this address, ${to}. It has an account already, and nothing was changed.`,
    'If this was you, sign in, or ask for a new password on the sign-in page if you do not have one any more.',
    'If this was not you, there is nothing to do.',
  ]);
}

/** To an account that somebody asked a new password for. */
export function resetPassword(to: string, { link, code }: Proof): Letter {
  return letter(to, 'Choose a new password', [
    `Somebody asked for a new password for the account ${to}.`,
    { link, label: 'Choose a new password' },
    { code },
    'The link and the code are good for one hour, for one use.',
    notYou,
  ]);
}

/** To somebody an operator made an account for. */
export function invitation(to: string, publicUrl: string, { link, code }: Proof): Letter {
  return letter(to, 'You are invited', [
    `An operator of ${publicUrl} made an account for this address, ${to}.`,
    { link, label: 'Accept, and sign in' },
    { code },
    'The link and the code are good for 24 hours, for one use. Choose a password once you are in.',
  ]);
}

/** To the address an account is to be changed to. */
export function confirmEmailChange(to: string, { link, code }: Proof): Letter {
  return letter(to, 'Confirm your new address', [
    `Somebody wants to use this address, ${to}, for their account.`,
    { link, label: 'Use this address' },
    { code },
    'The link and the code are good for one hour, for one use.',
    notYou,
  ]);
}

/** To the address an account has, when another one was asked for. */
export function emailChangeAsked(to: string, next: string): Letter {
  return letter(to, 'Your address is about to change', [
    `Somebody who is signed in to your account, ${to}, asked to change its address to ${next}.`,
    'It changes once that address is confirmed. If this was not you, sign in, change your password, which ends all other sessions, and tell an operator.',
  ]);
}

/** To the address an account had. */
export function emailChanged(to: string, next: string): Letter {
  return letter(to, 'Your address was changed', [
    `The address of your account was changed from ${to} to ${next}.`,
    'If this was not you, tell an operator at once.',
  ]);
}

/** To an account whose password is another one now. */
export function passwordChanged(to: string): Letter {
  return letter(to, 'Your password was changed', [
    `The password of your account, ${to}, was changed, and its other sessions were ended.`,
    'If this was not you, ask for a new password on the sign-in page at once, and tell an operator.',
  ]);
}
