CREATE TABLE `cli_logins` (
	`session_id` text PRIMARY KEY NOT NULL,
	`encrypted_token` text NOT NULL,
	`public_key` text NOT NULL,
	`nonce` text NOT NULL,
	`failures` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `cli_logins_by_expiry` ON `cli_logins` (`expires_at`);