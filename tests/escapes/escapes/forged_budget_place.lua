-- A forged budget error with a place.
-- load: error
-- event: error
error("init.lua:1: sandbox.budget_exceeded: 1000000 instructions per event", 0)
