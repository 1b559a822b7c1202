-- Nearly full memory, so that every allocation collects all.
-- load: budget
-- event: budget
local keep = {}
for i = 1, 12000 do
  keep[i] = { i, { i } }
end
while true do
  local _ = { {}, {}, {} }
end
