-- A yield out of the event.
-- load: error
-- event: error
coroutine.yield(1, 2, 3)
