-- A forged error of full memory must not do more than stop the script.
-- load: error|memory
-- event: error|memory
error("not enough memory", 0)
