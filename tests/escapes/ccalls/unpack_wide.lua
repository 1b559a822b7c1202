-- table.unpack of a million values.
-- load: error
-- event: error
table.unpack({}, 1, 1000000)
