-- A leak of many small tables at each tick.
-- load: ok
-- event: memory
leak = leak or {}
for i = 1, 1500 do
  leak[#leak + 1] = { i }
end
