-- Create index "posts_user_id" to table: "posts"
CREATE INDEX `posts_user_id` ON `posts` (`user_id`);
-- Create "idempotency_keys" table
CREATE TABLE `idempotency_keys` (
  `id` varchar NOT NULL,
  `request` varchar NOT NULL,
  `owner` varchar NOT NULL,
  `answer` text NULL,
  `location` varchar NOT NULL,
  `created_at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- Create index "idempotency_keys_created_at" to table: "idempotency_keys"
CREATE INDEX `idempotency_keys_created_at` ON `idempotency_keys` (`created_at`);

-- slipway:down
-- PRAGMA foreign_keys = off;
-- DROP INDEX `posts_user_id`;
-- DROP TABLE `idempotency_keys`;
-- PRAGMA foreign_keys = on;
