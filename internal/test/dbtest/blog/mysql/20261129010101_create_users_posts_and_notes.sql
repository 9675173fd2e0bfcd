-- Create "users" table
CREATE TABLE `users` (
  `id` bigint NOT NULL AUTO_INCREMENT,
  `username` varchar(80) NOT NULL,
  `email` varchar(120) NOT NULL,
  `bio` longtext NULL,
  `is_active` bool NOT NULL DEFAULT true,
  `score` double NOT NULL DEFAULT 0,
  `created_at` datetime(6) NOT NULL,
  `updated_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `users_username` (`username`),
  UNIQUE INDEX `users_email` (`email`),
  INDEX `users_created_at` (`created_at`, `id`)
) CHARSET utf8mb4 COLLATE utf8mb4_0900_bin;
-- Create "notes" table
CREATE TABLE `notes` (
  `id` bigint NOT NULL AUTO_INCREMENT,
  `title` varchar(200) NOT NULL,
  `content` longtext NOT NULL,
  `created_at` datetime(6) NOT NULL,
  `updated_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `notes_created_at` (`created_at`, `id`)
) CHARSET utf8mb4 COLLATE utf8mb4_0900_bin;
-- Create "idempotency_keys" table
CREATE TABLE `idempotency_keys` (
  `id` varchar(64) NOT NULL,
  `request` varchar(64) NOT NULL,
  `owner` varchar(32) NOT NULL,
  `answer` longtext NULL,
  `location` varchar(255) NOT NULL,
  `created_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `idempotency_keys_created_at` (`created_at`)
) CHARSET utf8mb4 COLLATE utf8mb4_0900_bin;
-- Create "posts" table
CREATE TABLE `posts` (
  `id` bigint NOT NULL AUTO_INCREMENT,
  `title` varchar(200) NOT NULL,
  `body` longtext NULL,
  `user_id` bigint NOT NULL,
  `created_at` datetime(6) NOT NULL,
  `updated_at` datetime(6) NOT NULL,
  PRIMARY KEY (`id`),
  INDEX `posts_user_id` (`user_id`),
  INDEX `posts_user_id_created_at` (`user_id`, `created_at`, `id`),
  INDEX `posts_created_at` (`created_at`, `id`),
  CONSTRAINT `posts_user_id` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON UPDATE NO ACTION ON DELETE CASCADE
) CHARSET utf8mb4 COLLATE utf8mb4_0900_bin;

-- slipway:down
-- DROP TABLE `posts`;
-- DROP TABLE `notes`;
-- DROP TABLE `idempotency_keys`;
-- DROP TABLE `users`;
