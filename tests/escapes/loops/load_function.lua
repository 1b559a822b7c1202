-- A loop inside loaded text.
-- load: budget
-- event: budget
load("while true do end")()
