CREATE TABLE customers (
  id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email varchar(120) NOT NULL,
  name varchar(80) NOT NULL DEFAULT '',
  city varchar(50) NOT NULL DEFAULT 'NULL',
  joined timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  balance decimal(10,2) NOT NULL DEFAULT 0.00,
  CONSTRAINT balance_ok CHECK (balance >= 0 AND name <> 'it''s me'),
  UNIQUE KEY email (email),
  KEY city (city)
) COMMENT='people who rent';
CREATE TABLE items (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  title varchar(200) NOT NULL,
  body text,
  city varchar(50) NOT NULL DEFAULT '',
  price double NOT NULL DEFAULT 1e2,
  is_new tinyint(1) NOT NULL DEFAULT 1,
  place point NULL,
  stock bigint unsigned NOT NULL DEFAULT 18446744073709551615,
  seen datetime NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  FULLTEXT KEY words (title, body),
  KEY city (city),
  KEY price (price DESC),
  KEY unseen (is_new) INVISIBLE
) ROW_FORMAT=DYNAMIC;
CREATE TABLE rentals (
  id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id int unsigned NOT NULL,
  item_id bigint unsigned NOT NULL,
  rented_at datetime NOT NULL,
  returned_at datetime NULL,
  CONSTRAINT rentals_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE,
  CONSTRAINT rentals_item FOREIGN KEY (item_id) REFERENCES items (id)
);
CREATE TABLE item_tags (
  item_id bigint unsigned NOT NULL,
  tag varchar(30) NOT NULL,
  PRIMARY KEY (item_id, tag),
  CONSTRAINT item_tags_item FOREIGN KEY (item_id) REFERENCES items (id)
);
INSERT INTO customers (email, name) VALUES ('a@example.com', 'Ann'), ('b@example.com', 'Bob');
INSERT INTO items (title, body, stock) VALUES ('Tent', 'For two', 3), ('Kayak', NULL, 4);
INSERT INTO rentals (customer_id, item_id, rented_at) VALUES (1, 1, '2026-01-02 10:00:00'), (2, 2, '2026-01-03 10:00:00');
INSERT INTO item_tags VALUES (1, 'camp'), (2, 'water');
CREATE VIEW open_rentals AS SELECT * FROM rentals WHERE returned_at IS NULL;
CREATE TRIGGER returned BEFORE INSERT ON rentals FOR EACH ROW SET NEW.returned_at = NULL
