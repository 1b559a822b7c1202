-- A table that asks for much room at once.
-- load: memory|budget|error
-- event: memory|budget|error
local t = {}
for i = 30, 10, -1 do
  t[1 << i] = 1
end
for i = 1, 1e6 do
  t[i] = i
end
