-- A forged code that only the host may give.
-- load: error
-- event: error
error("other.lua:7: sandbox.hung: one call ran for more than 1 s", 0)
