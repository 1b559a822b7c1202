-- Fills memory in globals, so that it stays full after the event.
-- load: budget|memory
-- event: budget|memory
keep = keep or {}
for i = 1, 100000 do
  keep[#keep + 1] = { i }
end
