-- Create "users" table
CREATE TABLE `users` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `username` text NOT NULL,
  `email` text NOT NULL,
  `bio` text NULL,
  `is_active` bool NOT NULL DEFAULT true,
  `score` real NOT NULL DEFAULT 0,
  `created_at` datetime NOT NULL,
  `updated_at` datetime NOT NULL,
  CONSTRAINT `users_username_type` CHECK (typeof(`username`) IN ('text', 'null') AND length(`username`) <= 80),
  CONSTRAINT `users_email_type` CHECK (typeof(`email`) IN ('text', 'null') AND length(`email`) <= 120),
  CONSTRAINT `users_bio_type` CHECK (typeof(`bio`) IN ('text', 'null')),
  CONSTRAINT `users_is_active_type` CHECK (`is_active` IN (0, 1)),
  CONSTRAINT `users_score_type` CHECK (typeof(`score`) IN ('real', 'null') AND abs(`score`) < 9e999),
  CONSTRAINT `users_created_at_type` CHECK (datetime(substr(`created_at`, 1, 19)) IS substr(`created_at`, 1, 19) AND ltrim(substr(`created_at`, 20), '.0123456789') IN ('', '+00:00')),
  CONSTRAINT `users_updated_at_type` CHECK (datetime(substr(`updated_at`, 1, 19)) IS substr(`updated_at`, 1, 19) AND ltrim(substr(`updated_at`, 20), '.0123456789') IN ('', '+00:00'))
);
-- Create index "users_username" to table: "users"
CREATE UNIQUE INDEX `users_username` ON `users` (`username`);
-- Create index "users_email" to table: "users"
CREATE UNIQUE INDEX `users_email` ON `users` (`email`);
-- Create index "users_created_at" to table: "users"
CREATE INDEX `users_created_at` ON `users` (`created_at`, `id`);
-- Create "posts" table
CREATE TABLE `posts` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `title` text NOT NULL,
  `body` text NULL,
  `user_id` integer NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime NOT NULL,
  CONSTRAINT `posts_user_id` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON UPDATE NO ACTION ON DELETE CASCADE,
  CONSTRAINT `posts_title_type` CHECK (typeof(`title`) IN ('text', 'null') AND length(`title`) <= 200),
  CONSTRAINT `posts_body_type` CHECK (typeof(`body`) IN ('text', 'null')),
  CONSTRAINT `posts_user_id_type` CHECK (typeof(`user_id`) IN ('integer', 'null')),
  CONSTRAINT `posts_created_at_type` CHECK (datetime(substr(`created_at`, 1, 19)) IS substr(`created_at`, 1, 19) AND ltrim(substr(`created_at`, 20), '.0123456789') IN ('', '+00:00')),
  CONSTRAINT `posts_updated_at_type` CHECK (datetime(substr(`updated_at`, 1, 19)) IS substr(`updated_at`, 1, 19) AND ltrim(substr(`updated_at`, 20), '.0123456789') IN ('', '+00:00'))
);
-- Create index "posts_user_id" to table: "posts"
CREATE INDEX `posts_user_id` ON `posts` (`user_id`);
-- Create index "posts_user_id_created_at" to table: "posts"
CREATE INDEX `posts_user_id_created_at` ON `posts` (`user_id`, `created_at`, `id`);
-- Create index "posts_created_at" to table: "posts"
CREATE INDEX `posts_created_at` ON `posts` (`created_at`, `id`);
-- Create "notes" table
CREATE TABLE `notes` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `title` text NOT NULL,
  `content` text NOT NULL DEFAULT '',
  `created_at` datetime NOT NULL,
  `updated_at` datetime NOT NULL,
  CONSTRAINT `notes_title_type` CHECK (typeof(`title`) IN ('text', 'null') AND length(`title`) <= 200),
  CONSTRAINT `notes_content_type` CHECK (typeof(`content`) IN ('text', 'null')),
  CONSTRAINT `notes_created_at_type` CHECK (datetime(substr(`created_at`, 1, 19)) IS substr(`created_at`, 1, 19) AND ltrim(substr(`created_at`, 20), '.0123456789') IN ('', '+00:00')),
  CONSTRAINT `notes_updated_at_type` CHECK (datetime(substr(`updated_at`, 1, 19)) IS substr(`updated_at`, 1, 19) AND ltrim(substr(`updated_at`, 20), '.0123456789') IN ('', '+00:00'))
);
-- Create index "notes_created_at" to table: "notes"
CREATE INDEX `notes_created_at` ON `notes` (`created_at`, `id`);
-- Create "idempotency_keys" table
CREATE TABLE `idempotency_keys` (
  `id` text NOT NULL,
  `request` text NOT NULL,
  `owner` text NOT NULL,
  `answer` text NULL,
  `location` text NOT NULL,
  `created_at` datetime NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `idempotency_keys_id_type` CHECK (typeof(`id`) IN ('text', 'null') AND length(`id`) <= 64),
  CONSTRAINT `idempotency_keys_request_type` CHECK (typeof(`request`) IN ('text', 'null') AND length(`request`) <= 64),
  CONSTRAINT `idempotency_keys_owner_type` CHECK (typeof(`owner`) IN ('text', 'null') AND length(`owner`) <= 32),
  CONSTRAINT `idempotency_keys_answer_type` CHECK (typeof(`answer`) IN ('text', 'null')),
  CONSTRAINT `idempotency_keys_location_type` CHECK (typeof(`location`) IN ('text', 'null') AND length(`location`) <= 255),
  CONSTRAINT `idempotency_keys_created_at_type` CHECK (datetime(substr(`created_at`, 1, 19)) IS substr(`created_at`, 1, 19) AND ltrim(substr(`created_at`, 20), '.0123456789') IN ('', '+00:00'))
);
-- Create index "idempotency_keys_created_at" to table: "idempotency_keys"
CREATE INDEX `idempotency_keys_created_at` ON `idempotency_keys` (`created_at`);

-- slipway:down
-- DROP TABLE `users`;
-- DROP TABLE `posts`;
-- DROP TABLE `notes`;
-- DROP TABLE `idempotency_keys`;
