-- Create "users" table
CREATE TABLE `users` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `username` varchar NOT NULL,
  `email` varchar NOT NULL,
  `bio` text NULL,
  `is_active` bool NOT NULL DEFAULT true,
  `score` real NOT NULL DEFAULT 0,
  `created_at` datetime NOT NULL,
  `updated_at` datetime NOT NULL
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
  `title` varchar NOT NULL,
  `body` text NULL,
  `user_id` integer NOT NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime NOT NULL,
  CONSTRAINT `posts_user_id` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON UPDATE NO ACTION ON DELETE CASCADE
);
-- Create index "posts_user_id_created_at" to table: "posts"
CREATE INDEX `posts_user_id_created_at` ON `posts` (`user_id`, `created_at`, `id`);
-- Create index "posts_created_at" to table: "posts"
CREATE INDEX `posts_created_at` ON `posts` (`created_at`, `id`);
-- Create "notes" table
CREATE TABLE `notes` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `title` varchar NOT NULL,
  `content` text NOT NULL DEFAULT (''),
  `created_at` datetime NOT NULL,
  `updated_at` datetime NOT NULL
);
-- Create index "notes_created_at" to table: "notes"
CREATE INDEX `notes_created_at` ON `notes` (`created_at`, `id`);

-- slipway:down
-- PRAGMA foreign_keys = off;
-- DROP TABLE `users`;
-- DROP TABLE `posts`;
-- DROP TABLE `notes`;
-- PRAGMA foreign_keys = on;
