-- A table nested so deep that marking it needs room.
-- load: budget|memory
-- event: budget|memory
local t = {}
for _ = 1, 1e7 do
  t = { t }
end
