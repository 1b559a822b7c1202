-- next with a key that is not in the table.
-- load: error
-- event: error
next({}, "missing")
