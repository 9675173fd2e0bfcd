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

-- slipway:down
-- DROP TABLE `idempotency_keys`;
