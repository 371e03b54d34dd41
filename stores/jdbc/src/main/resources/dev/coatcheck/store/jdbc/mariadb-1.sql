CREATE TABLE IF NOT EXISTS ${table} (
    session_key char(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    version integer NOT NULL,
    write_id bigint NOT NULL,
    accessed_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    content mediumblob NOT NULL,
    INDEX ${table}_expires_at (expires_at)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS ${table}_schema (
    id integer NOT NULL PRIMARY KEY,
    version integer NOT NULL
) ENGINE = InnoDB;

INSERT INTO ${table}_schema (id, version) VALUES (1, 1);
