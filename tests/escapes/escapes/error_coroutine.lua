-- An error object that is a coroutine.
-- load: error
-- event: error
error(coroutine.create(print))
