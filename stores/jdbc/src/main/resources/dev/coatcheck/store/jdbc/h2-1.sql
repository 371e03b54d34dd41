CREATE TABLE IF NOT EXISTS ${table} (
    session_key character(32) NOT NULL PRIMARY KEY,
    version integer NOT NULL,
    write_id bigint NOT NULL,
    accessed_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    content binary varying(1000000) NOT NULL
);

CREATE INDEX IF NOT EXISTS ${table}_expires_at ON ${table} (expires_at);

CREATE TABLE IF NOT EXISTS ${table}_schema (
    id integer NOT NULL PRIMARY KEY,
    version integer NOT NULL
);

INSERT INTO ${table}_schema (id, version) VALUES (1, 1);
