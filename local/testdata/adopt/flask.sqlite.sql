CREATE TABLE user (
	id INTEGER NOT NULL, 
	username VARCHAR(80) NOT NULL, 
	bio TEXT, 
	is_active BOOLEAN, 
	created_at DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (username)
);
CREATE TABLE post (
	id INTEGER NOT NULL, 
	title VARCHAR(200) NOT NULL, 
	user_id INTEGER NOT NULL REFERENCES user, 
	PRIMARY KEY (id)
);
INSERT INTO user VALUES (1, 'ada', NULL, 1, '2026-01-02 03:04:05.000000');
INSERT INTO post VALUES (1, 'Hello', 1);
CREATE TRIGGER shout AFTER INSERT ON post BEGIN UPDATE post SET title = upper(title) WHERE id = new.id; END;
CREATE VIEW titles AS SELECT title FROM post
