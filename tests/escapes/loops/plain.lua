-- An endless loop.
-- load: budget
-- event: budget
while true do end
