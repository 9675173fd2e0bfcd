SET SESSION sql_mode = '';
CREATE TABLE wb_users (
  ID bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  user_login varchar(60) NOT NULL DEFAULT '',
  user_registered datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  PRIMARY KEY (ID),
  KEY user_login_key (user_login)
) COLLATE=utf8mb4_unicode_ci;
CREATE TABLE wb_posts (
  ID bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  post_author bigint(20) unsigned NOT NULL DEFAULT 0,
  post_date datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  post_content longtext NOT NULL,
  post_status varchar(20) NOT NULL DEFAULT 'publish',
  post_name varchar(200) NOT NULL DEFAULT '',
  menu_order int(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (ID),
  KEY post_name (post_name(191)),
  KEY type_status_date (post_status, post_date, ID)
) COLLATE=utf8mb4_unicode_ci;
CREATE TABLE wb_meta (
  meta_id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  post_id bigint(20) unsigned NOT NULL DEFAULT 0,
  meta_key varchar(255) DEFAULT NULL,
  meta_value longtext,
  PRIMARY KEY (meta_id),
  KEY post_id (post_id),
  KEY meta_key (meta_key(191))
) COLLATE=utf8mb4_unicode_ci;
INSERT INTO wb_users (user_login) VALUES ('ada');
INSERT INTO wb_posts (post_author, post_content, post_name, post_date) VALUES (1, 'Hello', 'hello', '2026-01-02 03:04:05');
INSERT INTO wb_meta (post_id, meta_key, meta_value) VALUES (1, 'likes', '7')
