-- sort in sort in sort.
-- load: budget|memory
-- event: budget|memory
local function f(a, b)
  table.sort({ 2, 1 }, f)
  return a < b
end
while true do
  pcall(table.sort, { 2, 1 }, f)
end
