-- Equality of two equal texts of nearly a megabyte.
-- load: budget
-- event: budget
local a, b = string.rep("a", 700000) .. "x", string.rep("a", 700000) .. "x"
for _ = 1, 20000 do end
while true do
  if a == b then end
  if a == b then end
  if a == b then end
  if a == b then end
end
