CREATE TABLE `access_token_resources` (
	`token_id` integer NOT NULL,
	`organization_id` integer NOT NULL,
	`ref` text DEFAULT '' NOT NULL,
	PRIMARY KEY(`token_id`, `organization_id`, `ref`),
	FOREIGN KEY (`token_id`) REFERENCES `access_tokens`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `access_token_resources_by_organization` ON `access_token_resources` (`organization_id`);--> statement-breakpoint
CREATE TABLE `audit_heads` (
	`organization_id` integer PRIMARY KEY NOT NULL,
	`sequence` integer NOT NULL,
	`hash` text NOT NULL,
	`seal` text NOT NULL,
	`anchor_sequence` integer DEFAULT 0 NOT NULL,
	`anchor_hash` text DEFAULT '' NOT NULL,
	`anchor_seal` text DEFAULT '' NOT NULL
);
--> statement-breakpoint
CREATE TABLE `notifications` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`name` text NOT NULL,
	`priority` text NOT NULL,
	`status` text DEFAULT 'new' NOT NULL,
	`organization_slug` text,
	`project_ref` text,
	`data` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `notifications_by_account` ON `notifications` (`account_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `notifications_by_time` ON `notifications` (`created_at`);--> statement-breakpoint
CREATE TABLE `invitations` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`organization_id` integer NOT NULL,
	`email` text NOT NULL,
	`role` text NOT NULL,
	`refs` text DEFAULT '[]' NOT NULL,
	`token_hash` text NOT NULL,
	`invited_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`organization_id`) REFERENCES `organizations`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `invitations_token_hash_unique` ON `invitations` (`token_hash`);--> statement-breakpoint
CREATE UNIQUE INDEX `invitations_by_address` ON `invitations` (`organization_id`,`email`);--> statement-breakpoint
CREATE INDEX `invitations_by_email` ON `invitations` (`email`);--> statement-breakpoint
CREATE INDEX `invitations_by_expiry` ON `invitations` (`expires_at`);--> statement-breakpoint
CREATE TABLE `project_roles` (
	`account_id` text NOT NULL,
	`organization_id` integer NOT NULL,
	`ref` text NOT NULL,
	`role` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`account_id`, `ref`),
	FOREIGN KEY (`account_id`,`organization_id`) REFERENCES `memberships`(`account_id`,`organization_id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `project_roles_by_organization` ON `project_roles` (`organization_id`,`account_id`);--> statement-breakpoint
CREATE INDEX `project_roles_by_project` ON `project_roles` (`ref`);--> statement-breakpoint
CREATE TABLE `auth_codes` (
	`hash` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`method` text NOT NULL,
	`code_challenge` text NOT NULL,
	`code_challenge_method` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `auth_codes_by_expiry` ON `auth_codes` (`expires_at`);--> statement-breakpoint
CREATE TABLE `identities` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`provider` text NOT NULL,
	`subject` text NOT NULL,
	`email` text,
	`data` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_sign_in_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `identities_by_subject` ON `identities` (`provider`,`subject`);--> statement-breakpoint
CREATE INDEX `identities_by_account` ON `identities` (`account_id`);--> statement-breakpoint
CREATE TABLE `mfa_challenges` (
	`id` text PRIMARY KEY NOT NULL,
	`factor_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`factor_id`) REFERENCES `mfa_factors`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `mfa_challenges_by_factor` ON `mfa_challenges` (`factor_id`);--> statement-breakpoint
CREATE INDEX `mfa_challenges_by_expiry` ON `mfa_challenges` (`expires_at`);--> statement-breakpoint
CREATE TABLE `mfa_factors` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`friendly_name` text NOT NULL,
	`status` text NOT NULL,
	`secret` text NOT NULL,
	`last_step` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `mfa_factors_by_account` ON `mfa_factors` (`account_id`);--> statement-breakpoint
CREATE TABLE `oauth_flows` (
	`hash` text PRIMARY KEY NOT NULL,
	`provider` text NOT NULL,
	`verifier` text NOT NULL,
	`nonce` text NOT NULL,
	`redirect_to` text NOT NULL,
	`code_challenge` text,
	`code_challenge_method` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `oauth_flows_by_expiry` ON `oauth_flows` (`expires_at`);--> statement-breakpoint
CREATE TABLE `one_time_tokens` (
	`hash` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`kind` text NOT NULL,
	`email` text NOT NULL,
	`code_hash` text NOT NULL,
	`code_failures` integer DEFAULT 0 NOT NULL,
	`code_challenge` text,
	`code_challenge_method` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `one_time_tokens_by_account` ON `one_time_tokens` (`account_id`,`kind`);--> statement-breakpoint
CREATE INDEX `one_time_tokens_by_email` ON `one_time_tokens` (`email`);--> statement-breakpoint
CREATE INDEX `one_time_tokens_by_expiry` ON `one_time_tokens` (`expires_at`);--> statement-breakpoint
CREATE TABLE `rate_limits` (
	`key` text PRIMARY KEY NOT NULL,
	`hits` integer NOT NULL,
	`until` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `rate_limits_by_expiry` ON `rate_limits` (`expires_at`);--> statement-breakpoint
DROP INDEX `memberships_by_organization`;--> statement-breakpoint
CREATE INDEX `memberships_by_organization` ON `memberships` (`organization_id`,`account_id`);--> statement-breakpoint
ALTER TABLE `access_tokens` ADD `permissions` text;--> statement-breakpoint
ALTER TABLE `access_tokens` ADD `is_limited` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `method` text DEFAULT 'password' NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `factor_verified_at` integer;--> statement-breakpoint
ALTER TABLE `audit_entries` ADD `route` text;--> statement-breakpoint
ALTER TABLE `audit_entries` ADD `credential` text;--> statement-breakpoint
ALTER TABLE `audit_entries` ADD `sequence` integer;--> statement-breakpoint
ALTER TABLE `audit_entries` ADD `hash` text;--> statement-breakpoint
ALTER TABLE `audit_entries` ADD `seal` text;--> statement-breakpoint
CREATE INDEX `audit_entries_by_actor` ON `audit_entries` (`actor_id`,`id`);--> statement-breakpoint
CREATE INDEX `audit_entries_by_action` ON `audit_entries` (`organization_id`,`action`,`id`);--> statement-breakpoint
CREATE INDEX `audit_entries_by_target` ON `audit_entries` (`organization_id`,`target`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `audit_entries_by_sequence` ON `audit_entries` (`organization_id`,`sequence`) WHERE "audit_entries"."sequence" is not null;--> statement-breakpoint
ALTER TABLE `organizations` ADD `requires_mfa` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `organizations` ADD `opt_in_tags` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `organizations` ADD `project_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE `organizations` SET `project_count` = (SELECT count(*) FROM `projects` WHERE `projects`.`organization_id` = `organizations`.`id`);--> statement-breakpoint
CREATE TRIGGER `projects_counted_in` AFTER INSERT ON `projects` BEGIN
	UPDATE `organizations` SET `project_count` = `project_count` + 1 WHERE `id` = new.`organization_id`;
END;--> statement-breakpoint
CREATE TRIGGER `projects_counted_out` AFTER DELETE ON `projects` BEGIN
	UPDATE `organizations` SET `project_count` = `project_count` - 1 WHERE `id` = old.`organization_id`;
	DELETE FROM `project_roles` WHERE `ref` = old.`ref`;
	DELETE FROM `access_token_resources` WHERE `organization_id` = old.`organization_id` AND `ref` = old.`ref`;
END;--> statement-breakpoint
CREATE TRIGGER `projects_counted_over` AFTER UPDATE OF `organization_id` ON `projects` WHEN old.`organization_id` <> new.`organization_id` BEGIN
	UPDATE `organizations` SET `project_count` = `project_count` - 1 WHERE `id` = old.`organization_id`;
	UPDATE `organizations` SET `project_count` = `project_count` + 1 WHERE `id` = new.`organization_id`;
	DELETE FROM `project_roles` WHERE `ref` = old.`ref`;
	DELETE FROM `access_token_resources` WHERE `organization_id` = old.`organization_id` AND `ref` = old.`ref`;
END;--> statement-breakpoint
CREATE TRIGGER `memberships_end_tokens` AFTER DELETE ON `memberships` BEGIN
	DELETE FROM `access_token_resources` WHERE `organization_id` = old.`organization_id`
		AND `token_id` IN (SELECT `id` FROM `access_tokens` WHERE `account_id` = old.`account_id`);
	DELETE FROM `project_roles` WHERE `account_id` = old.`account_id` AND `organization_id` = old.`organization_id`;
END;--> statement-breakpoint
CREATE TRIGGER `access_tokens_end_with_their_reach` AFTER DELETE ON `access_token_resources` BEGIN
	DELETE FROM `access_tokens` WHERE `id` = old.`token_id` AND `is_limited` = 1
		AND NOT EXISTS (SELECT 1 FROM `access_token_resources` WHERE `token_id` = old.`token_id`);
END;--> statement-breakpoint
CREATE TRIGGER `audit_entries_move_the_head` AFTER INSERT ON `audit_entries` WHEN new.`sequence` IS NOT NULL BEGIN
	INSERT INTO `audit_heads` (`organization_id`, `sequence`, `hash`, `seal`)
	VALUES (new.`organization_id`, new.`sequence`, new.`hash`, new.`seal`)
	ON CONFLICT (`organization_id`) DO UPDATE SET
		`sequence` = excluded.`sequence`, `hash` = excluded.`hash`, `seal` = excluded.`seal`;
END;
