-- A break outside a loop.
-- load: error
-- event: error
break
