-- Errors without a value.
-- load: error
-- event: error
error()
