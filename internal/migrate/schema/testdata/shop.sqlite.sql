CREATE TABLE `items` (
  `id` integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  `name` text NOT NULL,
  `text` text NOT NULL DEFAULT 'none',
  `price` numeric NOT NULL DEFAULT 1.5,
  `on` bool NOT NULL DEFAULT true,
  `kind` text NOT NULL DEFAULT 'b',
  `made` datetime NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
  `seen` datetime NULL DEFAULT (CURRENT_TIMESTAMP),
  `level` integer NOT NULL DEFAULT -1,
  `label` text NOT NULL DEFAULT 'it''s',
  `double` numeric NULL AS (`price` * 2) STORED,
  `parent` integer NULL,
  CONSTRAINT `items_parent` FOREIGN KEY (`parent`) REFERENCES `items` (`id`) ON DELETE SET NULL,
  CONSTRAINT `items_name_type` CHECK (typeof(`name`) IN ('text', 'null') AND length(`name`) <= 80),
  CONSTRAINT `items_text_type` CHECK (typeof(`text`) IN ('text', 'null')),
  CONSTRAINT `items_price_type` CHECK (typeof(`price`) IN ('integer', 'real', 'null') AND abs(`price`) < 1e8 AND round(`price`, 2) = `price`),
  CONSTRAINT `items_on_type` CHECK (`on` IN (0, 1)),
  CONSTRAINT `items_kind_type` CHECK (`kind` IN ('it''s', 'b')),
  CONSTRAINT `items_made_type` CHECK (datetime(substr(`made`, 1, 19)) IS substr(`made`, 1, 19) AND ltrim(substr(`made`, 20), '.0123456789') IN ('', '+00:00')),
  CONSTRAINT `items_seen_type` CHECK (datetime(substr(`seen`, 1, 19)) IS substr(`seen`, 1, 19) AND ltrim(substr(`seen`, 20), '.0123456789') IN ('', '+00:00') AND substr(`seen`, 1, 19) BETWEEN '1970-01-01 00:00:01' AND '2038-01-19 03:14:07'),
  CONSTRAINT `items_level_type` CHECK (typeof(`level`) IN ('integer', 'null') AND `level` BETWEEN -2147483648 AND 2147483647),
  CONSTRAINT `items_label_type` CHECK (typeof(`label`) IN ('text', 'null') AND length(`label`) <= 20),
  CONSTRAINT `items_double_type` CHECK (typeof(`double`) IN ('integer', 'real', 'null') AND abs(`double`) < 1e10 AND round(`double`, 2) = `double`),
  CONSTRAINT `items_parent_type` CHECK (typeof(`parent`) IN ('integer', 'null')),
  CONSTRAINT `items_price` CHECK (`price` >= 0)
);
CREATE UNIQUE INDEX `items_name` ON `items` (`name`);
CREATE INDEX `items_made` ON `items` (`made` DESC, `id`);
CREATE INDEX `items_text_prefix` ON `items` (`text`);
CREATE UNIQUE INDEX `items_label_prefix` ON `items` ((substr(`label`, 1, 4)));
CREATE INDEX `items_lowered` ON `items` ((lower(`name`)));
CREATE TABLE `parts` (
  `place` integer NOT NULL,
  `item_id` integer NOT NULL,
  PRIMARY KEY (`place`, `item_id`),
  CONSTRAINT `parts_item_id` FOREIGN KEY (`item_id`) REFERENCES `items` (`id`) ON UPDATE CASCADE ON DELETE CASCADE,
  CONSTRAINT `parts_place_type` CHECK (typeof(`place`) IN ('integer', 'null') AND `place` BETWEEN -2147483648 AND 2147483647),
  CONSTRAINT `parts_item_id_type` CHECK (typeof(`item_id`) IN ('integer', 'null'))
);
CREATE INDEX `parts_name` ON `parts` (`place`);
