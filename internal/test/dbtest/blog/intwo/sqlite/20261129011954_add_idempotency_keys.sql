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
-- DROP TABLE `idempotency_keys`;
