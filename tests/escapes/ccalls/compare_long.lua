-- Comparing texts of nearly a megabyte that differ in the last byte.
-- load: budget
-- event: budget
local a, b = string.rep("a", 700000) .. "x", string.rep("a", 700000) .. "y"
for _ = 1, 20000 do end
local n = 0
while true do
  if a < b then n = n + 1 end
  if a < b then n = n + 1 end
  if a < b then n = n + 1 end
  if a < b then n = n + 1 end
  if a < b then n = n + 1 end
  if a < b then n = n + 1 end
  if a < b then n = n + 1 end
  if a < b then n = n + 1 end
end
