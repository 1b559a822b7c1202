-- __pairs loops.
-- load: budget
-- event: budget
for _ in pairs(setmetatable({}, { __pairs = function()
  while true do end
end })) do
end
