ALTER TABLE `observations` ADD `drift` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `observations` ADD `drift_sequence` integer;--> statement-breakpoint
ALTER TABLE `projects` ADD `release` text DEFAULT '2026.09' NOT NULL;--> statement-breakpoint
ALTER TABLE `projects` ADD `profile` text DEFAULT 'standard' NOT NULL;