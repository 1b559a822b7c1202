-- One large hash.
-- load: budget|memory
-- event: budget|memory
local t = {}
for i = 1, 1e9 do
  t["k" .. i] = true
end
