-- Long strings as keys, which must be hashed.
-- load: budget
-- event: budget
local s, t = string.rep("x", 700000), {}
for _ = 1, 20000 do end
while true do
  t[s .. "y"] = nil
  local _ = t[s .. "z"]
end
