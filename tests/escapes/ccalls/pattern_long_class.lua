-- A set of 500 bytes is looked through for each byte of a long text.
-- load: budget
-- event: budget
local set = {}
for i = 1, 480 do
  set[i] = string.char(128 + i % 120)
end
local s, p = string.rep("a", 900000), "^[^" .. table.concat(set) .. "]*$"
for _ = 1, 20000 do end
while true do
  string.find(s, p)
end
