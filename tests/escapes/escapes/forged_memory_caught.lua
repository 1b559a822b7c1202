-- A forged error of full memory, caught.
-- load: ok|memory
-- event: ok|memory
pcall(error, "not enough memory", 0)
