-- An error with bytes that are no text.
-- load: error
-- event: error
error("\255\254\0\1 bad \xc3\x28", 0)
