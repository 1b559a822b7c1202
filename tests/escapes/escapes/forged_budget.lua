-- A forged budget error must count as an error of the script.
-- load: error
-- event: error
error("sandbox.budget_exceeded: 1000000 instructions per event", 0)
