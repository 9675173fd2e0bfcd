-- Every kind of work on a large table: a column that is there at once, a column whose rows are copied, an index, rows changed.
ALTER TABLE `notes` ADD COLUMN `colour` varchar(20) NULL;
ALTER TABLE `notes` MODIFY COLUMN `title` varchar(250) NOT NULL, ALGORITHM=COPY;
ALTER TABLE `notes` ADD INDEX `notes_colour` (`colour`);
UPDATE `notes` SET `colour` = concat('c', `id` % 7), `content` = concat(`content`, '!');
ALTER TABLE `notes` MODIFY COLUMN `colour` varchar(20) NOT NULL;
