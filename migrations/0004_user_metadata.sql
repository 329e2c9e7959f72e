ALTER TABLE `accounts` ADD `user_metadata` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
CREATE INDEX `accounts_unconfirmed_by_time` ON `accounts` (`created_at`) WHERE "accounts"."email_confirmed_at" is null;--> statement-breakpoint
CREATE INDEX `auth_codes_by_account` ON `auth_codes` (`account_id`);