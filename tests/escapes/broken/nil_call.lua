-- A call of nothing.
-- load: error
-- event: error
undefined_function()
